package bootstrap

import (
	"context"
	"errors"
	"strings"

	"taskhold/adapters/gormstore"
	"taskhold/adapters/postgres"
	"taskhold/adapters/sqlite"
	"taskhold/ports"
)

// storage is an opened store with what only the program's start and end need.
type storage interface {
	ports.Store
	ports.Housekeeping

	Migrate(ctx context.Context) error
	Down(ctx context.Context) error
	Status(ctx context.Context) ([]gormstore.Step, error)
	Check(ctx context.Context) error
	Close() error
}

// engines are the stores to choose from, by the scheme of DATABASE_URL. To
// swap the storage is to change a line here.
var engines = map[string]func(context.Context, Config) (storage, error){
	"postgres":   openPostgres,
	"postgresql": openPostgres,
	"sqlite":     openSQLite,
}

func openPostgres(ctx context.Context, c Config) (storage, error) {
	return postgres.Open(ctx, c.DatabaseURL.Reveal(), postgres.Options{
		PoolSize: c.PoolSize, PoolTimeout: c.PoolTimeout, NoPrepare: c.Prepare == "off",
	})
}

func openSQLite(ctx context.Context, c Config) (storage, error) {
	return sqlite.Open(ctx, c.DatabaseURL.Reveal(), sqlite.Options{PoolSize: c.PoolSize})
}

// engineOf returns how to open what a URL names, if it is one that we know.
func engineOf(url string) (func(context.Context, Config) (storage, error), bool) {
	scheme, rest, _ := strings.Cut(url, ":")
	open, ok := engines[scheme]
	return open, ok && rest != ""
}

func openStorage(ctx context.Context, c Config) (storage, error) {
	open, ok := engineOf(c.DatabaseURL.Reveal())
	if !ok {
		return nil, errors.New("DATABASE_URL names no store that is known")
	}
	return open(ctx, c)
}
