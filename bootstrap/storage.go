package bootstrap

import (
	"context"
	"errors"
	"strings"
	"time"

	"taskhold/adapters/gormstore"
	"taskhold/adapters/postgres"
	"taskhold/adapters/sqlite"
	"taskhold/ports"
)

// storage is an opened store.
type storage interface {
	ports.Store
	ports.Housekeeping
	upkeep
}

// upkeep is what only the program itself does with a store.
type upkeep interface {
	Migrate(ctx context.Context) error
	Down(ctx context.Context) error
	Status(ctx context.Context) ([]gormstore.Step, error)
	Check(ctx context.Context) error
	Pools() []gormstore.Pool
	Close() error
}

// engine is one way to keep tasks.
type engine struct {
	system string                 // as operators' tools call it
	check  func(url string) error // whether open could read it
	open   func(context.Context, Config) (storage, error)
}

// engines are the stores to choose from, by the scheme of DATABASE_URL. To
// swap the storage is to change a line here.
var engines = map[string]engine{
	"postgres":   {"postgresql", postgres.CheckURL, openPostgres},
	"postgresql": {"postgresql", postgres.CheckURL, openPostgres},
	"sqlite":     {"sqlite", checkSQLite, openSQLite},
}

func openPostgres(ctx context.Context, c Config) (storage, error) {
	s, err := postgres.Open(ctx, c.DatabaseURL.Reveal(), postgres.Options{
		PoolSize: c.PoolSize, PoolTimeout: c.PoolTimeout, NoPrepare: c.Prepare == "off",
		IdleTimeout: c.IdleTimeout, StatementTimeout: c.statementTimeout(),
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// statementTimeout leaves it to the request to end its statements while there
// is somebody to do so.
func (c Config) statementTimeout() time.Duration {
	if c.RequestTimeout == 0 {
		return 0 // a command, which has all the time that it wants
	}
	return c.RequestTimeout + time.Second
}

func openSQLite(ctx context.Context, c Config) (storage, error) {
	s, err := sqlite.Open(ctx, c.DatabaseURL.Reveal(), sqlite.Options{PoolSize: c.PoolSize})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func checkSQLite(url string) error {
	_, err := sqlite.Path(url)
	return err
}

// engineOf returns the engine that a URL names.
func engineOf(url string) (engine, bool) {
	scheme, _, _ := strings.Cut(url, ":")
	e, ok := engines[scheme]
	return e, ok
}

func openStorage(ctx context.Context, c Config) (storage, error) {
	e, ok := engineOf(c.DatabaseURL.Reveal())
	if !ok {
		return nil, errors.New("DATABASE_URL names no store that is known")
	}
	return e.open(ctx, c)
}
