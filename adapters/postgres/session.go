package postgres

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// pingTimeout is how long a connection that was idle may take to show that it
// still leads somewhere; where packets are swallowed it never does.
const pingTimeout = time.Second

// isDoubtful tells of a connection that was idle whether to ask it for a sign of
// life. What is sent by one whose server has gone is lost, and a write cannot be
// sent twice. In a busy pool nothing is idle for long, and nothing is looked at.
func isDoubtful(_ context.Context, idle pgxpool.ShouldPingParams) bool {
	const short, long = 10 * time.Millisecond, time.Second
	return idle.IdleDuration > long || idle.IdleDuration > short && hasNews(idle.Conn.PgConn().Conn())
}

// connectTimeout is shorter where there is another host to try: packets to the
// one that is gone may be swallowed.
func connectTimeout(config *pgx.ConnConfig) time.Duration {
	for _, other := range config.Fallbacks {
		if other.Host != config.Host || other.Port != config.Port {
			return 3 * time.Second
		}
	}
	return 10 * time.Second
}

// What a session of ours is told, and no other: behind a pooler that hands the
// session to somebody else after each transaction, the process that answers is
// not the one that was promised, and nothing is set. There the role has to have
// these settings.
//
// The last looks each second whether the program that waits for a statement is
// still there. Older and some other systems do not know how.
const (
	boundTime = "SELECT set_config('statement_timeout', '%[1]d', false)," +
		" set_config('idle_in_transaction_session_timeout', '%[1]d', false) WHERE pg_backend_pid() = %[2]d"
	boundLife = "SELECT set_config('client_connection_check_interval', '1s', false) WHERE pg_backend_pid() = %d"
)

// bound sees to it that no statement outlasts the request that it is for, also
// when nobody is left to cancel it.
func (o Options) bound(ctx context.Context, conn *pgx.Conn) error {
	if o.StatementTimeout <= 0 {
		return nil
	}
	process := conn.PgConn().PID()
	if _, err := conn.Exec(ctx, fmt.Sprintf(boundTime, o.StatementTimeout.Milliseconds(), process)); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, fmt.Sprintf(boundLife, process)); err != nil && conn.IsClosed() {
		return err
	}
	return nil
}

// unhurried lets the statements of one transaction take as long as they need.
const unhurried = "SELECT set_config('statement_timeout', '0', TRUE)"

// readOnly is what a server says to a write that has become read-only (it may
// have been the primary), or always was.
const readOnly = "25006"

// farewells are what one says that goes down.
var farewells = []string{"57P01", "57P02"}

// renewEvery bounds how often connections are given up for a database that
// stays read-only: its readers need them.
const renewEvery = time.Second

// dropping has a connection closed whose server is no longer what it was when
// it was connected to, and then the others, which lead to the same server. pgx
// asks for target_session_attrs only when it connects.
func dropping(keeps pgconn.PgErrorHandler, reset func()) pgconn.PgErrorHandler {
	var renewed atomic.Int64
	return func(conn *pgconn.PgConn, said *pgconn.PgError) bool {
		drops := slices.Contains(farewells, said.Code)
		if said.Code == readOnly {
			last, now := renewed.Load(), time.Now().UnixNano()
			drops = now-last >= int64(renewEvery) && renewed.CompareAndSwap(last, now)
		}
		if !drops {
			return keeps(conn, said)
		}
		reset()
		return false
	}
}
