package gormstore

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"testing"
	"testing/fstest"
)

func TestSchemaIsJudgedByWhatWasDone(t *testing.T) {
	for name, c := range map[string]struct {
		done    map[int64]int64 // the steps, with the oldest program of each
		pending bool
		want    error
	}{
		"nothing":                              {nil, true, ErrSchemaOld},
		"a part":                               {map[int64]int64{1: 1}, true, ErrSchemaOld},
		"all":                                  {map[int64]int64{1: 1, 2: 1}, false, nil},
		"more than this program knows":         {map[int64]int64{1: 1, 2: 1, 3: 2}, false, nil},
		"more than this program can live with": {map[int64]int64{1: 1, 2: 1, 3: 3}, false, ErrSchemaNew},
		"that, and a compatible step after it": {map[int64]int64{1: 1, 2: 1, 3: 3, 4: 1}, false, ErrSchemaNew},
		"a step of another branch, and one missing": {map[int64]int64{1: 1, 3: 1}, true, ErrSchemaOld},
	} {
		s, err := known(fstest.MapFS{"00001_schema.sql": {}, "00002_more.sql": {}})
		if err != nil {
			t.Fatal(err)
		}
		for version, oldest := range c.done {
			s.apply(version, oldest)
		}
		if got := s.check(); !errors.Is(got, c.want) || s.pending() != c.pending {
			t.Errorf("%s: check = %v, pending = %v; want %v, %v", name, got, s.pending(), c.want, c.pending)
		}
	}
}

func TestStepsAreKnownByTheirFiles(t *testing.T) {
	s, err := known(fstest.MapFS{"00001_schema.sql": {}, "00012_more_of_it.sql": {}, "README.md": {}})
	want := []Step{{Version: 1, Name: "00001_schema.sql"}, {Version: 12, Name: "00012_more_of_it.sql"}}
	if err != nil || len(s.steps) != 2 || s.steps[0] != want[0] || s.steps[1] != want[1] || s.newest != 12 {
		t.Errorf("known = %+v, %v; want %+v", s, err, want)
	}
	nameless := fstest.MapFS{"schema.sql": {}}
	if _, err := known(nameless); err == nil {
		t.Error("a file without a number is taken for a step")
	}
	db := sql.OpenDB(new(recorder))
	defer db.Close()
	if _, err := NewMigrator(db, nameless, Tools{}).Status(t.Context()); err == nil {
		t.Error("a file without a number is no step to tell of")
	}
}

func TestAStepThatThisProgramDoesNotKnowIsToldOf(t *testing.T) {
	s := schema{steps: []Step{{Version: 1, Name: "00001_schema.sql"}}}
	s.apply(1, 1)
	s.apply(7, 1)
	want := []Step{{Version: 1, Name: "00001_schema.sql", Applied: true}, {Version: 7, Applied: true}}
	if !slices.Equal(s.steps, want) {
		t.Errorf("got %+v, want %+v", s.steps, want)
	}
}

// whose are the tools of an engine on which every migration ends with err.
func whose(err error) Tools {
	return Tools{
		Run:     func(context.Context, bool) error { return err },
		Missing: func(error) bool { return false },
	}
}

func TestAMigrationThatFailsIsTold(t *testing.T) {
	db := sql.OpenDB(new(recorder)) // where nothing was done
	defer db.Close()
	m := NewMigrator(db, fstest.MapFS{"00001_schema.sql": {}}, whose(errBoom))
	if err := m.Migrate(t.Context()); !errors.Is(err, errBoom) {
		t.Errorf("Migrate: got %v, want %v", err, errBoom)
	}
	if err := m.Down(t.Context()); !errors.Is(err, errBoom) {
		t.Errorf("Down: got %v, want %v", err, errBoom)
	}
}

func TestNothingRunsWhereNothingIsPending(t *testing.T) {
	db := sql.OpenDB(new(recorder))
	defer db.Close()
	m := NewMigrator(db, fstest.MapFS{}, whose(errBoom))
	if err := m.Migrate(t.Context()); err != nil {
		t.Error(err)
	}
}
