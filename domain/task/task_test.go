package task_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"taskhold/domain/fault"
	"taskhold/domain/identity"
	"taskhold/domain/task"
)

var (
	ann, _ = identity.ParseUserID("ann")
	noon   = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)
	later  = noon.Add(time.Hour)
)

// made makes a task at noon, with a title if c has none.
func made(t testing.TB, c task.Change) task.Task {
	t.Helper()
	if c.Title.IsAbsent() {
		c.Title = task.Some("milk")
	}
	out, err := task.New(task.NewID(noon, ones), ann, c, noon)
	if err != nil {
		t.Fatalf("New: %v %v", err, codes(err))
	}
	return out
}

func isKind(err error, kind fault.Kind, known **fault.Error) bool {
	return errors.Is(err, kind) && errors.As(err, known)
}

func TestANewTaskHasWhatWasWantedAndDefaults(t *testing.T) {
	got := made(t, task.Change{Title: task.Some("  milk ")}).Snapshot()
	want := task.Snapshot{ID: task.NewID(noon, ones), User: ann, Title: "milk", Tags: []string{}, Created: noon, Updated: noon, Version: 1}
	if !same(got, want) || got.Tags == nil {
		t.Errorf("got %+v, want %+v", got, want)
	}
	full := made(t, task.Change{
		Title: task.Some("oat milk"), Description: task.Some(" two\n"), Completed: task.Some(true), Priority: task.Some("high"),
		DueAt: task.Some("2026-03-09T10:00:00+02:00"), Tags: task.Some([]string{"b", "a"}),
	})
	got = full.Snapshot()
	want = task.Snapshot{
		ID: task.NewID(noon, ones), User: ann, Title: "oat milk", Description: " two\n", Priority: task.High,
		Due: task.DueAt(time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)), Tags: []string{"b", "a"}, Completed: noon, Created: noon, Updated: noon, Version: 1,
	}
	if !same(got, want) || full.ID() != want.ID || full.User() != ann || full.Version() != 1 || !full.Completed() {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func same(a, b task.Snapshot) bool {
	tags := slices.Equal(a.Tags, b.Tags)
	return tags && a.ID == b.ID && a.User == b.User && a.Title == b.Title && a.Description == b.Description && a.Priority == b.Priority &&
		a.Due == b.Due && a.Completed == b.Completed && a.Created == b.Created && a.Updated == b.Updated && a.Version == b.Version
}

func TestNewBringsInstantsToUTCAndMicroseconds(t *testing.T) {
	in := noon.Add(999).In(time.FixedZone("", 7200))
	got, err := task.New(task.NewID(in, ones), ann, task.Change{Title: task.Some("milk"), Completed: task.Some(true)}, in)
	if s := got.Snapshot(); err != nil || s.Created != noon || s.Updated != noon || s.Completed != noon {
		t.Errorf("New = %+v, %v", s, err)
	}
}

func TestNewRefusesNobodyBeforeAnythingElse(t *testing.T) {
	if _, err := task.New(task.NewID(noon, ones), identity.UserID{}, task.Change{}, noon); !errors.Is(err, identity.ErrNoUser) {
		t.Errorf("New for nobody = %v", err)
	}
}

func TestNewRefusesAnIDThatWasNotMadeForIt(t *testing.T) {
	random, _ := task.ParseID("3f1c9b52-7a0e-4d57-8c41-e6a2d90b7f18")
	for name, id := range map[string]task.ID{
		"the zero id":              {},
		"of a microsecond before":  task.NewID(noon.Add(-time.Microsecond), ones),
		"of a microsecond after":   task.NewID(noon.Add(time.Microsecond), ones),
		"of version 4, of no time": random,
	} {
		_, err := task.New(id, ann, task.Change{Title: task.Some("milk")}, noon)
		var known *fault.Error
		if err == nil || errors.As(err, &known) {
			t.Errorf("%s: New = %v; want an error that is no user's fault", name, err)
		}
	}
}

// TestWhatChangesNothingKeepsVersionAndUpdated goes through every way to ask
// for what already is.
func TestWhatChangesNothingKeepsVersionAndUpdated(t *testing.T) {
	full := task.Change{
		Title: task.Some("milk"), Description: task.Some("two"), Completed: task.Some(true), Priority: task.Some("low"),
		DueDate: task.Null[string](), DueAt: task.Some("2026-03-09T08:00:00Z"), Tags: task.Some([]string{"a", "b"}),
	}
	before := made(t, full)
	untrimmed, elsewhere := full, full
	untrimmed.Title, untrimmed.Tags = task.Some(" milk\t"), task.Some([]string{"a ", " b"})
	elsewhere.DueAt = task.Some("2026-03-09T10:00:00.000000+02:00")
	for name, do := range map[string]func(*task.Task) error{
		"an edit of nothing":                  func(t *task.Task) error { return t.Edit(task.Change{}, later) },
		"an edit to the same":                 func(t *task.Task) error { return t.Edit(full, later) },
		"a replacement by the same":           func(t *task.Task) error { return t.Replace(full, later) },
		"an edit to what trims to the same":   func(t *task.Task) error { return t.Edit(untrimmed, later) },
		"an edit to the same instant":         func(t *task.Task) error { return t.Edit(elsewhere, later) },
		"an edit that clears what is not set": func(t *task.Task) error { return t.Edit(task.Change{DueDate: task.Null[string]()}, later) },
		"a completion of what is done":        func(t *task.Task) error { t.Complete(later); return nil },
	} {
		got := before
		if err := do(&got); err != nil || got != before {
			t.Errorf("%s: %+v, %v", name, got.Snapshot(), err)
		}
	}
	open := made(t, task.Change{})
	got := open
	if got.Reopen(later); got != open {
		t.Errorf("reopening what is open: %+v", got.Snapshot())
	}
}

func TestEachChangeIsOneVersion(t *testing.T) {
	got := made(t, task.Change{})
	for i, c := range []task.Change{
		{Title: task.Some("bread")},
		{Description: task.Some("brown")},
		{Completed: task.Some(true)},
		{Priority: task.Some("high")},
		{DueDate: task.Some("2026-03-09")},
		{DueDate: task.Null[string](), DueAt: task.Some("2026-03-09T00:00:00Z")},
		{DueAt: task.Null[string]()},
		{Tags: task.Some([]string{"a", "b"})},
		{Tags: task.Some([]string{"b", "a"})},
		{Title: task.Some("Bread"), Completed: task.Some(false)},
	} {
		at := later.Add(time.Duration(i) * time.Minute)
		if err := got.Edit(c, at); err != nil || got.Version() != int64(i+2) || got.Snapshot().Updated != at || got.Snapshot().Created != noon {
			t.Errorf("change %d: %+v, %v", i, got.Snapshot(), err)
		}
	}
}

func TestAnEditKeepsWhatItDoesNotName(t *testing.T) {
	before := made(t, task.Change{
		Description: task.Some("two"), Completed: task.Some(true), Priority: task.Some("low"), DueDate: task.Some("2026-03-09"), Tags: task.Some([]string{"a"}),
	}).Snapshot()
	for name, tc := range map[string]struct {
		change task.Change
		want   func(*task.Snapshot)
	}{
		"title":       {task.Change{Title: task.Some("bread")}, func(s *task.Snapshot) { s.Title = "bread" }},
		"description": {task.Change{Description: task.Some("")}, func(s *task.Snapshot) { s.Description = "" }},
		"completed":   {task.Change{Completed: task.Some(false)}, func(s *task.Snapshot) { s.Completed = time.Time{} }},
		"priority":    {task.Change{Priority: task.Some("none")}, func(s *task.Snapshot) { s.Priority = task.None }},
		"due_date":    {task.Change{DueDate: task.Null[string]()}, func(s *task.Snapshot) { s.Due = task.Due{} }},
		"tags":        {task.Change{Tags: task.Some([]string{})}, func(s *task.Snapshot) { s.Tags = []string{} }},
	} {
		got, err := task.Restore(before)
		if err == nil {
			err = got.Edit(tc.change, later)
		}
		want := before
		tc.want(&want)
		want.Updated, want.Version = later, 2
		if err != nil || !same(got.Snapshot(), want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got.Snapshot(), err, want)
		}
	}
}

