package storetest

import (
	"context"
	"sync/atomic"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

func quotaRules() []Rule {
	return []Rule{
		rule("a user has as many tasks as the quota and not one more", quotaIsExact),
		rule("a quota of none lets nothing in", quotaOfNone),
		rule("a delete makes room for another task", deleteMakesRoom),
		rule("a delete that is refused makes no room", refusedDeleteMakesNoRoom),
		rule("an insert that is refused takes no room", refusedInsertTakesNoRoom),
		rule("what a unit of work undid takes no room", undoneTakesNoRoom),
		rule("a save takes no room", saveTakesNoRoom),
		rule("the quota is exact while twenty insert at once", quotaIsExactAtOnce),
		rule("the quota is exact while some insert and some delete", quotaIsExactInTurmoil),
		rule("of many deletes of one task one makes room", deletesMakeRoomOnce),
		rule("the first tasks of a new user may come at once", firstTasksAtOnce),
	}
}

// full objects unless the user has exactly quota tasks by the store's count.
func (w *world) full(ctx context.Context, user identity.UserID, quota int) {
	next := w.task(user, "one more")
	w.refused("Insert over the quota", w.Insert(ctx, next, quota), task.ErrQuota)
	w.fine("Insert below the quota", w.Insert(ctx, next, quota+1))
	w.fine("Delete", w.Delete(ctx, user, next.ID(), 0))
}

func quotaIsExact(ctx context.Context, w *world) {
	for range 3 {
		w.fine("Insert", w.Insert(ctx, w.task(w.ann, "milk"), 3))
	}
	refused := w.task(w.ann, "one too many")
	w.refused("Insert", w.Insert(ctx, refused, 3), task.ErrQuota)
	w.lacks(ctx, w, refused)
	w.refused("Insert below a lower quota", w.Insert(ctx, refused, 2), task.ErrQuota)
	w.fine("Insert below a higher quota", w.Insert(ctx, refused, 4))
	w.has(ctx, w, refused)
}

func quotaOfNone(ctx context.Context, w *world) {
	w.refused("Insert", w.Insert(ctx, w.task(w.ann, "milk"), 0), task.ErrQuota)
	w.holds(ctx, w, w.ann)
}

func deleteMakesRoom(ctx context.Context, w *world) {
	a, b := w.inserted(ctx, w.ann, "a"), w.inserted(ctx, w.ann, "b")
	w.full(ctx, w.ann, 2)
	w.fine("Delete", w.Delete(ctx, w.ann, a.ID(), 0))
	w.full(ctx, w.ann, 1)
	w.fine("Delete", w.Delete(ctx, w.ann, b.ID(), 1))
	w.full(ctx, w.ann, 0)
}

func refusedDeleteMakesNoRoom(ctx context.Context, w *world) {
	t := w.inserted(ctx, w.ann, "milk")
	w.refused("Delete", w.Delete(ctx, w.ann, t.ID(), 9), task.ErrStale)
	w.refused("Delete", w.Delete(ctx, w.ann, w.task(w.ann, "none").ID(), 0), task.ErrNotFound)
	w.refused("Delete", w.Delete(ctx, w.bob, t.ID(), 0), task.ErrNotFound)
	w.full(ctx, w.ann, 1)
}

func refusedInsertTakesNoRoom(ctx context.Context, w *world) {
	t := w.inserted(ctx, w.ann, "milk")
	w.refused("Insert", w.Insert(ctx, w.task(w.ann, "bread"), 1), task.ErrQuota)
	if w.Insert(ctx, t, many) == nil {
		w.object("Insert of a task that is there went through")
	}
	w.full(ctx, w.ann, 1)
}

func undoneTakesNoRoom(ctx context.Context, w *world) {
	t := w.inserted(ctx, w.ann, "milk")
	err := w.Atomically(ctx, w.ann, func(ctx context.Context, u ports.Unit) error {
		w.fine("Insert", u.Insert(ctx, w.task(w.ann, "bread"), 2))
		w.refused("Insert", u.Insert(ctx, w.task(w.ann, "eggs"), 2), task.ErrQuota)
		return errBoom
	})
	w.refused("Atomically", err, errBoom)
	w.full(ctx, w.ann, 1)
	err = w.Atomically(ctx, w.ann, func(ctx context.Context, u ports.Unit) error {
		w.fine("Delete", u.Delete(ctx, w.ann, t.ID(), 0))
		return errBoom
	})
	w.refused("Atomically", err, errBoom)
	w.full(ctx, w.ann, 1)
}

func saveTakesNoRoom(ctx context.Context, w *world) {
	t := w.edited(w.inserted(ctx, w.ann, "milk"), titled("bread"))
	w.fine("Save", w.Save(ctx, t))
	w.refused("Save again", w.Save(ctx, t), task.ErrStale)
	w.full(ctx, w.ann, 1)
}

func quotaIsExactAtOnce(ctx context.Context, w *world) {
	first := w.inserted(ctx, w.ann, "there before")
	const quota = 8
	tasks := numbered(20, func(int) task.Task { return w.task(w.ann, "at once") })
	errs := w.together(len(tasks), func(i int) error { return w.Insert(ctx, tasks[i], quota) })
	if wins := w.count("Insert", errs, task.ErrQuota); wins != quota-1 {
		w.object("%d of 20 inserts found room, want %d", wins, quota-1)
	}
	want := []task.Task{first}
	for i, err := range errs {
		if err == nil {
			want = append(want, tasks[i])
		}
	}
	w.holds(ctx, w, w.ann, want...)
	w.full(ctx, w.ann, quota)
}

func quotaIsExactInTurmoil(ctx context.Context, w *world) {
	const quota = 6
	old := numbered(quota, func(int) task.Task { return w.inserted(ctx, w.ann, "old") })
	fresh := numbered(12, func(int) task.Task { return w.task(w.ann, "fresh") })
	var inserted atomic.Int64
	w.count("Delete or Insert", w.together(len(old)+len(fresh), func(i int) error {
		if i < len(old) {
			return w.Delete(ctx, w.ann, old[i].ID(), 1)
		}
		err := w.Insert(ctx, fresh[i-len(old)], quota)
		if err == nil {
			inserted.Add(1)
		}
		return err
	}), task.ErrQuota)
	if n := int(inserted.Load()); n > quota {
		w.object("%d tasks are within a quota of %d", n, quota)
	}
	w.full(ctx, w.ann, int(inserted.Load()))
}

func deletesMakeRoomOnce(ctx context.Context, w *world) {
	stays, goes := w.inserted(ctx, w.ann, "stays"), w.inserted(ctx, w.ann, "goes")
	errs := w.together(10, func(int) error { return w.Delete(ctx, w.ann, goes.ID(), 0) })
	if wins := w.count("Delete", errs, task.ErrNotFound); wins != 1 {
		w.object("%d deletes of one task went through", wins)
	}
	w.holds(ctx, w, w.ann, stays)
	w.full(ctx, w.ann, 1)
}

func firstTasksAtOnce(ctx context.Context, w *world) {
	tasks := numbered(10, func(int) task.Task { return w.task(w.ann, "first") })
	w.count("Insert", w.together(len(tasks), func(i int) error { return w.Insert(ctx, tasks[i], len(tasks)) }))
	w.holds(ctx, w, w.ann, tasks...)
	w.full(ctx, w.ann, len(tasks))
}
