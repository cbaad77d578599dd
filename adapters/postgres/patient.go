package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// patient is a pool that is waited for, but not for ever.
type patient struct {
	*pgxpool.Pool
	size    int32
	longest time.Duration
	trouble *trouble
}

var errPool = errors.New("no connection was free in time")

// between is the pause before a database that could not be connected to is
// tried again.
const between = 50 * time.Millisecond

// wait takes a connection, within the longest time that a busy pool is waited
// for. Nothing was sent yet when that fails, so it is done again: a database
// that restarts is away for a moment.
func (p patient) wait(ctx context.Context, take func(context.Context) error) error {
	brief, giveUp := context.WithCancel(ctx)
	defer giveUp()
	end := time.AfterFunc(p.longest, func() { p.end(brief, giveUp) })
	defer end.Stop()
	for {
		err := take(brief)
		switch {
		case err == nil:
			p.trouble.over()
			return nil
		case brief.Err() != nil && ctx.Err() == nil:
			return fmt.Errorf("%w: %v", errPool, err)
		case !mayPass(err) || !p.trouble.isFresh(p.longest):
			return err
		}
		select {
		case <-brief.Done():
			return err
		case <-time.After(between):
		}
	}
}

// end ends a wait, but not while a connection is being made to a database that
// was well before: one that sleeps takes seconds to wake up.
func (p patient) end(wait context.Context, giveUp func()) {
	switch {
	case wait.Err() != nil:
	case p.Stat().ConstructingConns() > 0 && !p.trouble.began():
		time.AfterFunc(p.longest, func() { p.end(wait, giveUp) })
	default:
		giveUp()
	}
}

func (p patient) acquire(ctx context.Context) (conn *pgxpool.Conn, err error) {
	err = p.wait(ctx, func(ctx context.Context) error {
		conn, err = p.Acquire(ctx)
		return err
	})
	return conn, err
}

// mayPass reports whether a database that could not be connected to may be back
// in a moment; in one that refuses to know us, somebody has to do something.
func mayPass(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); !ok {
		return false
	}
	said, ok := errors.AsType[*pgconn.PgError](err)
	return !ok || !strings.HasPrefix(said.Code, "28") && said.Code != "3D000"
}

// trouble is the time since which the database cannot be connected to. It is
// what keeps everybody from waiting for a database that is gone for good.
type trouble struct{ since atomic.Int64 } // 0: it can be

// isFresh notes a failure, and reports whether the first was not long ago.
func (t *trouble) isFresh(long time.Duration) bool {
	now := time.Now().UnixNano()
	t.since.CompareAndSwap(0, now)
	return now-t.since.Load() < int64(long)
}

func (t *trouble) began() bool { return t.since.Load() != 0 }

func (t *trouble) over() {
	if t.began() {
		t.since.Store(0)
	}
}

// connector takes the connections of database/sql from a patient pool.
type connector struct {
	driver.Connector
	pool patient
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (conn driver.Conn, err error) {
	err = c.pool.wait(ctx, func(ctx context.Context) error {
		conn, err = c.Connector.Connect(ctx)
		return err
	})
	return conn, err
}
