// Package application carries out what the inbound ports promise: one type,
// one file for each use case.
package application

import (
	"context"
	"errors"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

var _ ports.Tasks = (*Tasks)(nil)

// Tasks implements [ports.Tasks].
type Tasks struct {
	store ports.Store
	turns ports.Turns
	clock ports.Clock
	ids   ports.IDs
	quota int
}

// NewTasks returns the use cases over a store; quota is how many tasks one
// user may have.
func NewTasks(store ports.Store, turns ports.Turns, clock ports.Clock, ids ports.IDs, quota int) *Tasks {
	return &Tasks{store, turns, clock, ids, quota}
}

// within returns the same use cases as part of a unit of work.
func (s *Tasks) within(u ports.Unit) *Tasks {
	inner := *s
	inner.store = u
	return &inner
}

// attempts is how many races an unconditional change may lose. Losing one
// means that another change of the same task won, so only a task that many
// write at once comes near it.
const attempts = 20

// change finds a task, lets edit alter it, and saves it, under a condition.
func (s *Tasks) change(ctx context.Context, user identity.UserID, id task.ID, m task.Match, edit func(*task.Task) error) (task.Task, error) {
	for range attempts {
		stored, err := s.store.Find(ctx, user, id)
		if err != nil {
			return task.Task{}, err
		}
		changed, err := alter(stored, m, edit)
		if err != nil || changed == stored {
			return changed, err
		}
		err = s.store.Save(ctx, changed)
		if err == nil {
			return changed, nil
		}
		if !errors.Is(err, task.ErrStale) {
			return task.Task{}, err
		}
	}
	return task.Task{}, task.ErrStale
}

// alter judges the condition and edits. A stale condition is forgiven if it
// named the version before and the edit would change nothing: then what was
// asked is already so.
func alter(stored task.Task, m task.Match, edit func(*task.Task) error) (task.Task, error) {
	holds := m.Holds(stored.Version())
	if !holds && !m.Precedes(stored.Version()) {
		return task.Task{}, &task.PreconditionError{Current: stored}
	}
	changed := stored
	err := edit(&changed)
	if !holds && (err != nil || changed != stored) {
		return task.Task{}, &task.PreconditionError{Current: stored}
	}
	if err != nil {
		return task.Task{}, err
	}
	return changed, nil
}
