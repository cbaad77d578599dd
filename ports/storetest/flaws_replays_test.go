package storetest_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"taskhold/domain/identity"
	"taskhold/ports"
)

// claims changes what Claim returns, or does.
func claims(claim func(ctx context.Context, u ports.Unit, user identity.UserID, key string, now time.Time) (*ports.Replay, error)) func(*broken) {
	return func(b *broken) { b.claim = claim }
}

// claimsAt has another clock.
func claimsAt(change func(time.Time) time.Time) func(*broken) {
	return claims(func(ctx context.Context, u ports.Unit, user identity.UserID, key string, now time.Time) (*ports.Replay, error) {
		return u.Claim(ctx, user, key, change(now))
	})
}

// keys has another idea of what a key is.
func keys(change func(string) string) func(*broken) {
	return func(b *broken) {
		b.claim = func(ctx context.Context, u ports.Unit, user identity.UserID, key string, now time.Time) (*ports.Replay, error) {
			return u.Claim(ctx, user, change(key), now)
		}
		b.keep = func(ctx context.Context, u ports.Unit, user identity.UserID, key string, r ports.Replay) error {
			return u.Keep(ctx, user, change(key), r)
		}
	}
}

// keeps changes what is kept.
func keeps(change func(*ports.Replay)) func(*broken) {
	return func(b *broken) {
		b.keep = func(ctx context.Context, u ports.Unit, user identity.UserID, key string, r ports.Replay) error {
			r.Reply.Body = bytes.Clone(r.Reply.Body)
			change(&r)
			return u.Keep(ctx, user, key, r)
		}
	}
}

// shared remembers keys for all users, beside the store, and is never undone.
type shared struct {
	mu   sync.Mutex
	kept map[string]*ports.Replay
	busy map[string]bool
}

// remembers makes a store that claims and keeps by a shared memory as well.
func remembers(claim func(*shared, string) (*ports.Replay, error)) func(*broken) {
	return func(b *broken) {
		s := &shared{kept: map[string]*ports.Replay{}, busy: map[string]bool{}}
		b.claim = func(ctx context.Context, u ports.Unit, user identity.UserID, key string, now time.Time) (*ports.Replay, error) {
			s.mu.Lock()
			kept, err := claim(s, key)
			s.busy[key] = true
			s.mu.Unlock()
			if kept != nil || err != nil {
				return kept, err
			}
			return u.Claim(ctx, user, key, now)
		}
		b.keep = func(ctx context.Context, u ports.Unit, user identity.UserID, key string, r ports.Replay) error {
			s.mu.Lock()
			s.kept[key] = &r
			s.mu.Unlock()
			return u.Keep(ctx, user, key, r)
		}
	}
}

func keptByAnybody(s *shared, key string) (*ports.Replay, error) { return s.kept[key], nil }

func claimedForEver(s *shared, key string) (*ports.Replay, error) {
	if s.busy[key] {
		return nil, ports.ErrKeyBusy
	}
	return nil, nil
}

// claimedOrKept waits for no end of anything.
func claimedOrKept(s *shared, key string) (*ports.Replay, error) {
	if s.kept[key] != nil {
		return s.kept[key], nil
	}
	return claimedForEver(s, key)
}

// impatient gives up at once when another holds the key, or takes it.
func impatient(kept *ports.Replay, busy error) func(*broken) {
	return claims(func(ctx context.Context, u ports.Unit, user identity.UserID, key string, now time.Time) (*ports.Replay, error) {
		brief, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
		defer cancel()
		got, err := u.Claim(brief, user, key, now)
		if errors.Is(err, context.DeadlineExceeded) {
			return kept, busy
		}
		return got, err
	})
}

// careless goes through without the key that another holds.
func careless(b *broken) {
	impatient(nil, nil)(b)
	b.keep = func(ctx context.Context, u ports.Unit, user identity.UserID, key string, r ports.Replay) error {
		_ = u.Keep(ctx, user, key, r)
		return nil
	}
}

// patient waits as long as it takes.
func patient(ctx context.Context, u ports.Unit, user identity.UserID, key string, now time.Time) (*ports.Replay, error) {
	for {
		kept, err := u.Claim(ctx, user, key, now)
		if !errors.Is(err, ports.ErrKeyBusy) {
			return kept, err
		}
	}
}

// oneAtATime turns away who comes while another unit of work runs.
func oneAtATime(b *broken) {
	var running atomic.Bool
	outermost(func(ctx context.Context, s ports.Store, user identity.UserID, fn work) error {
		if !running.CompareAndSwap(false, true) {
			return ports.ErrKeyBusy
		}
		defer running.Store(false)
		time.Sleep(time.Millisecond)
		return s.Atomically(ctx, user, fn)
	})(b)
}

