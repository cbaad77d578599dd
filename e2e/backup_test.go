package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"taskhold/adapters/postgres/postgrestest"
)

// memory is what a user of the program knows of it, and wants to find in a copy.
type memory struct {
	token          string
	created, first reply // by a key; and a page of one task
	next           string
	second         reply // the page after it
}

const kept = `{"title": "kept"}`

// remember has a user make three tasks, one of them by a key, and begin to page.
func remember(t *testing.T, s *server, token string) memory {
	t.Helper()
	m := memory{token: token}
	c := s.as(token)
	m.created = c.keyed("k").want(t, http.StatusCreated, "POST", "/v1/tasks", kept)
	for range 2 {
		c.want(t, http.StatusCreated, "POST", "/v1/tasks", kept)
	}
	m.first = c.want(t, http.StatusOK, "GET", "/v1/tasks?limit=1", "")
	m.next = "/v1/tasks?limit=1&cursor=" + decode[struct {
		Next string `json:"next_cursor"`
	}](t, m.first).Next
	m.second = c.want(t, http.StatusOK, "GET", m.next, "")
	return m
}

// keyed is the client with an Idempotency-Key.
func (c client) keyed(key string) client {
	return client{c.url, map[string]string{"Authorization": c.headers["Authorization"], "Idempotency-Key": key}}
}

// hold wants a program to know all that.
func (m memory) hold(t *testing.T, s *server) {
	t.Helper()
	c := s.as(m.token)
	if again := c.keyed("k").want(t, http.StatusCreated, "POST", "/v1/tasks", kept); again.body != m.created.body || again.header.Get("Idempotent-Replayed") == "" {
		t.Errorf("the key gives %s, want the first reply %s", again.body, m.created.body)
	}
	if first := c.want(t, http.StatusOK, "GET", "/v1/tasks?limit=1", ""); decode[listed](t, first).Items[0] != decode[listed](t, m.first).Items[0] {
		t.Errorf("the first page is %s, want %s", first.body, m.first.body)
	}
	if second := c.want(t, http.StatusOK, "GET", m.next, ""); decode[listed](t, second).Items[0] != decode[listed](t, m.second).Items[0] {
		t.Errorf("by the old cursor comes %s, want %s", second.body, m.second.body)
	}
	if n := len(c.list(t)); n != 3 {
		t.Errorf("the user has %d tasks, want 3", n)
	}
}

type listed struct{ Items []task }

// command runs a program that has to succeed, and returns what it said.
func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	began := time.Now()
	said, err := exec.CommandContext(t.Context(), needed(t, name), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, said)
	}
	t.Logf("%s took %.1f s", name, time.Since(began).Seconds())
	return string(said)
}

// TestDumpIsRestoredIntoAnotherPostgreSQL dumps while clients write, and starts
// the program on what a fresh cluster makes of that.
func TestDumpIsRestoredIntoAnotherPostgreSQL(t *testing.T) {
	t.Parallel()
	secret, database := newSecret(), postgrestest.Empty(t)
	server := serve(t, unlimited(secret, "DATABASE_URL="+database)...)
	m := remember(t, server, tokensBy(t, secret)("ann"))
	clients := begin(t, server.url, secret, false)
	time.Sleep(500 * time.Millisecond)
	file := filepath.Join(t.TempDir(), "tasks.dump")
	command(t, "pg_dump", "--format=custom", "--no-owner", "--file="+file, database)
	if report := end(t, clients); report.Failed() > 0 {
		t.Errorf("%d requests failed beside the dump", report.Failed())
	}

	restored := postgrestest.StartCluster(t).URL("postgres")
	command(t, "pg_restore", "--exit-on-error", "--no-owner", "--dbname="+restored, file)
	m.hold(t, serve(t, unlimited(secret, "DATABASE_URL="+restored)...))
}

// TestSQLiteIsCopiedWhileItIsWritten copies the file of a program that clients
// write by, in each way that docs/operate.md names.
func TestSQLiteIsCopiedWhileItIsWritten(t *testing.T) {
	t.Parallel()
	for name, copied := range map[string]func(from, to string) []string{
		"by VACUUM INTO": func(from, to string) []string { return []string{from, "VACUUM INTO '" + to + "'"} },
		"by .backup":     func(from, to string) []string { return []string{from, ".timeout 5000", ".backup '" + to + "'"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			secret, folder := newSecret(), t.TempDir()
			from, to := filepath.Join(folder, "tasks.db"), filepath.Join(folder, "copy.db")
			server := serve(t, unlimited(secret, "DATABASE_URL=sqlite:"+from)...)
			m := remember(t, server, tokensBy(t, secret)("ann"))
			clients := begin(t, server.url, secret, false)
			time.Sleep(500 * time.Millisecond)
			command(t, "sqlite3", copied(from, to)...)
			if report := end(t, clients); report.Failed() > 0 {
				t.Errorf("%d requests failed beside the copy", report.Failed())
			}
			if said := command(t, "sqlite3", to, "PRAGMA integrity_check"); strings.TrimSpace(said) != "ok" {
				t.Errorf("the copy is not whole: %s", said)
			}
			m.hold(t, serve(t, unlimited(secret, "DATABASE_URL=sqlite:"+to)...))
		})
	}
}

// TestSQLiteIsOneFileOnceStopped is what lets an operator without tools copy it.
func TestSQLiteIsOneFileOnceStopped(t *testing.T) {
	t.Parallel()
	secret, folder := newSecret(), t.TempDir()
	from, to := filepath.Join(folder, "tasks.db"), filepath.Join(folder, "copy.db")
	environment := unlimited(secret, "DATABASE_URL=sqlite:"+from, "API_HOST=127.0.0.1", "API_PORT=0", "ADMIN_ADDR=off")
	s := &server{process: start(t, "", environment, binary, "serve")}
	s.url = "http://" + s.await(t, serverListens)
	m := remember(t, s, tokensBy(t, secret)("ann"))
	s.stop(t)
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("a program that was stopped leaves %v, %v; want one file", left, err)
	}
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	m.hold(t, serve(t, unlimited(secret, "DATABASE_URL=sqlite:"+to)...))
}
