package application

import (
	"context"

	"taskhold/domain/identity"
	"taskhold/ports"
)

// Once implements [ports.Tasks].
func (s *Tasks) Once(ctx context.Context, user identity.UserID, k ports.Key, act func(context.Context, ports.Tasks) (ports.Reply, error)) (r ports.Reply, replayed bool, err error) {
	done, err := s.turns.Take(ctx, user, k.Text)
	if err != nil {
		return ports.Reply{}, false, err
	}
	defer done()
	err = s.store.Atomically(ctx, user, func(ctx context.Context, u ports.Unit) error {
		kept, err := u.Claim(ctx, user, k.Text, s.clock.Now())
		if err != nil {
			return err
		}
		if replayed = kept != nil; replayed {
			if kept.Request != k.Request {
				return ports.ErrKeyReused
			}
			r = kept.Reply
			return nil
		}
		if r, err = act(ctx, s.within(u)); err != nil {
			return err
		}
		return u.Keep(ctx, user, k.Text, ports.Replay{Request: k.Request, Reply: r})
	})
	if err != nil {
		return ports.Reply{}, false, err
	}
	return r, replayed, nil
}
