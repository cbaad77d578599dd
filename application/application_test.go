package application_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"taskhold/adapters/memory"
	"taskhold/adapters/system"
	"taskhold/application"
	"taskhold/domain/fault"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

const quota = 5

// house is the use cases over a memory store that tests may tamper with.
type house struct {
	*application.Tasks
	store *tampered
	user  identity.UserID
	clock *stoppedClock
}

func newHouse(t *testing.T) house {
	t.Helper()
	user := parseUser(t, "ann")
	store := &tampered{Store: new(memory.Store)}
	clock := &stoppedClock{now: time.Date(2026, 11, 22, 21, 0, 0, 0, time.UTC)}
	return house{application.NewTasks(store, new(system.Turns), clock, system.IDs{}, quota), store, user, clock}
}

func parseUser(t *testing.T, s string) identity.UserID {
	t.Helper()
	user, err := identity.ParseUserID(s)
	if err != nil {
		t.Fatal(err)
	}
	return user
}

func (h house) create(t *testing.T, title string) task.Task {
	t.Helper()
	made, err := h.Create(t.Context(), h.user, task.Change{Title: task.Some(title)})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (h house) stored(t *testing.T, id task.ID) task.Task {
	t.Helper()
	found, err := h.Get(t.Context(), h.user, id)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// stoppedClock moves a microsecond a reading.
type stoppedClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *stoppedClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Microsecond)
	return c.now
}

// tampered calls before ahead of each Save and Delete.
type tampered struct {
	*memory.Store
	before func()
}

func (s *tampered) Save(ctx context.Context, t task.Task) error {
	s.tamper()
	return s.Store.Save(ctx, t)
}

func (s *tampered) Delete(ctx context.Context, user identity.UserID, id task.ID, version int64) error {
	s.tamper()
	return s.Store.Delete(ctx, user, id, version)
}

func (s *tampered) tamper() {
	if before := s.before; before != nil {
		s.before = nil // what it does is itself not tampered with
		before()
		s.before = before
	}
}

// once makes an action happen at its first call alone.
func once(act func()) func() {
	var done sync.Once
	return func() { done.Do(act) }
}

func TestCreateKeepsTheQuota(t *testing.T) {
	h := newHouse(t)
	for range quota {
		h.create(t, "milk")
	}
	if _, err := h.Create(t.Context(), h.user, task.Change{Title: task.Some("milk")}); !errors.Is(err, task.ErrQuota) {
		t.Errorf("Create = %v, want ErrQuota", err)
	}
}

func TestRefusedContentChangesNothing(t *testing.T) {
	h := newHouse(t)
	made := h.create(t, "milk")
	for name, act := range map[string]func() error{
		"create": func() error { _, err := h.Create(t.Context(), h.user, task.Change{}); return err },
		"edit":   func() error { _, err := h.Edit(t.Context(), h.user, made.ID(), task.Match{}, blank()); return err },
		"replace": func() error {
			_, err := h.Replace(t.Context(), h.user, made.ID(), task.Match{}, task.Change{})
			return err
		},
	} {
		if err := act(); !errors.Is(err, task.ErrInvalid) {
			t.Errorf("%s = %v, want ErrInvalid", name, err)
		}
	}
	if got := h.stored(t, made.ID()); got != made {
		t.Errorf("stored = %v, want %v", got, made)
	}
	page, err := h.List(t.Context(), h.user, ports.Query{Limit: 10})
	if err != nil || len(page.Tasks) != 1 {
		t.Errorf("List = %v, %v; want one task", page, err)
	}
}

func blank() task.Change { return task.Change{Title: task.Some(" ")} }

func TestEditsOfDifferentMembersBothSurviveARace(t *testing.T) {
	h := newHouse(t)
	made := h.create(t, "milk")
	h.store.before = once(func() {
		if _, err := h.Edit(t.Context(), h.user, made.ID(), task.Match{}, task.Change{Priority: task.Some("high")}); err != nil {
			t.Error(err)
		}
	})
	got, err := h.Edit(t.Context(), h.user, made.ID(), task.Match{}, task.Change{Title: task.Some("bread")})
	if err != nil {
		t.Fatal(err)
	}
	if s := got.Snapshot(); s.Title != "bread" || s.Priority != task.High || s.Version != 3 {
		t.Errorf("after both edits: %+v", s)
	}
	if got != h.stored(t, made.ID()) {
		t.Error("what was returned is not what is stored")
	}
}

func TestALostRaceIsBounded(t *testing.T) {
	h := newHouse(t)
	made := h.create(t, "milk")
	verbs := []func(context.Context, identity.UserID, task.ID, task.Match) (task.Task, error){h.Complete, h.Reopen}
	turn := 0
	h.store.before = func() { // another always writes first
		turn++
		if _, err := verbs[turn%2](t.Context(), h.user, made.ID(), task.Match{}); err != nil {
			t.Error(err)
		}
		if _, err := verbs[(turn+1)%2](t.Context(), h.user, made.ID(), task.Match{}); err != nil {
			t.Error(err)
		}
	}
	_, err := h.Edit(t.Context(), h.user, made.ID(), task.Match{}, task.Change{Title: task.Some("bread")})
	if !errors.Is(err, task.ErrStale) || !errors.Is(err, fault.Conflict) {
		t.Errorf("Edit = %v, want ErrStale", err)
	}
}

