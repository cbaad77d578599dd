package storetest_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"time"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// hesitates finds outside its unit of work, and loses its turn after that.
func hesitates(b *broken) {
	b.save = blind
	b.find = func(ctx context.Context, _ ports.TaskStore, user identity.UserID, id task.ID) (task.Task, error) {
		found, err := b.Store.Find(ctx, user, id)
		time.Sleep(time.Millisecond)
		return found, err
	}
}

var raceFlaws = flaws{
	"of many writers of one version one wins": {
		"says all saved": saves(blind),
		"compares, then writes": saves(func(ctx context.Context, s ports.TaskStore, t task.Task) error {
			stored, err := s.Find(ctx, t.User(), t.ID())
			if err != nil || stored.Version() != t.Version()-1 {
				return task.ErrStale
			}
			time.Sleep(time.Millisecond)
			return without(s.Save(ctx, t), task.ErrStale)
		}),
	},
	"no change is lost among many writers":       {"says all saved": hesitates},
	"no change is lost among many units of work": {"reads outside": hesitates},
	"of a save and a delete of one version one wins": {
		"deletes whatever there is": func(b *broken) {
			b.delete = func(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID, _ int64) error {
				for stored, err := s.Find(ctx, user, id); err == nil && stored.Version() == 1; stored, err = s.Find(ctx, user, id) {
					runtime.Gosched() // until it was saved
				}
				return s.Delete(ctx, user, id, 0)
			}
		},
	},
}

// nosy looks for what the user has not among all others.
func nosy[T any](b *broken, user identity.UserID, do func(identity.UserID) (T, error)) (T, error) {
	out, err := do(user)
	for _, other := range b.others(user) {
		if !errors.Is(err, task.ErrNotFound) {
			break
		}
		out, err = do(other)
	}
	return out, err
}

// folded takes the users for one whose names a database may take for one.
func folded(fold func(string) string) func(*broken) {
	one := func(b *broken, user identity.UserID) identity.UserID {
		for _, other := range b.others(identity.UserID{}) {
			if fold(other.String()) == fold(user.String()) {
				return other
			}
		}
		return user
	}
	return func(b *broken) {
		b.list = func(ctx context.Context, s ports.TaskStore, user identity.UserID, q ports.Query) (ports.Page, error) {
			return s.List(ctx, one(b, user), q)
		}
	}
}

var isolationFlaws = flaws{
	"another user's task is not found by any method": {
		"finds it": func(b *broken) {
			b.find = func(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID) (task.Task, error) {
				return nosy(b, user, func(user identity.UserID) (task.Task, error) { return s.Find(ctx, user, id) })
			}
		},
		"deletes it": func(b *broken) {
			b.delete = func(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID, version int64) error {
				_, err := nosy(b, user, func(user identity.UserID) (bool, error) { return true, s.Delete(ctx, user, id, version) })
				return err
			}
		},
		"tells that its version is another": func(b *broken) {
			b.delete = func(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID, version int64) error {
				err := s.Delete(ctx, user, id, version)
				_, found := nosy(b, user, func(user identity.UserID) (task.Task, error) { return s.Find(ctx, user, id) })
				if errors.Is(err, task.ErrNotFound) && found == nil && version == 7 {
					return task.ErrStale
				}
				return err
			}
		},
		"saves it as one's own": func(b *broken) {
			b.save = func(ctx context.Context, s ports.TaskStore, t task.Task) error {
				err := s.Save(ctx, t)
				if _, found := nosy(b, t.User(), func(user identity.UserID) (task.Task, error) { return s.Find(ctx, user, t.ID()) }); errors.Is(err, task.ErrNotFound) && found == nil {
					return s.Insert(ctx, t, 1_000)
				}
				return err
			}
		},
	},
	"a list holds and counts the tasks of its user alone": {
		"lists everybody's": func(b *broken) {
			b.list = func(ctx context.Context, s ports.TaskStore, user identity.UserID, q ports.Query) (ports.Page, error) {
				page, err := s.List(ctx, user, q)
				for _, other := range b.others(user) {
					page.Tasks = append(page.Tasks, everything(ctx, b.Store, other, q)...)
				}
				return page, err
			}
		},
		"counts everybody's": func(b *broken) {
			b.list = func(ctx context.Context, s ports.TaskStore, user identity.UserID, q ports.Query) (ports.Page, error) {
				page, err := s.List(ctx, user, q)
				for _, other := range slices.Compact(b.others(user)) {
					page.Total += len(everything(ctx, b.Store, other, q))
				}
				return page, err
			}
		},
	},
	"two users may have one id, and each has a task of it": {
		"has each id once": func(b *broken) {
			b.insert = func(ctx context.Context, s ports.TaskStore, t task.Task, quota int) error {
				if _, err := nosy(b, t.User(), func(user identity.UserID) (task.Task, error) { return b.Store.Find(ctx, user, t.ID()) }); err == nil {
					return errHidden
				}
				return s.Insert(ctx, t, quota)
			}
		},
		"deletes by the id alone": func(b *broken) {
			b.delete = func(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID, version int64) error {
				for _, other := range b.others(user) {
					_ = b.Store.Delete(ctx, other, id, 0)
				}
				return s.Delete(ctx, user, id, version)
			}
		},
	},
	"users whose ids look alike are two": {
		"folds case":           folded(strings.ToLower),
		"trims":                folded(strings.TrimSpace),
		"composes accents":     folded(strings.NewReplacer("e\u0301", "é").Replace),
		"drops the invisible":  folded(strings.NewReplacer("\u200b", "").Replace),
		"looks at part of one": folded(func(s string) string { return s[:20] }),
		"has wildcards":        folded(func(s string) string { return s[1:] }),
	},
	"a quota counts the tasks of its user alone": {
		"counts everybody's": func(b *broken) {
			b.insert = func(ctx context.Context, s ports.TaskStore, t task.Task, quota int) error {
				return s.Insert(ctx, t, quota-len(b.others(t.User())))
			}
		},
	},
}
