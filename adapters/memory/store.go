// Package memory is a store without a database. It keeps the whole contract
// of [ports.Store], so that it can stand in for a database in any test; only
// what it holds is gone when the program ends.
package memory

import (
	"context"
	"sync"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// Store holds what is each user's apart from every other's, so that no user
// waits for another. The zero Store is empty and ready for use.
type Store struct {
	mu      sync.Mutex // guards the maps, not what is on the shelves
	shelves map[identity.UserID]*shelf
	keys    map[string][]byte
}

// shelf is all that is one user's.
type shelf struct {
	// turn holds a token while a unit of work runs: those of one user run one
	// after the other.
	turn chan struct{}

	mu      sync.RWMutex // guards what follows
	tasks   map[task.ID]task.Task
	replays map[string]claim
	held    map[string]bool // keys claimed by the unit whose turn it is
	erased  bool
}

func (s *Store) shelf(user identity.UserID) *shelf {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shelves == nil {
		s.shelves = map[identity.UserID]*shelf{}
	}
	if s.shelves[user] == nil {
		s.shelves[user] = &shelf{
			turn:    make(chan struct{}, 1),
			tasks:   map[task.ID]task.Task{},
			replays: map[string]claim{},
			held:    map[string]bool{},
		}
	}
	return s.shelves[user]
}

// Find implements [ports.TaskStore]. It does not wait for a unit of work and
// sees nothing of one.
func (s *Store) Find(ctx context.Context, user identity.UserID, id task.ID) (task.Task, error) {
	if err := admit(ctx, user); err != nil {
		return task.Task{}, err
	}
	return s.shelf(user).find(changes{}, id)
}

// List implements [ports.TaskStore]. It does not wait for a unit of work and
// sees nothing of one.
func (s *Store) List(ctx context.Context, user identity.UserID, q ports.Query) (ports.Page, error) {
	if err := admit(ctx, user); err != nil {
		return ports.Page{}, err
	}
	return s.shelf(user).list(changes{}, q), nil
}

// Insert implements [ports.TaskStore].
func (s *Store) Insert(ctx context.Context, t task.Task, quota int) error {
	return s.Atomically(ctx, t.User(), func(ctx context.Context, u ports.Unit) error {
		return u.Insert(ctx, t, quota)
	})
}

// Save implements [ports.TaskStore].
func (s *Store) Save(ctx context.Context, t task.Task) error {
	return s.Atomically(ctx, t.User(), func(ctx context.Context, u ports.Unit) error {
		return u.Save(ctx, t)
	})
}

// Delete implements [ports.TaskStore].
func (s *Store) Delete(ctx context.Context, user identity.UserID, id task.ID, version int64) error {
	return s.Atomically(ctx, user, func(ctx context.Context, u ports.Unit) error {
		return u.Delete(ctx, user, id, version)
	})
}

// Atomically implements [ports.Store]. It runs fn once.
func (s *Store) Atomically(ctx context.Context, user identity.UserID, fn func(context.Context, ports.Unit) error) error {
	if err := admit(ctx, user); err != nil {
		return err
	}
	w := &work{user: user, shelf: s.shelf(user)}
	defer w.end()
	if err := w.run(ctx, fn); err != nil {
		return err
	}
	w.commit()
	return nil
}

func admit(ctx context.Context, user identity.UserID) error {
	if user.IsZero() {
		return identity.ErrNoUser
	}
	return ctx.Err()
}
