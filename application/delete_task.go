package application

import (
	"context"
	"errors"

	"taskhold/domain/identity"
	"taskhold/domain/task"
)

// Delete implements [ports.Tasks].
func (s *Tasks) Delete(ctx context.Context, user identity.UserID, id task.ID, m task.Match) error {
	if !m.IsSet() {
		return s.store.Delete(ctx, user, id, 0)
	}
	for range attempts {
		stored, err := s.store.Find(ctx, user, id)
		if err != nil {
			return err
		}
		if !m.Holds(stored.Version()) {
			return &task.PreconditionError{Current: stored}
		}
		err = s.store.Delete(ctx, user, id, stored.Version())
		if !errors.Is(err, task.ErrStale) {
			return err
		}
	}
	return task.ErrStale
}
