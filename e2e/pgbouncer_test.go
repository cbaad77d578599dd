package e2e

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"taskhold/adapters/httpapi/apitest"
	"taskhold/adapters/postgres"
	"taskhold/adapters/postgres/postgrestest"
	"taskhold/domain/identity"
	"taskhold/ports/storetest"
)

// pooler is a PgBouncer before an empty database, at a socket of its own.
type pooler struct {
	*process
	folder   string
	database string // past the pooler
}

var poolerReady = regexp.MustCompile(`(process up)`)

// poolerSize is how many connections a pooler has to PostgreSQL.
const poolerSize = 5

// startPooler starts one with few connections, all of which may be used by
// anybody, so that whatever a session were trusted to keep is lost at once.
func startPooler(t *testing.T, mode string) *pooler {
	t.Helper()
	folder, err := os.MkdirTemp("", "pgbouncer-") //nolint:usetesting // that of the test may have too long a name for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	p := &pooler{folder: folder, database: postgrestest.Empty(t)}
	p.configure(t, mode)
	p.again(t)
	return p
}

func (p *pooler) configure(t *testing.T, mode string) {
	t.Helper()
	database, err := pgx.ParseConfig(p.database)
	if err != nil {
		t.Fatal(err)
	}
	settings := fmt.Sprintf("[databases]\ntasks = host=%s port=%d dbname=%s user=%s password=%s\n"+
		"[pgbouncer]\npool_mode = %s\ndefault_pool_size = %d\nmax_client_conn = 100\n"+
		"listen_addr =\nunix_socket_dir = %s\nauth_type = any\n", // the folder keeps everybody else out
		database.Host, database.Port, database.Database, database.User, database.Password, mode, poolerSize, p.folder)
	if os.Geteuid() == 0 {
		settings += "user = nobody\n" // PgBouncer refuses to run as root
		give(t, p.folder, "nobody")
	}
	if err := os.WriteFile(filepath.Join(p.folder, "ini"), []byte(settings), 0o644); err != nil {
		t.Fatal(err)
	}
}

func give(t *testing.T, folder, name string) {
	t.Helper()
	to, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	id, err := strconv.Atoi(to.Uid)
	if err == nil {
		err = os.Chown(folder, id, -1)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// again starts it once more, after it was killed.
func (p *pooler) again(t *testing.T) {
	t.Helper()
	p.process = start(t, p.folder, nil, needed(t, "pgbouncer"), filepath.Join(p.folder, "ini"))
	p.await(t, poolerReady)
}

func (p *pooler) url() string {
	return "postgres:///tasks?" + url.Values{"host": {p.folder}, "port": {"6432"}, "user": {"taskhold"}}.Encode()
}

// TestPgBouncer holds the store and the whole program against their contracts
// behind PgBouncer in transaction mode. Before 1.21 it keeps no prepared
// statements.
func TestPgBouncer(t *testing.T) {
	t.Parallel()
	t.Run("the store keeps its contract", func(t *testing.T) {
		t.Parallel()
		p := startPooler(t, "transaction")
		s, err := postgres.Open(t.Context(), p.url(), postgres.Options{NoPrepare: true, PoolSize: 12})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		storetest.Run(t, func(testing.TB) storetest.Subject { return s }, storetest.WithFill(p.fill))
	})
	t.Run("the program keeps its contract", func(t *testing.T) {
		t.Parallel()
		p, secret := startPooler(t, "transaction"), newSecret()
		server := serve(t, unlimited(secret, "DATABASE_URL="+p.url(), "DB_PREPARE=off")...)
		apitest.Run(t, apitest.Connect(t, server.url, tokensBy(t, secret)))
		clients := begin(t, server.url, secret, false)
		time.Sleep(time.Second)
		end(t, clients)
		p.wantNothingKept(t)
	})
}

// keptBySession is what a session keeps beyond a transaction, but for what PgBouncer
// itself sees to.
const keptBySession = `SELECT
	(SELECT count(*) FROM pg_settings WHERE source = 'session' AND lower(name) NOT IN
		('client_encoding', 'datestyle', 'timezone', 'standard_conforming_strings', 'application_name')) +
	(SELECT count(*) FROM pg_prepared_statements) +
	(SELECT count(*) FROM pg_listening_channels()) +
	(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())`

// wantNothingKept looks at every connection that the pooler has to PostgreSQL.
func (p *pooler) wantNothingKept(t *testing.T) {
	t.Helper()
	sessions := map[int]int{}
	for range poolerSize {
		db, err := pgx.Connect(t.Context(), p.url()+"&default_query_exec_mode=simple_protocol")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close(context.Background()) })
		if _, err := db.Exec(t.Context(), "BEGIN"); err != nil { // which holds the connection
			t.Fatal(err)
		}
		var session, kept int
		if err := db.QueryRow(t.Context(), "SELECT pg_backend_pid(), ("+keptBySession+")").Scan(&session, &kept); err != nil {
			t.Fatal(err)
		}
		sessions[session] = kept
	}
	if len(sessions) != poolerSize {
		t.Errorf("only %d sessions were looked at", len(sessions))
	}
	for session, kept := range sessions {
		if kept > 0 {
			t.Errorf("session %d keeps %d things that the next client meets", session, kept)
		}
	}
}

