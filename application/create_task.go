package application

import (
	"context"

	"taskhold/domain/identity"
	"taskhold/domain/task"
)

// Create implements [ports.Tasks].
func (s *Tasks) Create(ctx context.Context, user identity.UserID, c task.Change) (task.Task, error) {
	now := s.clock.Now()
	t, err := task.New(s.ids.NewTaskID(now), user, c, now)
	if err != nil {
		return task.Task{}, err
	}
	if err := s.store.Insert(ctx, t, s.quota); err != nil {
		return task.Task{}, err
	}
	return t, nil
}
