package application

import (
	"context"

	"taskhold/domain/identity"
	"taskhold/domain/task"
)

// Complete implements [ports.Tasks].
func (s *Tasks) Complete(ctx context.Context, user identity.UserID, id task.ID, m task.Match) (task.Task, error) {
	return s.change(ctx, user, id, m, func(t *task.Task) error {
		t.Complete(s.clock.Now())
		return nil
	})
}

// Reopen implements [ports.Tasks].
func (s *Tasks) Reopen(ctx context.Context, user identity.UserID, id task.ID, m task.Match) (task.Task, error) {
	return s.change(ctx, user, id, m, func(t *task.Task) error {
		t.Reopen(s.clock.Now())
		return nil
	})
}
