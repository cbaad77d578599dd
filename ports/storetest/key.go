package storetest

import (
	"context"
	"fmt"
	"time"

	"taskhold/domain/identity"
	"taskhold/ports"
)

func keyRules(o options) []Rule {
	return []Rule{
		rule("a user has as many live keys as one may have and no more", func(ctx context.Context, w *world) { keysAreBounded(ctx, w, o.fill) }),
	}
}

func keysAreBounded(ctx context.Context, w *world, fill Fill) {
	keys := make([]string, ports.MaxKeys-1)
	for i := range keys {
		keys[i] = fmt.Sprintf("key-%d", i)
	}
	w.fine("keeping as many keys as one may have", fill(ctx, w.Subject, w.ann, keys, noon))
	w.keep(ctx, w.ann, "last", noon.Add(time.Second), answer("last"))

	soon, late := noon.Add(time.Hour), noon.Add(ports.KeyRetention+time.Microsecond)
	_, err := w.once(ctx, w.ann, "one too many", soon, answer("refused"))
	w.refused("Claim", err, ports.ErrTooManyKeys)
	_, err = w.once(ctx, w.ann, "one too many", noon.Add(ports.KeyRetention), answer("refused"))
	w.refused("Claim after a day", err, ports.ErrTooManyKeys)
	last := answer("last")
	w.replays(ctx, "last", soon, &last)
	w.replays(ctx, keys[0], soon, new(ports.Replay))
	w.replaysTo(ctx, w.bob, "one too many", soon, nil)
	w.keep(ctx, w.ann, "one too many", late, answer("after all")) // all but the last have expired
}

func fillThroughPort(ctx context.Context, s Subject, user identity.UserID, keys []string, at time.Time) error {
	return s.Atomically(ctx, user, func(ctx context.Context, u ports.Unit) error {
		for _, key := range keys {
			if _, err := u.Claim(ctx, user, key, at); err != nil {
				return err
			}
			if err := u.Keep(ctx, user, key, ports.Replay{}); err != nil {
				return err
			}
		}
		return nil
	})
}
