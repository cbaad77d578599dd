package memory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"taskhold/domain/identity"
	"taskhold/ports"
)

// claim is a key that was claimed, and what was kept for it.
type claim struct {
	at     time.Time
	replay *ports.Replay // nil while nothing is
}

// liveAt reports whether the claim is remembered at an instant.
func (c claim) liveAt(now time.Time) bool { return !c.at.Before(now.Add(-ports.KeyRetention)) }

func (u *unit) Claim(ctx context.Context, user identity.UserID, key string, now time.Time) (*ports.Replay, error) {
	if err := u.enter(ctx, user, func() error { return u.work.beginWith(ctx, key) }); err != nil {
		return nil, err
	}
	defer u.leave()
	w := u.work
	kept, err := w.shelf.claim(w.changes, key, now)
	if err != nil || kept != nil {
		return kept, err
	}
	w.claim(key, claim{at: now})
	w.shelf.hold(key)
	return nil, nil
}

func (u *unit) Keep(ctx context.Context, user identity.UserID, key string, r ports.Replay) error {
	if err := u.begin(ctx, user); err != nil {
		return err
	}
	defer u.leave()
	claimed, ok := u.work.changes.claims[key]
	if !ok {
		return fmt.Errorf("memory: a key that the unit of work has not claimed cannot be kept")
	}
	claimed.replay = clone(r)
	u.work.claim(key, claimed)
	return nil
}

func (w *work) claim(key string, c claim) {
	if w.changes.claims == nil {
		w.changes.claims = map[string]claim{}
	}
	w.changes.claims[key] = c
}

// claim returns the replay that is kept for the key after changes, or nil if
// the key may be claimed.
func (s *shelf) claim(c changes, key string, now time.Time) (*ports.Replay, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.erased {
		return nil, identity.ErrErased
	}
	known, ok := c.claims[key]
	if !ok {
		known = s.replays[key]
	}
	switch {
	case known.replay != nil && known.liveAt(now):
		return clone(*known.replay), nil
	case !ok && s.live(c, now) >= ports.MaxKeys:
		return nil, ports.ErrTooManyKeys
	}
	return nil, nil
}

// live counts the keys that are live after changes. It looks at each only if
// there are many.
func (s *shelf) live(c changes, now time.Time) int {
	n := len(s.replays) + len(c.claims)
	if n < ports.MaxKeys {
		return n
	}
	for key, kept := range s.replays {
		if _, again := c.claims[key]; again || !kept.liveAt(now) {
			n--
		}
	}
	return n
}

// hold lets others see that the unit whose turn it is holds a key.
func (s *shelf) hold(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[key] = true
}

// release takes all keys but some from the unit whose turn it is.
func (s *shelf) release(but map[string]claim) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.held, func(key string, _ bool) bool {
		_, kept := but[key]
		return !kept
	})
}

func (s *shelf) holds(key string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.held[key]
}

func clone(r ports.Replay) *ports.Replay {
	r.Reply.Body = slices.Clone(r.Reply.Body)
	return &r
}