func TestConditions(t *testing.T) {
	title := func(s string) task.Change { return task.Change{Title: task.Some(s)} }
	for name, tc := range map[string]struct {
		match   task.Match
		change  task.Change
		stale   bool
		version int64
	}{
		// The task is "bread" of version 2 after "milk" of version 1.
		"the current version": {task.MatchVersions(2), title("tea"), false, 3},
		"any version":         {task.MatchAny(), title("tea"), false, 3},
		"one of several":      {task.MatchVersions(7, 2), title("tea"), false, 3},
		"the version before, asking for another thing":      {task.MatchVersions(1), title("tea"), true, 2},
		"the version before, asking for what is":            {task.MatchVersions(1), title("bread"), false, 2},
		"the version before, with content that is refused":  {task.MatchVersions(1), title(" "), true, 2},
		"an older version, asking for what is":              {task.MatchVersions(0), title("bread"), true, 2},
		"a version to come":                                 {task.MatchVersions(3), title("bread"), true, 2},
		"no version at all":                                 {task.MatchVersions(), title("bread"), true, 2},
		"the current version, with nothing to change":       {task.MatchVersions(2), title("bread"), false, 2},
		"the version before, where nothing was asked for":   {task.MatchVersions(1), task.Change{}, false, 2},
		"no condition, asking for what is, changes nothing": {task.Match{}, title("bread"), false, 2},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			made := h.create(t, "milk")
			bread, err := h.Edit(t.Context(), h.user, made.ID(), task.Match{}, title("bread"))
			if err != nil {
				t.Fatal(err)
			}
			got, err := h.Edit(t.Context(), h.user, made.ID(), tc.match, tc.change)
			var stale *task.PreconditionError
			if errors.As(err, &stale) != tc.stale {
				t.Fatalf("Edit = %v, %v; want stale %v", got, err, tc.stale)
			}
			if tc.stale && (stale.Current != bread || !errors.Is(err, fault.Stale)) {
				t.Errorf("current = %v, want %v", stale.Current, bread)
			}
			if version := h.stored(t, made.ID()).Version(); version != tc.version {
				t.Errorf("version = %d, want %d", version, tc.version)
			}
		})
	}
}

func TestAConditionIsComparedWithTheWrite(t *testing.T) {
	for name, act := range map[string]func(h house, id task.ID) error{
		"edit": func(h house, id task.ID) error {
			_, err := h.Edit(t.Context(), h.user, id, task.MatchVersions(1), task.Change{Title: task.Some("bread")})
			return err
		},
		"delete": func(h house, id task.ID) error { return h.Delete(t.Context(), h.user, id, task.MatchVersions(1)) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			made := h.create(t, "milk")
			h.store.before = once(func() { // between the look and the write
				if _, err := h.Complete(t.Context(), h.user, made.ID(), task.Match{}); err != nil {
					t.Error(err)
				}
			})
			if err := act(h, made.ID()); !errors.Is(err, fault.Stale) {
				t.Errorf("%s = %v, want it stale", name, err)
			}
			if s := h.stored(t, made.ID()).Snapshot(); s.Version != 2 || s.Title != "milk" {
				t.Errorf("stored = %+v, want the other's write alone", s)
			}
		})
	}
}

func TestVerbsAreIdempotent(t *testing.T) {
	h := newHouse(t)
	made := h.create(t, "milk")
	done, err := h.Complete(t.Context(), h.user, made.ID(), task.Match{})
	if err != nil || !done.Completed() || done.Version() != 2 {
		t.Fatalf("Complete = %v, %v", done, err)
	}
	if again, err := h.Complete(t.Context(), h.user, made.ID(), task.Match{}); err != nil || again != done {
		t.Errorf("Complete again = %v, %v; want no change", again, err)
	}
	if again, err := h.Complete(t.Context(), h.user, made.ID(), task.MatchVersions(1)); err != nil || again != done {
		t.Errorf("Complete after a lost reply = %v, %v; want the task", again, err)
	}
	if open, err := h.Reopen(t.Context(), h.user, made.ID(), task.MatchVersions(2)); err != nil || open.Completed() || open.Version() != 3 {
		t.Errorf("Reopen = %v, %v", open, err)
	}
}

func TestDelete(t *testing.T) {
	h := newHouse(t)
	made := h.create(t, "milk")
	if err := h.Delete(t.Context(), h.user, made.ID(), task.MatchVersions(9)); !errors.Is(err, fault.Stale) {
		t.Errorf("Delete of another version = %v", err)
	}
	if err := h.Delete(t.Context(), h.user, made.ID(), task.MatchVersions(1)); err != nil {
		t.Errorf("Delete = %v", err)
	}
	for _, m := range []task.Match{{}, task.MatchAny(), task.MatchVersions(1)} {
		if err := h.Delete(t.Context(), h.user, made.ID(), m); !errors.Is(err, task.ErrNotFound) {
			t.Errorf("Delete again = %v, want ErrNotFound", err)
		}
	}
}
