// Package postgres opens PostgreSQL as a store.
package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"taskhold/adapters/gormstore"
)

// Options are how a program uses the database. The zero Options are fit for
// two processors.
type Options struct {
	// PoolSize is the most connections. More than a few for each processor of
	// the database only make them wait for each other; 0 means 8.
	PoolSize int

	// PoolTimeout is how long a call waits for a connection; 0 means 5 s.
	PoolTimeout time.Duration

	// NoPrepare keeps PostgreSQL from preparing statements by name, which
	// some poolers do not carry from one connection to another.
	NoPrepare bool
}

// Store is a store on PostgreSQL.
type Store struct {
	*gormstore.Store
	gormstore.Migrator
	pool *pgxpool.Pool
	db   *sql.DB
}

// Open returns the store that a URL names. The URL may list several hosts, and
// knows the parameters that libpq knows. Nothing is sent yet: a database that
// is not there is found by the first call.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	config, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	s, err := open(ctx, config, o)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	return s, nil
}

func open(ctx context.Context, config *pgxpool.Config, o Options) (*Store, error) {
	o.apply(config)
	connections, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	pool := patient{connections, o.poolTimeout()}
	db := sql.OpenDB(connector{stdlib.GetPoolConnector(connections), pool})
	db.SetMaxIdleConns(0) // the pool keeps them
	s := &Store{pool: connections, db: db}
	handle, err := gormstore.Open(db, dialector)
	if err == nil {
		s.Store = gormstore.New(engine(handle, pool))
		s.Migrator, err = migrator(db, config.ConnConfig)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// errURL stands for pgx's own, which holds the URL.
var errURL = errors.New("the URL of the database cannot be read")

// CheckURL returns why Open could not read a URL. It quotes nothing of it.
func CheckURL(url string) error {
	_, err := parseURL(url)
	return err
}

// parseURL refuses what else pgx reads, such as postgres:host=h, where it takes
// the scheme for a part of a name.
func parseURL(url string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(url)
	if scheme, _, ok := strings.Cut(url, "://"); err != nil || !ok || scheme != "postgres" && scheme != "postgresql" {
		return nil, errURL
	}
	return config, nil
}

func (o Options) apply(config *pgxpool.Config) {
	config.MaxConns = 8
	if o.PoolSize > 0 {
		config.MaxConns = int32(o.PoolSize)
	}
	if o.NoPrepare {
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
}

func (o Options) poolTimeout() time.Duration {
	if o.PoolTimeout > 0 {
		return o.PoolTimeout
	}
	return 5 * time.Second
}

// Close gives up every connection. It waits for those in use.
func (s *Store) Close() error {
	err := s.db.Close()
	s.pool.Close()
	return err
}

func dialector(pool gorm.ConnPool) gorm.Dialector {
	return postgres.New(postgres.Config{Conn: pool})
}

// patient is a pool that is waited for, but not for ever.
type patient struct {
	*pgxpool.Pool
	longest time.Duration
}

var errPool = errors.New("no connection was free in time")

// wait gives what waits for a connection a context that ends in time.
func (p patient) wait(ctx context.Context, do func(context.Context) error) error {
	brief, cancel := context.WithTimeout(ctx, p.longest)
	defer cancel()
	err := do(brief)
	if err != nil && brief.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("%w: %v", errPool, err)
	}
	return err
}

func (p patient) acquire(ctx context.Context) (conn *pgxpool.Conn, err error) {
	err = p.wait(ctx, func(ctx context.Context) error {
		conn, err = p.Acquire(ctx)
		return err
	})
	return conn, err
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