var replayFlaws = flaws{
	"a key that nobody used is free": {
		"has an empty replay for it": claims(func(ctx context.Context, u ports.Unit, user identity.UserID, key string, now time.Time) (*ports.Replay, error) {
			if kept, err := u.Claim(ctx, user, key, now); kept != nil || err != nil {
				return kept, err
			}
			return new(ports.Replay), nil
		}),
	},
	"a replay that was kept comes back, byte for byte": {
		"forgets replays":       claims(forgets),
		"forgets the request":   keeps(func(r *ports.Replay) { r.Request = [32]byte{} }),
		"forgets the last byte": keeps(func(r *ports.Replay) { r.Request[31] = 0 }),
		"forgets the status":    keeps(func(r *ports.Replay) { r.Reply.Status = 200 }),
		"forgets the location":  keeps(func(r *ports.Replay) { r.Reply.Location = "" }),
		"forgets the tag":       keeps(func(r *ports.Replay) { r.Reply.ETag = "" }),
		"keeps JSON":            keeps(func(r *ports.Replay) { r.Reply.Body = bytes.ReplaceAll(r.Reply.Body, []byte(" : "), []byte(": ")) }),
		"keeps text":            keeps(func(r *ports.Replay) { r.Reply.Body = bytes.ToValidUTF8(r.Reply.Body, nil) }),
		"trims":                 keeps(func(r *ports.Replay) { r.Reply.Body = bytes.TrimSpace(r.Reply.Body) }),
		"keeps 64 KiB":          keeps(func(r *ports.Replay) { r.Reply.Body = r.Reply.Body[:min(len(r.Reply.Body), 64<<10)] }),
	},
	"a replay is a copy": {"keeps what it was given": remembers(keptByAnybody)},
	"a key that was claimed and not kept is free again": {
		"is claimed for ever": remembers(claimedOrKept),
		"keeps a replay of nothing": claims(func(ctx context.Context, u ports.Unit, user identity.UserID, key string, now time.Time) (*ports.Replay, error) {
			kept, err := u.Claim(ctx, user, key, now)
			if kept == nil && err == nil {
				err = u.Keep(ctx, user, key, ports.Replay{})
			}
			return kept, err
		}),
	},
	"a replay is kept for a day, to the microsecond": {
		"forgets it a microsecond early": ahead(time.Microsecond),
		"keeps it a microsecond longer":  ahead(-time.Microsecond),
		"keeps it for ever":              remembers(keptByAnybody),
		"forgets it at once":             claims(forgets),
	},
	"a key that expired is claimed anew, and counts from then": {
		"keeps it for ever":     claimsAt(func(now time.Time) time.Time { return now.Truncate(48 * time.Hour) }),
		"keeps the first":       func(b *broken) { remembers(keptByAnybody)(b) },
		"counts from the first": claimsAt(func(now time.Time) time.Time { return now.Add(-now.Sub(now.Truncate(48*time.Hour)) / 2) }),
	},
	"one key of two users is two keys": {"has one for all": remembers(keptByAnybody)},
	"keys that differ in any character are two": {
		"folds case":            keys(strings.ToLower),
		"keeps 254 bytes":       keys(func(key string) string { return key[:min(len(key), 254)] }),
		"takes it for a number": keys(func(key string) string { return strings.TrimLeft(key, "0.") }),
		"has wildcards":         keys(func(key string) string { return strings.ReplaceAll(key, "%", "") }),
	},
	"nobody claims nothing": {
		"claims for nobody": claims(func(ctx context.Context, u ports.Unit, user identity.UserID, key string, now time.Time) (*ports.Replay, error) {
			kept, err := u.Claim(ctx, user, key, now)
			return kept, without(err, identity.ErrNoUser)
		}),
		"keeps for nobody": func(b *broken) {
			b.keep = func(ctx context.Context, u ports.Unit, user identity.UserID, key string, r ports.Replay) error {
				return without(u.Keep(ctx, user, key, r), identity.ErrNoUser)
			}
		},
	},
	"a user has as many live keys as one may have and no more": {
		"has no bound": claims(func(ctx context.Context, u ports.Unit, user identity.UserID, key string, now time.Time) (*ports.Replay, error) {
			kept, err := u.Claim(ctx, user, key, now)
			return kept, without(err, ports.ErrTooManyKeys)
		}),
		"counts what expired": claims(func(ctx context.Context, u ports.Unit, user identity.UserID, key string, now time.Time) (*ports.Replay, error) {
			if _, err := u.Claim(ctx, user, "another", now.Add(-2*time.Second)); err != nil {
				return nil, err
			}
			return u.Claim(ctx, user, key, now)
		}),
		"replays none of so many": claims(func(ctx context.Context, u ports.Unit, user identity.UserID, key string, now time.Time) (*ports.Replay, error) {
			_, full := u.Claim(ctx, user, "another", now)
			kept, err := u.Claim(ctx, user, key, now)
			return kept, errors.Join(err, full)
		}),
	},
}

func forgets(ctx context.Context, u ports.Unit, user identity.UserID, key string, now time.Time) (*ports.Replay, error) {
	_, err := u.Claim(ctx, user, key, now)
	return nil, err
}

// ahead has a clock that is ahead once the first claim is made.
func ahead(by time.Duration) func(*broken) {
	return func(b *broken) {
		first := true
		claimsAt(func(now time.Time) time.Time {
			if first {
				first = false
				return now
			}
			return now.Add(by)
		})(b)
	}
}

var twinFlaws = flaws{
	"a twin waits for the first and gets its replay": {
		"acts all the same": careless,
		"does not wait":     impatient(nil, ports.ErrKeyBusy),
		"has it claimed":    remembers(claimedForEver),
	},
	"the twin of a first that is undone gets the key": {
		"is claimed for ever":   remembers(claimedForEver),
		"keeps what was undone": remembers(keptByAnybody),
		"does not wait":         impatient(nil, ports.ErrKeyBusy),
	},
	"of many twins at once one acts and the rest get its replay": {
		"is claimed for ever": remembers(claimedForEver),
		"forgets replays":     claims(forgets),
	},
	"requests of one user with different keys act all, at once": {
		"has one at a time":   oneAtATime,
		"has one key for all": keys(func(string) string { return "one" }),
	},
	"a twin waits for two seconds and no longer": {
		"gives up at once":  impatient(nil, ports.ErrKeyBusy),
		"acts all the same": careless,
		"never gives up":    claims(patient),
	},
	"a key that one user holds is free for another": {
		"has one for all":   remembers(claimedForEver),
		"replays another's": remembers(keptByAnybody),
	},
}
