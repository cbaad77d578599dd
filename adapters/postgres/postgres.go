// Package postgres opens PostgreSQL as a store.
package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
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
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errURL
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
	db := sql.OpenDB(bounded{stdlib.GetPoolConnector(connections), o.poolTimeout()})
	db.SetMaxIdleConns(0) // the pool keeps them
	s := &Store{pool: connections, db: db}
	handle, err := gormstore.Open(db, dialector)
	if err == nil {
		s.Store = gormstore.New(engine(handle))
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
	if _, err := pgxpool.ParseConfig(url); err != nil {
		return errURL
	}
	return nil
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

// bounded gives up the wait for a connection after a time.
type bounded struct {
	driver.Connector
	longest time.Duration
}

var errPool = errors.New("no connection was free in time")

// Connect implements driver.Connector.
func (b bounded) Connect(ctx context.Context) (driver.Conn, error) {
	brief, cancel := context.WithTimeout(ctx, b.longest)
	defer cancel()
	conn, err := b.Connector.Connect(brief)
	if err != nil && brief.Err() != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("%w: %v", errPool, err)
	}
	return conn, err
}
