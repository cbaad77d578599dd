package postgrestest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// blank names the template of an empty database. Template1 may hold what the
// owner of the server has put there.
const blank = "template0 ENCODING 'UTF8'"

// server is where databases are made. It is looked for once, at first use.
type server struct {
	url      string                 // of a database to give orders from; unless given, TEST_DATABASE_URL
	programs func() (string, error) // see [source.programs]

	once      sync.Once
	err       error
	cluster   *Cluster
	templates sync.Map // from a function's address to a func() (string, error)
}

func (s *server) open() error {
	s.once.Do(func() {
		if s.url == "" { // not read at init, where the cache of go test would miss it
			s.url = os.Getenv("TEST_DATABASE_URL")
		}
		if s.url != "" {
			s.err = check(s.url)
			return
		}
		if s.cluster, s.err = newCluster(s.programs); s.err == nil {
			s.url = s.cluster.URL("postgres")
		}
	})
	return s.err
}

// check refuses what [inDatabase] could not point at another database. Its
// errors do not quote the URL, which holds a password.
func check(server string) error {
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return errors.New("TEST_DATABASE_URL is not a postgres:// URL")
	}
	if q := u.Query(); q.Has("dbname") || q.Has("database") {
		return errors.New("TEST_DATABASE_URL must name its database in the path")
	}
	return nil
}

// inDatabase is the URL of the database called name on the same server.
func inDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic("postgrestest: an unchecked URL") // see check
	}
	u.Path = "/" + name
	return u.String()
}

func (s *server) template(migrate func(context.Context, string) error) (string, error) {
	once, _ := s.templates.LoadOrStore(reflect.ValueOf(migrate).Pointer(), sync.OnceValues(func() (string, error) {
		name, err := s.create(blank)
		if err != nil {
			return "", err
		}
		return name, migrate(context.Background(), inDatabase(s.url, name))
	}))
	return once.(func() (string, error))()
}

// database makes a database for t alone and returns its URL.
func (s *server) database(t testing.TB, template string) string {
	t.Helper()
	name, err := s.create(template)
	if err != nil {
		t.Fatalf("make a database: %v", err)
	}
	t.Cleanup(func() {
		if err := s.drop(name); err != nil {
			t.Errorf("drop the database: %v", err)
		}
	})
	return inDatabase(s.url, name)
}

func (s *server) create(template string) (name string, err error) {
	if err := s.open(); err != nil {
		return "", err
	}
	name = "taskhold_test_" + strings.ToLower(rand.Text())
	return name, s.exec("CREATE DATABASE " + name + " TEMPLATE " + template)
}

func (s *server) drop(name string) error {
	return s.exec("DROP DATABASE " + name + " WITH (FORCE)")
}

// exec runs one statement on a connection of its own: no pool's goroutines
// outlive it to alarm a test that counts them.
func (s *server) exec(statement string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.url)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

// close ends the cluster, or drops the templates where the server lives on.
func (s *server) close() error {
	if s.cluster != nil {
		return s.cluster.remove()
	}
	var errs []error
	s.templates.Range(func(_, once any) bool {
		if name, _ := once.(func() (string, error))(); name != "" {
			errs = append(errs, s.drop(name))
		}
		return true
	})
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("drop the template databases: %w", err)
	}
	return nil
}
