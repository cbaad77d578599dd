package postgres

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"taskhold/adapters/gormstore"
	"taskhold/migrations"
)

func migrator(db *sql.DB, config *pgx.ConnConfig) (gormstore.Migrator, error) {
	steps, err := fs.Sub(migrations.Postgres, "postgres")
	return gormstore.NewMigrator(db, steps, gormstore.Tools{
		Run: func(ctx context.Context, forward bool) error { return run(ctx, config, steps, forward) },
		Missing: func(err error) bool {
			said, ok := errors.AsType[*pgconn.PgError](err)
			return ok && said.Code == "42P01"
		},
	}), err
}

// run has connections of its own: goose holds one and its lock wants others,
// more than a small pool has.
func run(ctx context.Context, config *pgx.ConnConfig, steps fs.FS, forward bool) error {
	alone := config.Copy()
	alone.DefaultQueryExecMode = pgx.QueryExecModeExec
	db := stdlib.OpenDB(*alone)
	defer func() { _ = db.Close() }()
	// A row, not a session's lock: a pooler gives the session to another. Who
	// is killed while holding it is waited for until its lease has run out.
	locker, err := lock.NewPostgresTableLocker(lock.WithTableLockTimeout(250*time.Millisecond, 1200))
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, steps,
		goose.WithLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if forward {
		_, err = provider.Up(ctx)
	} else {
		_, err = provider.Down(ctx)
	}
	return err
}
