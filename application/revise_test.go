package application_test

import (
	"errors"
	"sync"
	"testing"

	"taskhold/domain/fault"
	"taskhold/domain/task"
)

// toggle is the simplest change that depends on the task.
func toggle(stored task.Snapshot) task.Change {
	return task.Change{Completed: task.Some(stored.Completed.IsZero())}
}

func TestARevisionIsMadeOfTheTaskAsItStands(t *testing.T) {
	h := newHouse(t)
	made := h.create(t, "milk")
	for _, want := range []bool{true, false, true} {
		got, err := h.Revise(t.Context(), h.user, made.ID(), task.Match{}, toggle)
		if err != nil || got.Completed() != want || got != h.stored(t, made.ID()) {
			t.Fatalf("Revise = %v, %v; want completed %v, and stored so", got, err, want)
		}
	}
}

func TestARevisionThatLosesARaceIsMadeAnew(t *testing.T) {
	h := newHouse(t)
	made := h.create(t, "milk")
	h.store.before = once(func() { // another toggles first
		if _, err := h.Revise(t.Context(), h.user, made.ID(), task.Match{}, toggle); err != nil {
			t.Error(err)
		}
	})
	seen := []bool{}
	got, err := h.Revise(t.Context(), h.user, made.ID(), task.Match{}, func(s task.Snapshot) task.Change {
		seen = append(seen, !s.Completed.IsZero())
		return toggle(s)
	})
	if err != nil || got.Completed() || got.Version() != 3 {
		t.Errorf("after two toggles: %v, %v; want it open, in version 3", got, err)
	}
	if len(seen) != 2 || seen[0] || !seen[1] {
		t.Errorf("the change saw completed %v, want false, and then what the winner left", seen)
	}
}

func TestEveryToggleOfManyCounts(t *testing.T) {
	h := newHouse(t)
	made := h.create(t, "milk")
	var (
		everybody sync.WaitGroup
		start     = make(chan struct{})
	)
	const n = 9 // fewer than the races that one may lose
	for range n {
		everybody.Go(func() {
			<-start
			if _, err := h.Revise(t.Context(), h.user, made.ID(), task.Match{}, toggle); err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	everybody.Wait()
	if got := h.stored(t, made.ID()); !got.Completed() || got.Version() != n+1 {
		t.Errorf("after %d toggles: completed %v, version %d", n, got.Completed(), got.Version())
	}
}

func TestARevisionHasItsConditionAndItsFaults(t *testing.T) {
	h := newHouse(t)
	made := h.create(t, "milk")
	done, err := h.Revise(t.Context(), h.user, made.ID(), task.MatchVersions(1), toggle)
	if err != nil || !done.Completed() {
		t.Fatalf("Revise = %v, %v", done, err)
	}
	if _, err := h.Revise(t.Context(), h.user, made.ID(), task.MatchVersions(1), toggle); !errors.Is(err, fault.Stale) {
		t.Errorf("a toggle on a stale condition = %v, want it refused: it would undo the first", err)
	}
	blank := func(task.Snapshot) task.Change { return blank() }
	if _, err := h.Revise(t.Context(), h.user, made.ID(), task.Match{}, blank); !errors.Is(err, task.ErrInvalid) {
		t.Errorf("Revise = %v, want ErrInvalid", err)
	}
	if _, err := h.Revise(t.Context(), parseUser(t, "bob"), made.ID(), task.Match{}, toggle); !errors.Is(err, task.ErrNotFound) {
		t.Errorf("Revise of another's = %v, want ErrNotFound", err)
	}
	if got := h.stored(t, made.ID()); got != done {
		t.Errorf("stored = %v, want %v", got, done)
	}
}
