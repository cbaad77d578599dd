// Package schematest is what every engine's schema keeps to, as it is migrated
// by any number of programs, older ones among them.
package schematest

import (
	"context"
	"errors"
	"testing"
	"time"

	"taskhold/adapters/gormstore"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// Store is a store that migrates its database.
type Store interface {
	ports.Store
	Migrate(context.Context) error
	Down(context.Context) error
	Check(context.Context) error
	Status(context.Context) ([]gormstore.Step, error)
	Close() error
}

// Database is one that holds nothing yet.
type Database struct {
	// Open opens it as one program more does.
	Open func(context.Context) (Store, error)

	// Exec runs a statement that no store has.
	Exec func(testing.TB, string)

	// Count returns the one number that a statement selects.
	Count func(testing.TB, string) int

	// Tables is the statement that counts its tables, but for those of the
	// engine.
	Tables string
}

// Run holds the schema against each rule, each on a database of its own.
func Run(t *testing.T, empty func(testing.TB) Database) {
	t.Helper()
	for name, hold := range map[string]func(*testing.T, Database){
		"it goes forward and back and forward":                  backAndForth,
		"ten programs may migrate an empty database at once":    atOnce,
		"a newer one is refused only if it says that it has to": newer,
	} {
		t.Run(name, func(t *testing.T) { hold(t, empty(t)) })
	}
}

func backAndForth(t *testing.T, db Database) {
	s := open(t, db)
	if err := s.Check(t.Context()); !errors.Is(err, gormstore.ErrSchemaOld) {
		t.Errorf("Check of an empty database = %v, want ErrSchemaOld", err)
	}
	for range 2 {
		WantSteps(t, s, false)
		must(t, s.Migrate(t.Context()))
		must(t, s.Check(t.Context()))
		WantSteps(t, s, true)
		must(t, s.Insert(t.Context(), milk(t), 1))
		must(t, s.Down(t.Context()))
	}
	WantSteps(t, s, false)
	if tables := db.Count(t, db.Tables+" AND name NOT LIKE 'goose%'"); tables != 0 {
		t.Errorf("all the way back there are still %d tables", tables)
	}
}

func atOnce(t *testing.T, db Database) {
	results, begin := make(chan error, 10), make(chan struct{})
	for range cap(results) {
		go func() {
			<-begin
			s, err := db.Open(t.Context())
			if err == nil {
				err = errors.Join(s.Migrate(t.Context()), s.Close())
			}
			results <- err
		}()
	}
	close(begin)
	for range cap(results) {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	done := db.Count(t, "SELECT count(*) FROM goose_db_version WHERE version_id > 0")
	if steps := WantSteps(t, open(t, db), true); done != len(steps) {
		t.Errorf("%d steps were done, want %d", done, len(steps))
	}
}

func newer(t *testing.T, db Database) {
	s := open(t, db)
	must(t, s.Migrate(t.Context()))
	checks := map[string]func(context.Context) error{"Check": s.Check, "Migrate": s.Migrate}
	db.Exec(t, "INSERT INTO compatibility (migration, oldest) VALUES (98, 1)")
	for name, check := range checks {
		if err := check(t.Context()); err != nil {
			t.Errorf("%s of a schema that this program can live with = %v", name, err)
		}
	}
	steps, err := s.Status(t.Context())
	must(t, err)
	if last := steps[len(steps)-1]; last != (gormstore.Step{Version: 98, Applied: true}) {
		t.Errorf("Status ends with %+v, want step 98, of no name", last)
	}
	db.Exec(t, "INSERT INTO compatibility (migration, oldest) VALUES (99, 98)")
	for name, check := range checks {
		if err := check(t.Context()); !errors.Is(err, gormstore.ErrSchemaNew) {
			t.Errorf("%s of a schema that this program cannot live with = %v, want ErrSchemaNew", name, err)
		}
	}
}

// WantSteps wants all steps to be done, or none, and returns them.
func WantSteps(t *testing.T, s Store, applied bool) []gormstore.Step {
	t.Helper()
	steps, err := s.Status(t.Context())
	must(t, err)
	if len(steps) == 0 {
		t.Error("Status knows no step")
	}
	for _, step := range steps {
		if step.Applied != applied || step.Name == "" {
			t.Errorf("Status says %+v, want applied %v", step, applied)
		}
	}
	return steps
}

func open(t *testing.T, db Database) Store {
	t.Helper()
	s, err := db.Open(t.Context())
	must(t, err)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func milk(t *testing.T) task.Task {
	t.Helper()
	ann, err := identity.ParseUserID("ann")
	must(t, err)
	now := time.Now()
	made, err := task.New(task.NewID(now, [8]byte{}), ann, task.Change{Title: task.Some("milk")}, now)
	must(t, err)
	return made
}

// must ends the test at an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
