package application_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"taskhold/adapters/system"
	"taskhold/application"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// failing is a store that cannot write, and counts how often it was asked to.
type failing struct {
	ports.Store
	asked *int
}

func (s failing) fail() error {
	*s.asked++
	return ports.ErrUnavailable
}

func (s failing) Save(context.Context, task.Task) error { return s.fail() }

func (s failing) Delete(context.Context, identity.UserID, task.ID, int64) error { return s.fail() }

func (s failing) Atomically(ctx context.Context, user identity.UserID, act func(context.Context, ports.Unit) error) error {
	return s.Store.Atomically(ctx, user, func(ctx context.Context, u ports.Unit) error {
		return act(ctx, failingUnit{failing{u, s.asked}, u})
	})
}

type failingUnit struct {
	failing
	ports.Replays
}

func (u failingUnit) Claim(context.Context, identity.UserID, string, time.Time) (*ports.Replay, error) {
	return nil, u.fail()
}

// TestAFailureOfTheStoreIsToldAtOnce wants neither a second try, which is for
// lost races, nor an outcome of what was not done.
func TestAFailureOfTheStoreIsToldAtOnce(t *testing.T) {
	for name, act := range map[string]func(h house, tasks *application.Tasks, id task.ID) error{
		"edit": func(h house, tasks *application.Tasks, id task.ID) error {
			_, err := tasks.Edit(t.Context(), h.user, id, task.Match{}, task.Change{Title: task.Some("bread")})
			return err
		},
		"delete": func(h house, tasks *application.Tasks, id task.ID) error {
			return tasks.Delete(t.Context(), h.user, id, task.MatchVersions(1))
		},
		"claim a key": func(h house, tasks *application.Tasks, _ task.ID) error {
			r, replayed, err := tasks.Once(t.Context(), h.user, ports.Key{Text: "k"}, h.creation("tea"))
			if r.Status != 0 || replayed {
				t.Errorf("Once = %v, %v beside its failure", r, replayed)
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, asked := newHouse(t), 0
			made := h.create(t, "milk")
			tasks := application.NewTasks(failing{h.store.Store, &asked}, new(system.Turns), h.clock, system.IDs{}, quota)
			if err := act(h, tasks, made.ID()); !errors.Is(err, ports.ErrUnavailable) || asked != 1 {
				t.Errorf("%v after %d tries, want ErrUnavailable after one", err, asked)
			}
			if s := h.stored(t, made.ID()).Snapshot(); s.Version != 1 || h.count(t) != 1 {
				t.Errorf("stored = %+v and %d tasks, want all as it was", s, h.count(t))
			}
		})
	}
}

// TestADeleteWithoutAConditionLosesNoRace wants it to be one statement, that no
// other write can come before.
func TestADeleteWithoutAConditionLosesNoRace(t *testing.T) {
	h := newHouse(t)
	made := h.create(t, "milk")
	h.store.before = func() { // another always writes first
		for _, act := range []func(context.Context, identity.UserID, task.ID, task.Match) (task.Task, error){h.Complete, h.Reopen} {
			if _, err := act(t.Context(), h.user, made.ID(), task.Match{}); err != nil {
				t.Error(err)
			}
		}
	}
	if err := h.Delete(t.Context(), h.user, made.ID(), task.Match{}); err != nil {
		t.Errorf("Delete = %v", err)
	}
}

// noTurns are those of a key that another request keeps busy.
type noTurns struct{}

func (noTurns) Take(context.Context, identity.UserID, string) (func(), error) {
	return nil, ports.ErrKeyBusy
}

func TestWhoGetsNoTurnIsNeitherServedNorAnsweredAgain(t *testing.T) {
	h := newHouse(t)
	tasks := application.NewTasks(h.store.Store, noTurns{}, h.clock, system.IDs{}, quota)
	r, replayed, err := tasks.Once(t.Context(), h.user, ports.Key{Text: "k"}, h.creation("tea"))
	if !errors.Is(err, ports.ErrKeyBusy) || r.Status != 0 || replayed || h.count(t) != 0 {
		t.Errorf("Once = %v, %v, %v with %d tasks; want ErrKeyBusy alone", r, replayed, err, h.count(t))
	}
}
