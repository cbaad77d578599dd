package storetest_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"strings"
	"time"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// keyed makes keys in another way.
func keyed(key func(ctx context.Context, b *broken, name string) ([]byte, error)) func(*broken) {
	return func(b *broken) {
		b.key = func(ctx context.Context, name string) ([]byte, error) { return key(ctx, b, name) }
	}
}

// named has another idea of what a name is.
func named(change func(string) string) func(*broken) {
	return keyed(func(ctx context.Context, b *broken, name string) ([]byte, error) {
		return b.Store.Key(ctx, change(name))
	})
}

// purges changes what is purged, or what is said of it.
func purges(purge func(ctx context.Context, b *broken, before time.Time, limit int) (int, error)) func(*broken) {
	return func(b *broken) {
		b.purge = func(ctx context.Context, before time.Time, limit int) (int, error) {
			return purge(ctx, b, before, limit)
		}
	}
}

func purgesTwice(ctx context.Context, b *broken, before time.Time, limit int) (int, error) {
	n, err := b.Store.PurgeReplays(ctx, before, limit)
	return 2 * n, err
}

func fresh(context.Context, *broken, string) ([]byte, error) {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	return key, nil
}

var housekeepingFlaws = flaws{
	"a store that stands answers": {
		"does not": func(b *broken) { b.ping = func(context.Context) error { return errHidden } },
	},
	"the key of a name is 32 bytes and stays": {
		"makes one each time": keyed(fresh),
		"has 31 bytes": keyed(func(ctx context.Context, b *broken, name string) ([]byte, error) {
			key, err := b.Store.Key(ctx, name)
			return key[:31], err
		}),
		"has zeroes": keyed(func(context.Context, *broken, string) ([]byte, error) { return make([]byte, 32), nil }),
		"lends it": func(b *broken) {
			lent, _ := fresh(context.Background(), b, "")
			b.key = func(context.Context, string) ([]byte, error) { return lent, nil }
		},
	},
	"keys of two names are two": {
		"has one for all": named(func(string) string { return "one" }),
		"folds case":      named(strings.ToLower),
		"keeps the start": named(func(name string) string { return name[:20] }),
		"drops the first": named(func(name string) string { return strings.TrimLeft(name, "Kk") }),
	},
	"all who ask for a key first get the same": {
		"reads, then writes": keyed(func(ctx context.Context, b *broken, name string) ([]byte, error) {
			b.mu.Lock()
			known := bytes.Contains([]byte(b.names), []byte(name+"\n"))
			b.mu.Unlock()
			time.Sleep(time.Millisecond)
			b.mu.Lock()
			b.names += name + "\n"
			b.mu.Unlock()
			if !known {
				return fresh(ctx, b, name)
			}
			return b.Store.Key(ctx, name)
		}),
	},
	"a purge removes what was claimed before, and nothing else": {
		"removes what was claimed then": purges(func(ctx context.Context, b *broken, before time.Time, limit int) (int, error) {
			return b.Store.PurgeReplays(ctx, before.Add(time.Microsecond), limit)
		}),
		"spares the last microsecond": purges(func(ctx context.Context, b *broken, before time.Time, limit int) (int, error) {
			return b.Store.PurgeReplays(ctx, before.Add(-time.Microsecond), limit)
		}),
		"removes nothing": purges(func(context.Context, *broken, time.Time, int) (int, error) { return 0, nil }),
		"removes tasks": purges(func(ctx context.Context, b *broken, before time.Time, limit int) (int, error) {
			for _, user := range b.others(identity.UserID{}) {
				if err := deleteAll(ctx, b.Store, user); err != nil {
					return 0, err
				}
			}
			return b.Store.PurgeReplays(ctx, before, limit)
		}),
	},
	"a purge removes as many as it may and tells how many": {
		"removes all": purges(func(ctx context.Context, b *broken, before time.Time, _ int) (int, error) {
			return b.Store.PurgeReplays(ctx, before, 1_000)
		}),
		"removes one less": purges(func(ctx context.Context, b *broken, before time.Time, limit int) (int, error) {
			return b.Store.PurgeReplays(ctx, before, max(1, limit-1))
		}),
		"counts twice": purges(purgesTwice),
	},
	"purges at once remove each replay once": {
		"counts twice": purges(purgesTwice),
		"says the limit": purges(func(ctx context.Context, b *broken, before time.Time, limit int) (int, error) {
			n, err := b.Store.PurgeReplays(ctx, before, limit-1)
			return min(n+1, limit), err
		}),
	},
}