// fill is many times faster than a claim for each, which counts those before.
func (p *pooler) fill(ctx context.Context, _ storetest.Subject, user identity.UserID, keys []string, at time.Time) error {
	db, err := pgx.Connect(ctx, p.database)
	if err != nil {
		return err
	}
	defer db.Close(ctx)
	_, err = db.Exec(ctx, `INSERT INTO replays (user_id, key, claimed_at, status, request, location, etag, body)
		SELECT $1, key, $2, 0, $3, '', '', '' FROM unnest($4::text[]) AS key`, user.String(), at, make([]byte, 32), keys)
	return err
}

// TestPgBouncerIsKilledUnderLoad kills it while clients write, and starts it
// again after a second.
func TestPgBouncerIsKilledUnderLoad(t *testing.T) {
	t.Parallel()
	p, secret := startPooler(t, "transaction"), newSecret()
	server := serve(t, unlimited(secret, "DATABASE_URL="+p.url(), "DB_PREPARE=off")...)
	clients := begin(t, server.url, secret, true)
	for range 3 {
		time.Sleep(time.Second)
		p.kill()
		time.Sleep(time.Second)
		p.again(t)
	}
	time.Sleep(time.Second)
	if report := end(t, clients); report.Gap > 10*time.Second || report.Gap < time.Second/2 {
		t.Errorf("no write for %s with PgBouncer gone for 1 s", report.Gap)
	}
	if strings.Contains(server.output.String(), `"status":500`) {
		t.Error("a request was answered 500")
	}
}

// TestWrongWaysToPoolAreTold tries what cannot work, and wants the words that
// docs/operate.md tells operators to look for.
func TestWrongWaysToPoolAreTold(t *testing.T) {
	t.Parallel()
	t.Run("named statements in transaction mode", func(t *testing.T) {
		t.Parallel()
		p, secret := startPooler(t, "transaction"), newSecret()
		server := serve(t, unlimited(secret, "DATABASE_URL="+p.url(), "DB_PREPARE=auto")...)
		clients := begin(t, server.url, secret, false)
		for deadline := time.Now().Add(patience); clients.Failures() == 0 && time.Now().Before(deadline); {
			time.Sleep(10 * time.Millisecond)
		}
		_, _ = clients.Stop(t.Context()) // what is stored cannot be asked for by this program
		if log := server.output.String(); !strings.Contains(log, "SQLSTATE 42P05") && !strings.Contains(log, "SQLSTATE 26000") {
			t.Error("the log does not tell of prepared statements")
		}
	})
	t.Run("statement mode", func(t *testing.T) {
		t.Parallel()
		p := startPooler(t, "statement")
		taskhold := start(t, "", []string{"DATABASE_URL=" + p.url(), "DB_PREPARE=off", "API_PORT=0", "ADMIN_ADDR=off", "BETTER_AUTH_SECRET=" + newSecret()}, binary, "serve")
		select {
		case <-taskhold.ended:
		case <-time.After(patience):
		}
		if said := taskhold.output.String(); taskhold.cmd.ProcessState.ExitCode() != 1 || !strings.Contains(said, "bad connection") {
			t.Errorf("it says %s", said)
		}
		if !strings.Contains(p.output.String(), "transaction blocks not allowed in statement pooling mode") {
			t.Error("PgBouncer does not tell why")
		}
	})
}
