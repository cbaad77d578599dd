package application

import (
	"context"

	"taskhold/domain/identity"
	"taskhold/domain/task"
)

// Edit implements [ports.Tasks].
func (s *Tasks) Edit(ctx context.Context, user identity.UserID, id task.ID, m task.Match, c task.Change) (task.Task, error) {
	return s.change(ctx, user, id, m, func(t *task.Task) error { return t.Edit(c, s.clock.Now()) })
}

// Revise implements [ports.Tasks].
func (s *Tasks) Revise(ctx context.Context, user identity.UserID, id task.ID, m task.Match, change func(task.Snapshot) task.Change) (task.Task, error) {
	return s.change(ctx, user, id, m, func(t *task.Task) error { return t.Edit(change(t.Snapshot()), s.clock.Now()) })
}

// Replace implements [ports.Tasks].
func (s *Tasks) Replace(ctx context.Context, user identity.UserID, id task.ID, m task.Match, c task.Change) (task.Task, error) {
	return s.change(ctx, user, id, m, func(t *task.Task) error { return t.Replace(c, s.clock.Now()) })
}
