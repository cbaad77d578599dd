package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"taskhold/adapters/postgres/postgrestest"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports/storetest"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m)) }

// migrated prepares the template of every test's database.
func migrated(ctx context.Context, url string) error {
	s, err := Open(ctx, url, Options{})
	if err != nil {
		return err
	}
	return errors.Join(s.Migrate(ctx), s.Close())
}

// start opens a store that ends with the test.
func start(t testing.TB, url string, o Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func user(t testing.TB, text string) identity.UserID {
	t.Helper()
	u, err := identity.ParseUserID(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// titled makes a task that no store has seen.
func titled(t testing.TB, u identity.UserID, title string) task.Task {
	t.Helper()
	var random [8]byte
	rand.Read(random[:]) // never fails
	now := time.Now()
	made, err := task.New(task.NewID(now, random), u, task.Change{Title: task.Some(title)}, now)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// must ends the test at an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sql runs a statement that the store has none for.
func (s *Store) sql(t testing.TB, statement string, args ...any) {
	t.Helper()
	if _, err := s.pool.Exec(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestContract(t *testing.T) {
	for name, o := range map[string]Options{
		"with prepared statements":    {},
		"without prepared statements": {NoPrepare: true, PoolSize: 4},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, postgrestest.Open(t, migrated), o)
			storetest.Run(t, func(testing.TB) storetest.Subject { return s }, storetest.WithFill(fill))
		})
	}
}

// fill is many times faster than a claim for each, which counts those before.
func fill(ctx context.Context, s storetest.Subject, user identity.UserID, keys []string, at time.Time) error {
	_, err := s.(*Store).pool.Exec(ctx, `INSERT INTO replays (user_id, key, claimed_at, status, request, location, etag, body)
		SELECT $1, key, $2, 0, $3, '', '', '' FROM unnest($4::text[]) AS key`, user.String(), at, make([]byte, 32), keys)
	return err
}

func TestStatementsAreNotPreparedByNameIfSo(t *testing.T) {
	ann := user(t, "ann")
	for name, o := range map[string]Options{"prepared": {PoolSize: 1}, "not prepared": {PoolSize: 1, NoPrepare: true}} {
		s := start(t, postgrestest.Open(t, migrated), o)
		must(t, s.Insert(t.Context(), titled(t, ann, "milk"), 10))
		var prepared int
		must(t, s.pool.QueryRow(t.Context(), "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%tasks%'").Scan(&prepared))
		if (prepared > 0) == o.NoPrepare {
			t.Errorf("%s: %d statements are prepared by name", name, prepared)
		}
	}
}

func TestURLThatCannotBeReadIsRefusedWithoutQuotingIt(t *testing.T) {
	for _, url := range []string{"postgres://joe:secret@host:port/tasks", "postgres://joe:secret@host/tasks?sslmode=maybe", "host=joe password=secret port=x", "postgres:host=joe password=secret:x"} {
		_, openErr := Open(t.Context(), url, Options{})
		for _, err := range []error{openErr, CheckURL(url)} {
			if err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "joe") {
				t.Errorf("%s: error %v", url, err)
			}
		}
	}
}

func TestURLMayListSeveralHosts(t *testing.T) {
	for _, url := range []string{
		"postgres://ann@one:5432,two:5433/tasks?target_session_attrs=read-write",
		"postgresql://ann@/tasks?host=/run/postgresql", "postgres://ann@host/tasks?sslmode=require&application_name=taskhold",
	} {
		if err := CheckURL(url); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// as is the URL of a database for another role.
func as(address, role, password string) string {
	u, _ := url.Parse(address)
	u.User = url.UserPassword(role, password)
	return u.String()
}
