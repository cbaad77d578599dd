package storetest_test

import (
	"context"
	"errors"
	"strings"
	"time"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// reads changes what is read of every task.
func reads(change func(*task.Snapshot)) func(*broken) {
	return func(b *broken) {
		b.find = func(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID) (task.Task, error) {
			found, err := s.Find(ctx, user, id)
			if err != nil {
				return found, err
			}
			snapshot := found.Snapshot()
			change(&snapshot)
			return task.Restore(snapshot)
		}
		b.list = func(ctx context.Context, s ports.TaskStore, user identity.UserID, q ports.Query) (ports.Page, error) {
			page, err := s.List(ctx, user, q)
			for i := range page.Tasks {
				change(&page.Tasks[i])
			}
			return page, err
		}
	}
}

// finds changes what Find returns.
func finds(change func(user identity.UserID, found task.Task, err error) (task.Task, error)) func(*broken) {
	return func(b *broken) {
		b.find = func(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID) (task.Task, error) {
			found, err := s.Find(ctx, user, id)
			return change(user, found, err)
		}
	}
}

// takes changes what Insert returns, or does.
func takes(insert func(ctx context.Context, s ports.TaskStore, t task.Task, quota int) error) func(*broken) {
	return func(b *broken) { b.insert = insert }
}

// saves changes what Save returns, or does.
func saves(save func(ctx context.Context, s ports.TaskStore, t task.Task) error) func(*broken) {
	return func(b *broken) { b.save = save }
}

// deletes changes what Delete returns, or does.
func deletes(remove func(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID, version int64) error) func(*broken) {
	return func(b *broken) { b.delete = remove }
}

// overwrite puts t in the place of whatever there is.
func overwrite(ctx context.Context, s ports.TaskStore, t task.Task) error {
	if err := s.Delete(ctx, t.User(), t.ID(), 0); err != nil && !errors.Is(err, task.ErrNotFound) {
		return err
	}
	return s.Insert(ctx, t, 1_000_000)
}

// without turns one error into success.
func without(err, one error) error {
	if errors.Is(err, one) {
		return nil
	}
	return err
}

func overwrites(ctx context.Context, s ports.TaskStore, t task.Task) error {
	if _, err := s.Find(ctx, t.User(), t.ID()); err != nil {
		return err
	}
	return overwrite(ctx, s, t)
}

// blind says of a stale save that it went well.
func blind(ctx context.Context, s ports.TaskStore, t task.Task) error {
	return without(s.Save(ctx, t), task.ErrStale)
}

func blindDelete(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID, _ int64) error {
	return s.Delete(ctx, user, id, 0)
}

func ignoresSave(context.Context, ports.TaskStore, task.Task) error { return nil }

var taskFlaws = flaws{
	"an inserted task is found as it is": {
		"forgets":        takes(func(context.Context, ports.TaskStore, task.Task, int) error { return nil }),
		"shouts":         reads(func(s *task.Snapshot) { s.Title = strings.ToUpper(s.Title) }),
		"counts from 2":  reads(func(s *task.Snapshot) { s.Version++ }),
		"lists no tasks": lists(func(_ ports.Query, page *ports.Page) { page.Tasks = page.Tasks[:0] }),
	},
	"a task that nobody inserted is not found": {
		"finds the zero task": finds(func(_ identity.UserID, found task.Task, err error) (task.Task, error) {
			return found, without(err, task.ErrNotFound)
		}),
		"has an error for it":  finds(func(_ identity.UserID, found task.Task, err error) (task.Task, error) { return found, hidden(err) }),
		"finds another for it": func(b *broken) { b.find = findsAny },
	},
	"the zero id names no task": {
		"finds any task by it": func(b *broken) { b.find = findsAny },
		"deletes all by it": deletes(func(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID, version int64) error {
			if id.IsZero() {
				return deleteAll(ctx, s, user)
			}
			return s.Delete(ctx, user, id, version)
		}),
	},
	"the zero user is refused by every method": {
		"finds nothing for nobody": finds(func(user identity.UserID, found task.Task, err error) (task.Task, error) {
			if user.IsZero() {
				return found, task.ErrNotFound
			}
			return found, err
		}),
		"lists no tasks of nobody": func(b *broken) {
			b.list = func(ctx context.Context, s ports.TaskStore, user identity.UserID, q ports.Query) (ports.Page, error) {
				page, err := s.List(ctx, user, q)
				return page, without(err, identity.ErrNoUser)
			}
		},
		"inserts for nobody": takes(func(ctx context.Context, s ports.TaskStore, t task.Task, quota int) error {
			return without(s.Insert(ctx, t, quota), identity.ErrNoUser)
		}),
		"saves for nobody": saves(func(ctx context.Context, s ports.TaskStore, t task.Task) error {
			return without(s.Save(ctx, t), identity.ErrNoUser)
		}),
		"has no task of nobody to delete": deletes(func(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID, version int64) error {
			if user.IsZero() {
				return task.ErrNotFound
			}
			return s.Delete(ctx, user, id, version)
		}),
		"runs units of work of nobody": func(b *broken) {
			b.atomically = func(ctx context.Context, s ports.Store, user identity.UserID, fn work) error {
				if user.IsZero() {
					return fn(ctx, nil)
				}
				return s.Atomically(ctx, user, fn)
			}
		},
		"erases nobody": func(b *broken) {
			b.erase = func(ctx context.Context, user identity.UserID, now time.Time) error {
				return without(b.Store.Erase(ctx, user, now), identity.ErrNoUser)
			}
		},
	},
	"an id is inserted once": {
		"overwrites": takes(func(ctx context.Context, s ports.TaskStore, t task.Task, _ int) error { return overwrite(ctx, s, t) }),
		"ignores the second": takes(func(ctx context.Context, s ports.TaskStore, t task.Task, quota int) error {
			if _, err := s.Find(ctx, t.User(), t.ID()); err == nil {
				return nil
			}
			return s.Insert(ctx, t, quota)
		}),
	},
	"a save takes the place of the version before": {
		"ignores saves": saves(ignoresSave),
		"keeps what was saved as zero": saves(func(ctx context.Context, s ports.TaskStore, t task.Task) error {
			before, err := s.Find(ctx, t.User(), t.ID())
			after := t.Snapshot()
			if after.Description == "" {
				after.Description = before.Snapshot().Description
			}
			if err == nil {
				t, err = task.Restore(after)
			}
			return errors.Join(err, s.Save(ctx, t))
		}),
		"adds a task": saves(func(ctx context.Context, s ports.TaskStore, t task.Task) error { return s.Insert(ctx, t, 1_000) }),
	},
	"a save over another version is stale and changes nothing": {
		"overwrites":    saves(overwrites),
		"says it saved": saves(blind),
		"lets skip one": saves(func(ctx context.Context, s ports.TaskStore, t task.Task) error {
			if stored, err := s.Find(ctx, t.User(), t.ID()); err != nil || stored.Version() >= t.Version() {
				return s.Save(ctx, t)
			}
			return overwrite(ctx, s, t)
		}),
	},
	"a save of a task that is not there is not found": {
		"inserts": saves(overwrite),
		"is silent": saves(func(ctx context.Context, s ports.TaskStore, t task.Task) error {
			return without(s.Save(ctx, t), task.ErrNotFound)
		}),
		"takes it for stale": saves(func(ctx context.Context, s ports.TaskStore, t task.Task) error {
			if err := s.Save(ctx, t); err != nil {
				return task.ErrStale
			}
			return nil
		}),
	},
	"a save changes no other task": {
		"saves to all tasks": saves(func(ctx context.Context, s ports.TaskStore, t task.Task) error {
			for _, other := range everything(ctx, s, t.User(), ports.Query{}) {
				other.Title = t.Snapshot().Title
				changed, err := task.Restore(other)
				if err = errors.Join(err, overwrite(ctx, s, changed)); err != nil {
					return err
				}
			}
			return s.Save(ctx, t)
		}),
	},
	"a delete removes the task, and again there is none": {
		"keeps it": deletes(func(context.Context, ports.TaskStore, identity.UserID, task.ID, int64) error { return nil }),
		"is content again": deletes(func(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID, version int64) error {
			return without(s.Delete(ctx, user, id, version), task.ErrNotFound)
		}),
	},
	"a delete of another version is stale and changes nothing": {
		"compares no version": deletes(blindDelete),
		"says it deleted": deletes(func(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID, version int64) error {
			return without(s.Delete(ctx, user, id, version), task.ErrStale)
		}),
	},
	"a delete of the stored version removes the task": {
		"knows version 1 alone": deletes(func(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID, version int64) error {
			if version > 1 {
				return task.ErrStale
			}
			return s.Delete(ctx, user, id, version)
		}),
	},
	"a delete removes no other task": {
		"deletes all": deletes(func(ctx context.Context, s ports.TaskStore, user identity.UserID, _ task.ID, _ int64) error {
			return deleteAll(ctx, s, user)
		}),
	},
}

var errHidden = errors.New("record not found")

// hidden replaces an error by one that nobody knows.
func hidden(err error) error {
	if err != nil {
		return errHidden
	}
	return nil
}

func findsAny(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID) (task.Task, error) {
	found, err := s.Find(ctx, user, id)
	if all := everything(ctx, s, user, ports.Query{}); err != nil && len(all) > 0 {
		return task.Restore(all[0])
	}
	return found, err
}

func deleteAll(ctx context.Context, s ports.TaskStore, user identity.UserID) error {
	for _, t := range everything(ctx, s, user, ports.Query{}) {
		if err := s.Delete(ctx, user, t.ID, 0); err != nil {
			return err
		}
	}
	return nil
}
