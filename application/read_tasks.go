package application

import (
	"context"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// Get implements [ports.Tasks].
func (s *Tasks) Get(ctx context.Context, user identity.UserID, id task.ID) (task.Task, error) {
	return s.store.Find(ctx, user, id)
}

// List implements [ports.Tasks].
func (s *Tasks) List(ctx context.Context, user identity.UserID, q ports.Query) (ports.Page, error) {
	return s.store.List(ctx, user, q)
}
