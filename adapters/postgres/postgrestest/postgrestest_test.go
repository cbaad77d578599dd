package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

func TestParallelTestsDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	for i := range 16 {
		t.Run(fmt.Sprintf("test %d", i), func(t *testing.T) {
			t.Parallel()
			url := Open(t, notes)
			if err := run(t.Context(), url, fmt.Sprintf("INSERT INTO notes VALUES (%d)", i)); err != nil {
				t.Fatal(err)
			}
			if got, want := query(t, url, "SELECT id FROM notes"), fmt.Sprint(i); got != want {
				t.Errorf("got notes %s, want only %s", got, want)
			}
		})
	}
}

func TestOneMigrationServesAllItsTests(t *testing.T) {
	t.Parallel()
	var runs atomic.Int32
	migrate := func(context.Context, string) error { runs.Add(1); return nil }
	t.Run("group", func(t *testing.T) {
		for range 4 {
			t.Run("", func(t *testing.T) { t.Parallel(); Open(t, migrate) })
		}
	})
	if got := runs.Load(); got != 1 {
		t.Errorf("got %d runs of the migration, want 1", got)
	}
}

func TestAnotherMigrationMakesAnotherTemplate(t *testing.T) {
	t.Parallel()
	Open(t, notes)
	url := Open(t, func(ctx context.Context, url string) error { return run(ctx, url, "CREATE TABLE others ()") })
	if got := query(t, url, tables); got != "others" {
		t.Errorf("got tables %s, want others", got)
	}
}

const tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'"

func TestAnEmptyDatabaseIsEmptyAndUTF8(t *testing.T) {
	t.Parallel()
	Open(t, notes)
	url := Empty(t)
	if got := query(t, url, tables); got != "" {
		t.Errorf("got tables %s, want none", got)
	}
	if got := query(t, url, "SHOW server_encoding"); got != "UTF8" {
		t.Errorf("got encoding %s, want UTF8", got)
	}
}

func TestADatabaseGoesWithItsTestThoughSomebodyIsConnected(t *testing.T) {
	t.Parallel()
	r := new(recorder)
	used := Open(r, notes)
	if err := run(t.Context(), used, "SELECT 1"); err != nil {
		t.Fatal(err)
	}
	hold(t, used)
	r.end()
	if r.failure != "" {
		t.Error(r.failure)
	}
	if err := run(t.Context(), used, "SELECT 1"); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("got %v, want that the database does not exist", err)
	}
}

func TestEveryTestHearsOfAFailedMigration(t *testing.T) {
	t.Parallel()
	migrate := func(context.Context, string) error { return errors.New("no such column") }
	for range 2 {
		got := failureOf(func(t testing.TB) { Open(t, migrate) })
		if want := "prepare a template database: no such column"; got != want {
			t.Errorf("got failure %q, want %q", got, want)
		}
	}
}

func TestOnAServerThatLivesOn(t *testing.T) {
	t.Parallel()
	admin := StartCluster(t).URL("postgres")
	if err := run(t.Context(), admin, "CREATE ROLE tester LOGIN CREATEDB PASSWORD 'secret'"); err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(admin)
	u.User = url.UserPassword("tester", "secret")
	s := &server{url: u.String()}
	before := query(t, admin, databases)

	t.Run("a role that may only create databases is enough", func(t *testing.T) {
		template, err := s.template(notes)
		if err != nil {
			t.Fatal(err)
		}
		if got := query(t, s.database(t, template), tables); got != "notes" {
			t.Errorf("got tables %q, want notes", got)
		}
		s.database(t, blank)
	})
	t.Run("only the template outlives the test", func(t *testing.T) {
		if got := query(t, admin, databases+" AND datname NOT LIKE 'taskhold_test_%'"); got != before {
			t.Errorf("got databases %s without the template, want %s", got, before)
		}
	})
	t.Run("nothing outlives the process", func(t *testing.T) {
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
		if got := query(t, admin, databases); got != before {
			t.Errorf("got databases %s, want %s", got, before)
		}
	})
}

const databases = "SELECT datname::text FROM pg_database WHERE true"

func TestAnUnfitURLIsRefusedWithoutQuotingIt(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]string{
		"keywords":                       "host=localhost password=secret",
		"another scheme":                 "mysql://u:secret@localhost/db",
		"not a URL":                      "postgres://u:secret@local host/%zz",
		"a database outside the path":    "postgres://u:secret@localhost/?dbname=db",
		"a database under pgx's keyword": "postgres://u:secret@localhost/?database=db",
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{url: bad}
			got := failureOf(func(t testing.TB) { s.database(t, blank) })
			if !strings.Contains(got, "TEST_DATABASE_URL") || strings.Contains(got, "secret") {
				t.Errorf("got %q, want the variable's name and not its value", got)
			}
		})
	}
}

func TestTheServerOfTheEnvironmentIsUsed(t *testing.T) {
	t.Setenv("TEST_DATABASE_URL", "postgres://nobody@127.0.0.1:1/postgres?connect_timeout=5")
	got := failureOf(func(t testing.TB) { new(server).database(t, blank) })
	if !strings.Contains(got, "127.0.0.1:1") {
		t.Errorf("got %q, want a failure to reach 127.0.0.1:1", got)
	}
}

func TestWithoutAnyServerATestFailsAndSaysWhatToDo(t *testing.T) {
	t.Setenv("TEST_DATABASE_URL", "")
	none := source{
		folders:  func() []string { return []string{t.TempDir()} },
		download: func() (string, error) { return "", errors.New("no network") },
	}
	got := failureOf(func(t testing.TB) { (&server{programs: none.programs}).database(t, blank) })
	for _, want := range []string{"Set TEST_DATABASE_URL", "install PostgreSQL", "no network"} {
		if !strings.Contains(got, want) {
			t.Errorf("got failure %q, want %q in it", got, want)
		}
	}
}

func TestAnotherDatabaseOfAServer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ server, want string }{
		"by address":         {"postgres://u:p@db:5432/postgres?sslmode=require", "postgres://u:p@db:5432/other?sslmode=require"},
		"without a database": {"postgresql://u@db", "postgresql://u@db/other"},
		"by socket":          {"postgres://u@/postgres?host=/run", "postgres://u@/other?host=/run"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := inDatabase(tt.server, "other"); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
