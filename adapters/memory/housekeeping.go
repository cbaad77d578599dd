package memory

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"time"

	"taskhold/domain/identity"
)

// Ping implements [ports.Housekeeping].
func (s *Store) Ping(ctx context.Context) error { return ctx.Err() }

// Key implements [ports.Housekeeping].
func (s *Store) Key(ctx context.Context, name string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys == nil {
		s.keys = map[string][]byte{}
	}
	if s.keys[name] == nil {
		key := make([]byte, 32)
		rand.Read(key) // never fails
		s.keys[name] = key
	}
	return slices.Clone(s.keys[name]), nil
}

// PurgeReplays implements [ports.Housekeeping].
func (s *Store) PurgeReplays(ctx context.Context, before time.Time, limit int) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	shelves := slices.Collect(maps.Values(s.shelves))
	s.mu.Unlock()
	purged := 0
	for _, one := range shelves {
		purged += one.purge(before, limit-purged)
	}
	return purged, nil
}

func (s *shelf) purge(before time.Time, limit int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	purged := 0
	for key, kept := range s.replays {
		if purged < limit && kept.at.Before(before) {
			delete(s.replays, key)
			purged++
		}
	}
	return purged
}

// Erase implements [ports.Housekeeping]. It waits for the unit of work that
// runs.
func (s *Store) Erase(ctx context.Context, user identity.UserID, _ time.Time) error {
	if err := admit(ctx, user); err != nil {
		return err
	}
	w := &work{user: user, shelf: s.shelf(user)}
	defer w.end()
	if err := w.begin(ctx); err != nil {
		return err
	}
	w.shelf.erase()
	return nil
}

func (s *shelf) erase() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tasks)
	clear(s.replays)
	s.erased = true
}
