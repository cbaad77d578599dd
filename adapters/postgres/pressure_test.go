package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"taskhold/adapters/postgres/postgrestest"
	"taskhold/domain/fault"
	"taskhold/ports"
)

// active counts the statements of others that run.
const active = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()"

// list reads as a request with so much time does.
func (s *Store) list(t testing.TB, longest time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	_, err := s.List(ctx, user(t, "ann"), ports.Query{Limit: 1})
	return err
}

func within(t testing.TB, longest time.Duration, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(longest); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after %v it is not so that %s", longest, what)
		}
	}
}

func TestAStatementEndsWithItsRequest(t *testing.T) {
	address := postgrestest.Open(t, migrated)
	s, other := start(t, address, Options{}), postgrestest.Connect(t, address)
	postgrestest.Connect(t, address).Exec("BEGIN; LOCK TABLE tasks")
	ended := make(chan error, 1)
	go func() { ended <- s.list(t, 2*time.Second) }()
	within(t, 10*time.Second, "a statement runs", func() bool { return other.Count(active) == 1 })
	if err := <-ended; !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, fault.Unavailable) {
		t.Errorf("List = %v, want DeadlineExceeded alone", err)
	}
	within(t, 10*time.Second, "PostgreSQL has ended it", func() bool { return other.Count(active) == 0 })
}

func TestAStatementEndsWithoutAnybodyToEndIt(t *testing.T) {
	address := postgrestest.Open(t, migrated)
	s := start(t, address, Options{StatementTimeout: 300 * time.Millisecond})
	postgrestest.Connect(t, address).Exec("BEGIN; LOCK TABLE tasks")
	began := time.Now()
	if err := s.list(t, time.Minute); !errors.Is(err, ports.ErrUnavailable) || time.Since(began) > 20*time.Second {
		t.Errorf("List = %v after %v, want ErrUnavailable", err, time.Since(began))
	}
	for setting, want := range map[string]string{
		"statement_timeout": "300ms", "idle_in_transaction_session_timeout": "300ms", "client_connection_check_interval": "1s",
	} {
		var got string
		must(t, s.pool.QueryRow(t.Context(), "SELECT current_setting($1)", setting).Scan(&got))
		if got != want {
			t.Errorf("%s is %s, want %s", setting, got, want)
		}
	}
}

func TestErasingMayTakeLongerThanARequest(t *testing.T) {
	address := postgrestest.Open(t, migrated)
	s, other := start(t, address, Options{StatementTimeout: 200 * time.Millisecond}), postgrestest.Connect(t, address)
	other.Exec("BEGIN; LOCK TABLE tasks")
	erased := make(chan error, 1)
	go func() { erased <- s.Erase(t.Context(), user(t, "ann"), time.Now()) }()
	time.Sleep(500 * time.Millisecond)
	other.Exec("COMMIT")
	must(t, <-erased)
	if err := s.Insert(t.Context(), titled(t, user(t, "bob"), "milk"), 1); err != nil {
		t.Errorf("Insert after it = %v", err)
	}
}

func TestAPoolersSessionsAreLeftAlone(t *testing.T) {
	way := postgrestest.NewProxy(t, postgrestest.Open(t, migrated))
	way.Pretend(4_000_000_000)
	s := start(t, way.URL, Options{StatementTimeout: 300 * time.Millisecond})
	var got string
	must(t, s.pool.QueryRow(t.Context(), "SELECT current_setting('statement_timeout') || current_setting('client_connection_check_interval')").Scan(&got))
	if got != "00" {
		t.Errorf("in a session that may be another's the settings are %s", got)
	}
}

