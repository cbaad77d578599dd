package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/url"
	"sync/atomic"
	"testing"

	"taskhold/adapters/gormstore"
)

var errStruck = errors.New("the database fails")

// saboteur lets one use of a database fail: of a connection, a statement, a row
// or a commit.
type saboteur struct {
	driver.Connector
	left atomic.Int64 // until it strikes; nothing fails at 0
}

func (s *saboteur) strikes() bool { return s.left.Add(-1) == 0 }

func (s *saboteur) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := s.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return struckConn{conn.(connection), s}, nil
}

type struckConn struct {
	connection
	*saboteur
}

func (c struckConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	if c.strikes() {
		return nil, errStruck
	}
	tx, err := c.connection.BeginTx(ctx, o)
	return struckTx{tx, c.saboteur}, err
}

func (c struckConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if c.strikes() {
		return nil, errStruck
	}
	return c.connection.ExecContext(ctx, query, args)
}

func (c struckConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if c.strikes() {
		return nil, errStruck
	}
	rows, err := c.connection.QueryContext(ctx, query, args)
	return struckRows{rows, c.saboteur}, err
}

type struckTx struct {
	driver.Tx
	*saboteur
}

func (t struckTx) Commit() error {
	if t.strikes() {
		return errors.Join(errStruck, t.Rollback())
	}
	return t.Tx.Commit()
}

type struckRows struct {
	driver.Rows
	*saboteur
}

func (r struckRows) Next(values []driver.Value) error {
	if r.strikes() {
		return errStruck
	}
	return r.Rows.Next(values)
}

// sabotaged opens a migrated file whose every use the saboteur may let fail.
func sabotaged(t *testing.T) (*Store, *saboteur) {
	t.Helper()
	address := fresh(t)
	start(t, address)
	path, err := Path(address)
	must(t, err)
	to, err := connector(path, url.Values{"_txlock": {"immediate"}})
	must(t, err)
	saboteur := &saboteur{Connector: to}
	db := sql.OpenDB(saboteur)
	db.SetMaxOpenConns(2) // one that reads beside one that writes
	t.Cleanup(func() { _ = db.Close() })
	through, err := gormstore.Open(db, dialect)
	must(t, err)
	s := &Store{Store: gormstore.New(engine(through, through)), writer: db}
	s.Migrator, err = migrator(db)
	must(t, err)
	return s, saboteur
}
