package task_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taskhold/domain/fault"
	"taskhold/domain/identity"
	"taskhold/domain/task"
)

func TestRestoreRefusesWhatBreaksARule(t *testing.T) {
	good := made(t, task.Change{Completed: task.Some(true), Tags: task.Some([]string{"a"})}).Snapshot()
	if _, err := task.Restore(good); err != nil {
		t.Fatal(err)
	}
	for rule, spoil := range map[string]func(*task.Snapshot){
		"a user":                  func(s *task.Snapshot) { s.User = identity.UserID{} },
		"an id":                   func(s *task.Snapshot) { s.ID = task.ID{} },
		"an id of its instant":    func(s *task.Snapshot) { s.ID = task.NewID(noon.Add(time.Microsecond), ones) },
		"a title":                 func(s *task.Snapshot) { s.Title = "" },
		"a title of one line":     func(s *task.Snapshot) { s.Title = "secret\nmilk" },
		"a title of 200":          func(s *task.Snapshot) { s.Title = strings.Repeat("x", 201) },
		"a description of 10,000": func(s *task.Snapshot) { s.Description = strings.Repeat("x", 10_001) },
		"a known priority":        func(s *task.Snapshot) { s.Priority = task.High + 1 },
		"different tags":          func(s *task.Snapshot) { s.Tags = []string{"secret", "secret"} },
		"twenty tags":             func(s *task.Snapshot) { s.Tags = tagsOf(21) },
		"a version":               func(s *task.Snapshot) { s.Version = 0 },
		"an update after it was":  func(s *task.Snapshot) { s.Updated = noon.Add(-time.Microsecond); s.Completed = time.Time{} },
		"a completion after that": func(s *task.Snapshot) { s.Completed = noon.Add(-time.Microsecond) },
		"and before its update":   func(s *task.Snapshot) { s.Completed = noon.Add(time.Microsecond) },
		"a due of the year 1":     func(s *task.Snapshot) { s.Due = task.DueAt(time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC)) },
		"a due of the year 9999":  func(s *task.Snapshot) { s.Due = task.DueAt(time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)) },
		"a date of the year 9999": func(s *task.Snapshot) { s.Due = task.DueOn(date(t, "9999-12-31").Next()) },
	} {
		t.Run(rule, func(t *testing.T) {
			s := good
			spoil(&s)
			_, err := task.Restore(s)
			var known *fault.Error
			if err == nil || errors.Is(err, fault.Invalid) || errors.As(err, &known) {
				t.Errorf("Restore = %v; want an error that is no user's fault", err)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error shows what is stored: %v", err)
			}
		})
	}
}

func TestRestoreBringsInstantsToOneForm(t *testing.T) {
	want := made(t, task.Change{Completed: task.Some(true), DueAt: task.Some("2026-03-09T12:00:00Z")})
	s := want.Snapshot()
	elsewhere := time.FixedZone("", -7200)
	s.Created, s.Updated, s.Completed = s.Created.In(elsewhere), s.Updated.Local(), s.Completed.In(elsewhere)
	s.Due = task.DueAt(s.Due.At().In(elsewhere))
	if got, err := task.Restore(s); err != nil || got != want {
		t.Errorf("Restore = %+v, %v; want %+v", got.Snapshot(), err, want.Snapshot())
	}
}

// change draws a change of which each part may be anything, good more often
// than not.
func change(t *rapid.T, label string) task.Change {
	text := rapid.OneOf(rapid.SampledFrom([]string{"milk", " bread ", "\u2028", "", "null", milk, "a\nb"}), rapid.String())
	return task.Change{
		Title:       optional(t, label+" title", text),
		Description: optional(t, label+" description", text),
		Completed:   optional(t, label+" completed", rapid.Bool()),
		Priority:    optional(t, label+" priority", rapid.SampledFrom([]string{"none", "low", "medium", "high", "High"})),
		DueDate:     optional(t, label+" due_date", rapid.SampledFrom([]string{"0001-01-01", "2024-02-29", "9999-12-31", "2026-02-29"})),
		DueAt:       optional(t, label+" due_at", rapid.SampledFrom([]string{"0001-01-01T00:00:00.000001Z", "2026-03-09T10:00:00.5+02:00", "9999-12-31T23:59:59.999999Z", "x"})),
		Tags:        optional(t, label+" tags", rapid.SliceOfN(text, 0, 4)),
	}
}

func optional[T any](t *rapid.T, label string, values *rapid.Generator[T]) task.Optional[T] {
	switch rapid.IntRange(0, 9).Draw(t, label+" is") {
	case 0:
		return task.Null[T]()
	case 1, 2, 3, 4:
		return task.Some(values.Draw(t, label))
	}
	return task.Optional[T]{}
}

// FuzzRestoreSnapshot makes tasks by any sequence of verbs, at any time.
// Whatever becomes of one, it obeys every rule and is the same again.
func FuzzRestoreSnapshot(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(lives))
}

func TestATaskIsTheSameWhenItIsRestored(t *testing.T) { rapid.Check(t, lives) }

func lives(t *rapid.T) {
	instants := rapid.Custom(func(t *rapid.T) time.Time {
		return noon.Add(time.Duration(rapid.IntRange(-1_000_000, 1_000_000).Draw(t, "ns")))
	})
	created := instants.Draw(t, "created")
	c := change(t, "new")
	c.Title = task.Some("born")
	life, err := task.New(task.NewID(created, ones), ann, c, created)
	if err != nil {
		if !errors.Is(err, task.ErrInvalid) {
			t.Fatalf("New: %v", err)
		}
		return
	}
	for range rapid.IntRange(0, 6).Draw(t, "changes") {
		before, now := life, instants.Draw(t, "now")
		err := do(t, &life, now)
		sound(t, before, life, err)
	}
}

func do(t *rapid.T, life *task.Task, now time.Time) error {
	switch rapid.IntRange(0, 3).Draw(t, "verb") {
	case 0:
		return life.Edit(change(t, "edit"), now)
	case 1:
		return life.Replace(change(t, "replacement"), now)
	case 2:
		life.Complete(now)
	case 3:
		life.Reopen(now)
	}
	return nil
}

// sound fails unless after may follow before.
func sound(t *rapid.T, before, after task.Task, err error) {
	restored, restoreErr := task.Restore(after.Snapshot())
	if restoreErr != nil || restored != after {
		t.Fatalf("Restore = %+v, %v; want %+v", restored.Snapshot(), restoreErr, after.Snapshot())
	}
	was, is := before.Snapshot(), after.Snapshot()
	steps := is.Version - was.Version
	switch {
	case err != nil && (after != before || !errors.Is(err, task.ErrInvalid)):
		t.Fatalf("%v turned %+v into %+v", err, was, is)
	case (after != before) != (steps == 1) || steps < 0 || steps > 1:
		t.Fatalf("%+v turned into %+v", was, is)
	case is.Updated.Before(was.Updated) || is.Created != was.Created || is.ID != was.ID || is.User != was.User:
		t.Fatalf("%+v turned into %+v", was, is)
	case !is.Due.Date().IsZero() && !is.Due.At().IsZero():
		t.Fatalf("%+v is due twice", is)
	}
}