// erases changes what is erased.
func erases(erase func(ctx context.Context, b *broken, user identity.UserID, now time.Time) error) func(*broken) {
	return func(b *broken) {
		b.erase = func(ctx context.Context, user identity.UserID, now time.Time) error { return erase(ctx, b, user, now) }
	}
}

// emptied removes the tasks and nothing else.
func emptied(ctx context.Context, b *broken, user identity.UserID, _ time.Time) error {
	return deleteAll(ctx, b.Store, user)
}

// marked remembers who was erased and removes nothing.
func marked(ctx context.Context, b *broken, user identity.UserID, now time.Time) error {
	tasks := everything(ctx, b.Store, user, ports.Query{})
	b.list = func(ctx context.Context, s ports.TaskStore, of identity.UserID, q ports.Query) (ports.Page, error) {
		if of == user {
			return ports.Page{Tasks: tasks, Total: len(tasks)}, nil
		}
		return s.List(ctx, of, q)
	}
	return b.Store.Erase(ctx, user, now)
}

// forgetful erases on one of two calls and lets the user in on the other.
func forgetful(b *broken) {
	erased := map[identity.UserID]int{}
	b.erase = func(ctx context.Context, user identity.UserID, now time.Time) error {
		erased[user]++
		return b.Store.Erase(ctx, user, now)
	}
	b.insert = func(ctx context.Context, s ports.TaskStore, t task.Task, quota int) error {
		return without(s.Insert(ctx, t, quota), forgiven(erased[t.User()]))
	}
}

func forgiven(times int) error {
	if times > 1 {
		return identity.ErrErased
	}
	return errHidden
}

var eraseFlaws = flaws{
	"an erased user has no tasks and no replays": {
		"erases nothing":   erases(func(context.Context, *broken, identity.UserID, time.Time) error { return nil }),
		"leaves the tasks": erases(marked),
		"leaves replays":   erases(emptied),
	},
	"nothing can be inserted for an erased user again": {
		"empties and forgets":             erases(emptied),
		"lets one in who is erased twice": forgetful,
		"says that there is no room": takes(func(ctx context.Context, s ports.TaskStore, t task.Task, quota int) error {
			if s.Insert(ctx, t, quota) != nil {
				return task.ErrQuota
			}
			return nil
		}),
		"cannot erase twice": func(b *broken) {
			b.erase = func(ctx context.Context, user identity.UserID, now time.Time) error {
				if _, err := b.Store.Key(ctx, user.String()); err != nil || len(everything(ctx, b.Store, user, ports.Query{})) == 0 {
					return errHidden
				}
				return b.Store.Erase(ctx, user, now)
			}
		},
	},
	"who never was here can be erased": {
		"erases whom it knows": erases(func(ctx context.Context, b *broken, user identity.UserID, now time.Time) error {
			if len(b.others(identity.UserID{})) == 0 {
				return nil
			}
			return b.Store.Erase(ctx, user, now)
		}),
		"knows nobody of that name": erases(func(context.Context, *broken, identity.UserID, time.Time) error { return task.ErrNotFound }),
	},
	"an erased user claims no key": {
		"lets the erased claim": claims(func(ctx context.Context, u ports.Unit, user identity.UserID, key string, now time.Time) (*ports.Replay, error) {
			kept, err := u.Claim(ctx, user, key, now)
			return kept, without(err, identity.ErrErased)
		}),
	},
	"erasing a user leaves every other alone": {
		"erases all": erases(func(ctx context.Context, b *broken, user identity.UserID, now time.Time) error {
			for _, other := range b.others(user) {
				if err := b.Store.Erase(ctx, other, now); err != nil {
					return err
				}
			}
			return b.Store.Erase(ctx, user, now)
		}),
	},
	"nothing outlives an erasure that happens at the same time": {
		"empties and forgets": erases(emptied),
	},
}
