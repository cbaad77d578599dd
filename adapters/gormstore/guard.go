package gormstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"sync"
	"sync/atomic"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Open returns GORM on a database, behind the guard. The dialector is to use
// the pool that it is given.
func Open(db *sql.DB, dialector func(gorm.ConnPool) gorm.Dialector) (*gorm.DB, error) {
	return gorm.Open(dialector(Guard(db)), &gorm.Config{
		SkipDefaultTransaction: true,
		TranslateError:         true,
		DisableAutomaticPing:   true,
		Logger:                 logger.Discard, // it would print titles
	})
}

// Guard returns db as GORM uses it, but for statements on a user's table that
// do not say whose rows they mean: those are refused and never reach db. It
// sees what is sent in the end, however GORM was called.
func Guard(db *sql.DB) gorm.ConnPool { return &pool{checked{db}, db} }

type pool struct {
	checked
	db *sql.DB
}

// BeginTx implements gorm.ConnPoolBeginner.
func (p *pool) BeginTx(ctx context.Context, options *sql.TxOptions) (gorm.ConnPool, error) {
	tx, err := p.db.BeginTx(ctx, options)
	if err != nil {
		return nil, err
	}
	return &transaction{checked{tx}, tx}, nil
}

// GetDBConn implements gorm.GetDBConnector.
func (p *pool) GetDBConn() (*sql.DB, error) { return p.db, nil }

type transaction struct {
	checked
	gorm.TxCommitter
}

// checked passes on what the guard lets through.
type checked struct{ to gorm.ConnPool }

// PrepareContext implements gorm.ConnPool.
func (c checked) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	if err := verdicts.on(query); err != nil {
		return nil, err
	}
	return c.to.PrepareContext(ctx, query)
}

// ExecContext implements gorm.ConnPool.
func (c checked) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := verdicts.on(query); err != nil {
		return nil, err
	}
	return c.to.ExecContext(ctx, query, args...)
}

// QueryContext implements gorm.ConnPool.
func (c checked) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := verdicts.on(query); err != nil {
		return nil, err
	}
	return c.to.QueryContext(ctx, query, args...)
}

// QueryRowContext implements gorm.ConnPool.
func (c checked) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if err := verdicts.on(query); err != nil {
		// Only a database makes an *sql.Row: one that cannot be reached.
		nowhere := sql.OpenDB(refusal{err})
		defer func() { _ = nowhere.Close() }()
		return nowhere.QueryRowContext(ctx, query, args...)
	}
	return c.to.QueryRowContext(ctx, query, args...)
}

type refusal struct{ error }

func (r refusal) Connect(context.Context) (driver.Conn, error) { return nil, r.error }

func (r refusal) Driver() driver.Driver { return nil }

// verdicts remembers what the guard thinks of a text.
var verdicts memory

// mostVerdicts bounds the memory. The program's own statements are a few
// hundred; a text beyond is judged each time.
const mostVerdicts = 4096

type memory struct {
	known sync.Map // from a text to an error, or to nil
	size  atomic.Int64
}

func (m *memory) on(query string) error {
	if verdict, ok := m.known.Load(query); ok {
		err, _ := verdict.(error)
		return err
	}
	err := judge(query)
	if err != nil {
		err = fmt.Errorf("%w: %w: %s", ErrUnguarded, err, query)
	}
	if m.size.Add(1) <= mostVerdicts {
		m.known.Store(query, err)
	}
	return err
}