func TestCompletedAtIsSetAndClearedWithCompleted(t *testing.T) {
	got := made(t, task.Change{})
	got.Complete(later)
	if s := got.Snapshot(); !got.Completed() || s.Completed != later || s.Updated != later || s.Version != 2 {
		t.Errorf("completed: %+v", s)
	}
	if err := got.Edit(task.Change{Title: task.Some("bread"), Completed: task.Some(true)}, later.Add(time.Hour)); err != nil || got.Snapshot().Completed != later {
		t.Errorf("completed again beside a change: %+v, %v", got.Snapshot(), err)
	}
	got.Reopen(later.Add(2 * time.Hour))
	if s := got.Snapshot(); got.Completed() || !s.Completed.IsZero() || s.Version != 4 {
		t.Errorf("reopened: %+v", s)
	}
	if err := got.Edit(task.Change{Completed: task.Some(true)}, later.Add(3*time.Hour)); err != nil || got.Snapshot().Completed != later.Add(3*time.Hour) {
		t.Errorf("completed anew: %+v, %v", got.Snapshot(), err)
	}
}

func TestHistoryDoesNotRunBackwards(t *testing.T) {
	got := made(t, task.Change{})
	got.Complete(noon.Add(-time.Hour)) // by a server whose clock is behind
	if s := got.Snapshot(); s.Completed != noon || s.Updated != noon || s.Version != 2 {
		t.Errorf("completed before it was made: %+v", s)
	}
	got.Reopen(later)
	if err := got.Edit(task.Change{Title: task.Some("bread")}, noon); err != nil || got.Snapshot().Updated != later || got.Version() != 4 {
		t.Errorf("edited before the last change: %+v, %v", got.Snapshot(), err)
	}
	got.Complete(noon)
	if s := got.Snapshot(); s.Completed != later || s.Updated != later {
		t.Errorf("completed before the last change: %+v", s)
	}
	if restored, err := task.Restore(got.Snapshot()); err != nil || restored != got {
		t.Errorf("Restore = %+v, %v", restored.Snapshot(), err)
	}
}

func TestFaultsHaveTheKindsAndCodesThatClientsKnow(t *testing.T) {
	for _, tc := range []struct {
		fault *fault.Error
		kind  fault.Kind
		code  string
	}{
		{task.ErrNotFound, fault.NotFound, "NOT_FOUND"},
		{task.ErrStale, fault.Conflict, "CONFLICT"},
		{task.ErrInvalid, fault.Invalid, "VALIDATION_FAILED"},
		{task.ErrQuota, fault.Exhausted, "QUOTA_EXCEEDED"},
	} {
		if tc.fault.Kind != tc.kind || tc.fault.Code != tc.code || tc.fault.Message == "" {
			t.Errorf("got %v %s %q, want %v %s", tc.fault.Kind, tc.fault.Code, tc.fault.Message, tc.kind, tc.code)
		}
	}
}
