package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"

	"taskhold/adapters/gormstore"
	"taskhold/migrations"
)

func migrator(db *sql.DB) (gormstore.Migrator, error) {
	steps, err := fs.Sub(migrations.SQLite, "sqlite")
	return gormstore.NewMigrator(db, steps, gormstore.Tools{
		Run:     func(ctx context.Context, forward bool) error { return run(ctx, db, steps, forward) },
		Missing: isMissing,
	}), err
}

// SQLite has no result code for this one.
func isMissing(err error) bool {
	said, ok := errors.AsType[*sqlite.Error](err)
	return ok && strings.Contains(said.Error(), "no such table")
}

// run takes no lock that a killed process could leave behind. Each step is a
// transaction that notes its own number in a primary key: of several processes
// one does it, and the others fail, undo theirs and look again.
func run(ctx context.Context, db *sql.DB, steps fs.FS, forward bool) error {
	const mostTries = 5
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, steps, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if !forward {
		_, err := provider.Down(ctx)
		return err
	}
	for try := 1; ; try++ {
		_, err := provider.Up(ctx)
		if err == nil || try == mostTries || ctx.Err() != nil {
			return err
		}
		time.Sleep(50*time.Millisecond + rand.N(200*time.Millisecond)) //nolint:gosec // only to stand apart
	}
}