// A database that sleeps takes longer to wake up than one waits for a busy pool.
func TestTheFirstCallWaitsUntilTheDatabaseIsAwake(t *testing.T) {
	way := postgrestest.NewProxy(t, postgrestest.Open(t, migrated))
	s := start(t, way.URL, Options{PoolSize: 2, PoolTimeout: 500 * time.Millisecond, IdleTimeout: 200 * time.Millisecond})
	must(t, s.list(t, 10*time.Second))
	within(t, 5*time.Second, "idle connections are closed, the last one too", func() bool { return s.pool.Stat().TotalConns() == 0 && way.Open() == 0 })
	way.Delay(1200 * time.Millisecond)
	results := make(chan error, 5)
	for range cap(results) { // more than there are connections
		go func() { results <- s.list(t, 10*time.Second) }()
	}
	for range cap(results) {
		must(t, <-results)
	}
	within(t, 5*time.Second, "it sleeps again", func() bool { return s.pool.Stat().TotalConns() == 0 })
	way.Delay(time.Minute)
	began := time.Now()
	if err := s.list(t, 300*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 10*time.Second {
		t.Errorf("List with less time than that = %v after %v, want DeadlineExceeded", err, time.Since(began))
	}
}

func TestWhereBytesAreSwallowedACallEndsInTime(t *testing.T) {
	way := postgrestest.NewProxy(t, postgrestest.Open(t, migrated))
	s := start(t, way.URL, Options{PoolSize: 4})
	must(t, s.list(t, 10*time.Second))
	way.Swallow(true)
	for range 3 {
		began := time.Now()
		if err := s.list(t, 300*time.Millisecond); err == nil || time.Since(began) > 10*time.Second {
			t.Errorf("List = %v after %v", err, time.Since(began))
		}
	}
	way.Swallow(false)
	must(t, s.list(t, 10*time.Second)) // by a connection that was not there before
}

func TestADatabaseThatStartsIsWaitedForAndOneThatIsGoneIsNot(t *testing.T) {
	cluster := postgrestest.StartCluster(t)
	address := cluster.URL("postgres")
	must(t, migrated(t.Context(), address))
	s, waits := start(t, address, Options{PoolTimeout: time.Second}), start(t, address, Options{PoolTimeout: 30 * time.Second})
	ann := user(t, "ann")
	must(t, s.list(t, 10*time.Second))
	must(t, waits.list(t, 10*time.Second))

	must(t, cluster.Stop())
	started := make(chan error, 1)
	go func() { time.Sleep(300 * time.Millisecond); started <- cluster.Start() }()
	if err := waits.Insert(t.Context(), titled(t, ann, "milk"), 9); err != nil {
		t.Errorf("Insert while it starts = %v", err)
	}
	must(t, <-started)

	must(t, cluster.Kill())
	if err := s.list(t, 20*time.Second); !errors.Is(err, ports.ErrUnavailable) {
		t.Errorf("List without a database = %v, want ErrUnavailable", err)
	}
	began := time.Now()
	for range 20 {
		if err := s.list(t, 20*time.Second); !errors.Is(err, ports.ErrUnavailable) {
			t.Errorf("List without a database = %v, want ErrUnavailable", err)
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("20 calls of a database that is known to be gone took %v", took)
	}
	must(t, cluster.Start())
	must(t, s.Insert(t.Context(), titled(t, ann, "bread"), 9))
}

func TestReadersDoNotNoticeThatTheirConnectionsEnd(t *testing.T) {
	address := postgrestest.Open(t, migrated)
	s, other := start(t, address, Options{PoolSize: 4}), postgrestest.Connect(t, address)
	free := s.lockTasks(t)
	results := make(chan error, 4)
	for range cap(results) {
		go func() { results <- s.list(t, 10*time.Second) }()
	}
	within(t, 10*time.Second, "they all wait", func() bool { return other.Count(active) == 4 })
	const end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()"
	other.Count(end)
	within(t, 10*time.Second, "they all wait again", func() bool { return other.Count(active) == 4 })
	free()
	for range cap(results) {
		if err := <-results; err != nil {
			t.Errorf("a running List = %v", err)
		}
	}
	other.Count(strings.Replace(end, "state = 'active' AND", "", 1)) // the idle ones
	for range 4 {
		if err := s.list(t, 10*time.Second); err != nil {
			t.Errorf("List by an idle connection = %v", err)
		}
	}
	must(t, s.Insert(t.Context(), titled(t, user(t, "ann"), "milk"), 9)) // the others were closed as well
}

// A server that has become read-only is no longer the one that was asked for.
func TestAConnectionThatHasBecomeReadOnlyIsNotKept(t *testing.T) {
	s := start(t, postgrestest.Open(t, migrated)+"&target_session_attrs=read-write", Options{PoolSize: 2})
	s.sql(t, "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
	ann := user(t, "ann")
	if err := s.Insert(t.Context(), titled(t, ann, "milk"), 9); !errors.Is(err, ports.ErrUnavailable) {
		t.Errorf("Insert = %v, want ErrUnavailable", err)
	}
	must(t, s.Insert(t.Context(), titled(t, ann, "milk"), 9))
}

func TestTroubleWithSigningInIsAnOutageThatPasses(t *testing.T) {
	address := postgrestest.Open(t, migrated)
	admin := postgrestest.Connect(t, address)
	role := fmt.Sprintf("joe_%d", time.Now().UnixNano())
	admin.Exec("CREATE ROLE " + role + " LOGIN PASSWORD 'one' CONNECTION LIMIT 2; GRANT ALL ON ALL TABLES IN SCHEMA public TO " + role)
	defer admin.Exec("DROP OWNED BY " + role + "; DROP ROLE " + role)
	joes := as(address, role, "one")
	s := start(t, joes, Options{PoolSize: 4, PoolTimeout: 2 * time.Second})
	must(t, s.list(t, 10*time.Second))
	defer func() { s.pool.Reset() }()

	// Too many connections: those that there are serve everybody.
	free := s.lockTasks(t) // one of two
	results := make(chan error, 6)
	for range cap(results) {
		go func() { results <- s.list(t, 10*time.Second) }()
	}
	time.Sleep(300 * time.Millisecond)
	free()
	for range cap(results) {
		if err := <-results; err != nil {
			t.Errorf("List with 2 connections of 4 = %v", err)
		}
	}

	admin.Exec("ALTER ROLE " + role + " PASSWORD 'two'")
	s.pool.Reset()
	began := time.Now()
	if err := s.list(t, 10*time.Second); !errors.Is(err, ports.ErrUnavailable) || !strings.Contains(err.Error(), "28P01") || time.Since(began) > 5*time.Second {
		t.Errorf("List with a wrong password = %v after %v, want ErrUnavailable at once", err, time.Since(began))
	}
	admin.Exec("ALTER ROLE " + role + " PASSWORD 'one'")
	must(t, s.list(t, 10*time.Second))
}
