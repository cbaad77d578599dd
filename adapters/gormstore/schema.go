package gormstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// What a database may lack, or may have too much.
var (
	ErrSchemaOld = errors.New("the database schema is older than this program: migrate it")
	ErrSchemaNew = errors.New("the database schema is too new for this program: run a newer one")
)

// Migrator keeps the schema of a database.
type Migrator struct {
	db    *sql.DB
	steps fs.FS
	tools Tools
}

// Tools are how an engine migrates.
type Tools struct {
	// Run does all steps that are pending, or undoes the newest. Any number of
	// replicas may run it at once.
	Run func(ctx context.Context, forward bool) error

	// Missing reports whether an error says that there is no such table.
	Missing func(error) bool
}

// NewMigrator returns what migrates db by numbered files.
func NewMigrator(db *sql.DB, steps fs.FS, t Tools) Migrator { return Migrator{db, steps, t} }

// Migrate does what is pending, and then it is Check. It takes a lock only
// where something is.
func (m Migrator) Migrate(ctx context.Context) error {
	schema, err := m.read(ctx)
	if err != nil {
		return err
	}
	if !schema.pending() {
		return schema.check()
	}
	if err := m.tools.Run(ctx, true); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return m.Check(ctx)
}

// Down undoes the newest step, and all that is stored in what it made.
func (m Migrator) Down(ctx context.Context) error {
	if err := m.tools.Run(ctx, false); err != nil {
		return fmt.Errorf("migrate down: %w", err)
	}
	return nil
}

// Check returns ErrSchemaOld or ErrSchemaNew if this program cannot work with
// the database. A schema that is newer is none the worse for it, unless a step
// was done that this program cannot live with.
func (m Migrator) Check(ctx context.Context) error {
	schema, err := m.read(ctx)
	if err != nil {
		return err
	}
	return schema.check()
}

// Step is a migration as an operator sees it.
type Step struct {
	Version int64
	Name    string // of its file; empty for one that this program does not know
	Applied bool
}

// Status returns the steps that this program knows and those that were done.
func (m Migrator) Status(ctx context.Context) ([]Step, error) {
	schema, err := m.read(ctx)
	return schema.steps, err
}

// schema is what this program knows beside what was done.
type schema struct {
	steps  []Step // by version
	newest int64  // that this program knows
	oldest int64  // program that the database is fit for, by the newest step that one knows
}

func (m Migrator) read(ctx context.Context) (schema, error) {
	s, err := known(m.steps)
	if err != nil {
		return s, err
	}
	rows, err := m.db.QueryContext(ctx, "SELECT migration, oldest FROM compatibility ORDER BY migration")
	switch {
	case m.tools.Missing(err):
		return s, nil
	case err != nil:
		return s, fmt.Errorf("read the schema: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var version, oldest int64
		if err := rows.Scan(&version, &oldest); err != nil {
			return s, fmt.Errorf("read the schema: %w", err)
		}
		s.apply(version, oldest)
	}
	return s, rows.Err()
}

func known(files fs.FS) (s schema, err error) {
	names, _ := fs.Glob(files, "*.sql") // no such pattern fails
	for _, name := range names {
		number, _, _ := strings.Cut(path.Base(name), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return s, fmt.Errorf("migration %s has no number: %w", name, err)
		}
		s.steps = append(s.steps, Step{Version: version, Name: name})
		s.newest = max(s.newest, version)
	}
	return s, nil
}

func (s *schema) apply(version, oldest int64) {
	s.oldest = max(s.oldest, oldest)
	i := slices.IndexFunc(s.steps, func(step Step) bool { return step.Version == version })
	if i < 0 {
		s.steps = append(s.steps, Step{Version: version, Applied: true})
		return
	}
	s.steps[i].Applied = true
}

func (s schema) pending() bool {
	return slices.ContainsFunc(s.steps, func(step Step) bool { return !step.Applied })
}

func (s schema) check() error {
	switch {
	case s.oldest > s.newest:
		return fmt.Errorf("%w: it needs one that knows migration %d, and this one knows %d", ErrSchemaNew, s.oldest, s.newest)
	case s.pending():
		return ErrSchemaOld
	}
	return nil
}
