// Package postgres opens PostgreSQL as a store.
package postgres

import (
	"cmp"
	"context"
	"database/sql"
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

	// PoolTimeout is how long a call waits for a connection; 0 means 5 s. A
	// database that is being connected to is waited for longer: as long as the
	// call may take.
	PoolTimeout time.Duration

	// IdleTimeout is how long a connection is kept that nobody uses, the last
	// one too; 0 means 5 min.
	IdleTimeout time.Duration

	// StatementTimeout is after what time PostgreSQL itself ends a statement
	// that nobody has ended before; 0 means never.
	StatementTimeout time.Duration

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
	var connections *pgxpool.Pool
	config.ConnConfig.OnPgError = dropping(config.ConnConfig.OnPgError, func() { connections.Reset() })
	connections, err := pgxpool.NewWithConfig(ctx, config) // which connects to nothing yet
	if err != nil {
		return nil, err
	}
	pool := patient{connections, config.MaxConns, o.poolTimeout(), new(trouble)}
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
	config.MaxConnIdleTime = cmp.Or(o.IdleTimeout, 5*time.Minute)
	config.HealthCheckPeriod = min(config.MaxConnIdleTime/2, time.Minute)
	config.PingTimeout = pingTimeout
	config.ShouldPing = isDoubtful
	config.AfterConnect = o.bound
	if config.ConnConfig.ConnectTimeout == 0 { // the URL names none
		config.ConnConfig.ConnectTimeout = connectTimeout(config.ConnConfig)
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

// closeTime is how long connections in use are waited for. One that leads
// nowhere says goodbye for 15 s.
const closeTime = 3 * time.Second

// Close gives up every connection. It waits for those in use, for a while.
func (s *Store) Close() error {
	err := s.db.Close()
	closed := make(chan struct{})
	go func() { s.pool.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(closeTime):
	}
	return err
}

func dialector(pool gorm.ConnPool) gorm.Dialector {
	return postgres.New(postgres.Config{Conn: pool})
}
