package storetest

import (
	"context"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

func taskRules() []Rule {
	return []Rule{
		rule("an inserted task is found as it is", insertedIsFound),
		rule("a task that nobody inserted is not found", unknownIsNotFound),
		rule("the zero id names no task", zeroIDIsNotFound),
		rule("the zero user is refused by every method", nobodyIsRefused),
		rule("an id is inserted once", idIsInsertedOnce),
		rule("a save takes the place of the version before", saveReplaces),
		rule("a save over another version is stale and changes nothing", saveIsCompared),
		rule("a save of a task that is not there is not found", saveNeedsATask),
		rule("a save changes no other task", saveChangesOne),
		rule("a delete removes the task, and again there is none", deleteRemoves),
		rule("a delete of another version is stale and changes nothing", deleteIsCompared),
		rule("a delete of the stored version removes the task", deleteOfVersionRemoves),
		rule("a delete removes no other task", deleteRemovesOne),
	}
}

func insertedIsFound(ctx context.Context, w *world) {
	t := w.inserted(ctx, w.ann, "milk")
	w.has(ctx, w, t)
	w.holds(ctx, w, w.ann, t)
}

func unknownIsNotFound(ctx context.Context, w *world) {
	w.lacks(ctx, w, w.task(w.ann, "never inserted"))
	w.holds(ctx, w, w.ann)
	w.inserted(ctx, w.ann, "milk")
	w.lacks(ctx, w, w.task(w.ann, "never inserted either"))
}

func zeroIDIsNotFound(ctx context.Context, w *world) {
	t := w.inserted(ctx, w.ann, "milk")
	_, err := w.Find(ctx, w.ann, task.ID{})
	w.refused("Find of the zero id", err, task.ErrNotFound)
	w.refused("Delete of the zero id", w.Delete(ctx, w.ann, task.ID{}, 0), task.ErrNotFound)
	w.refused("Delete of the zero id and a version", w.Delete(ctx, w.ann, task.ID{}, 1), task.ErrNotFound)
	w.holds(ctx, w, w.ann, t)
}

func nobodyIsRefused(ctx context.Context, w *world) {
	t := w.inserted(ctx, w.ann, "milk")
	var nobody identity.UserID
	_, find := w.Find(ctx, nobody, t.ID())
	_, list := w.List(ctx, nobody, ports.Query{Limit: 1})
	for method, err := range map[string]error{
		"Find":   find,
		"List":   list,
		"Insert": w.Insert(ctx, task.Task{}, many),
		"Save":   w.Save(ctx, task.Task{}),
		"Delete": w.Delete(ctx, nobody, t.ID(), 0),
		"Erase":  w.Erase(ctx, nobody, w.now()),
		"Atomically": w.Atomically(ctx, nobody, func(context.Context, ports.Unit) error {
			w.object("Atomically ran a unit of work of nobody")
			return nil
		}),
	} {
		w.refused(method+" for nobody", err, identity.ErrNoUser)
	}
	w.holds(ctx, w, w.ann, t)
}

func idIsInsertedOnce(ctx context.Context, w *world) {
	t := w.inserted(ctx, w.ann, "milk")
	other, err := task.New(t.ID(), w.ann, titled("bread"), t.Snapshot().Created)
	w.fine("New", err)
	if w.Insert(ctx, other, many) == nil {
		w.object("Insert of an id that is taken went through")
	}
	w.holds(ctx, w, w.ann, t)
}

func saveReplaces(ctx context.Context, w *world) {
	t := w.inserted(ctx, w.ann, "milk")
	for _, c := range []task.Change{
		{Title: task.Some("oat milk"), Description: task.Some("two\nlitres")},
		{Priority: task.Some("high"), DueDate: task.Some("2026-03-09"), Tags: task.Some([]string{"shop", "food"})},
		{Completed: task.Some(true)},
		{DueDate: task.Null[string](), DueAt: task.Some("2026-03-09T10:00:00.000001+02:00")},
		{Completed: task.Some(false), Description: task.Some(""), Priority: task.Some("none")},
		{DueAt: task.Null[string](), Tags: task.Some([]string{})},
	} {
		t = w.edited(t, c)
		w.fine("Save", w.Save(ctx, t))
		w.has(ctx, w, t)
		w.holds(ctx, w, w.ann, t)
	}
}

func saveIsCompared(ctx context.Context, w *world) {
	first := w.inserted(ctx, w.ann, "milk")
	second := w.edited(first, titled("second"))
	third := w.edited(second, titled("third"))
	fourth := w.edited(third, titled("fourth"))
	w.refused("Save two versions on", w.Save(ctx, third), task.ErrStale)
	w.refused("Save of the stored version", w.Save(ctx, first), task.ErrStale)
	w.has(ctx, w, first)
	w.fine("Save", w.Save(ctx, second))
	w.fine("Save", w.Save(ctx, third))
	w.refused("Save again", w.Save(ctx, third), task.ErrStale)
	w.refused("Save of a version that was overtaken", w.Save(ctx, w.edited(first, titled("late"))), task.ErrStale)
	w.has(ctx, w, third)
	w.fine("Save", w.Save(ctx, fourth))
	w.has(ctx, w, fourth)
}

func saveNeedsATask(ctx context.Context, w *world) {
	t := w.task(w.ann, "milk")
	w.refused("Save of version 1", w.Save(ctx, t), task.ErrNotFound)
	w.refused("Save of version 2", w.Save(ctx, w.edited(t, titled("bread"))), task.ErrNotFound)
	w.insert(ctx, t)
	w.fine("Delete", w.Delete(ctx, w.ann, t.ID(), 0))
	w.refused("Save of what was deleted", w.Save(ctx, w.edited(t, titled("bread"))), task.ErrNotFound)
	w.holds(ctx, w, w.ann)
}

func saveChangesOne(ctx context.Context, w *world) {
	a, b, c := w.inserted(ctx, w.ann, "a"), w.inserted(ctx, w.ann, "b"), w.inserted(ctx, w.ann, "c")
	b = w.edited(b, task.Change{Title: task.Some("B"), Completed: task.Some(true)})
	w.fine("Save", w.Save(ctx, b))
	w.holds(ctx, w, w.ann, a, b, c)
}

func deleteRemoves(ctx context.Context, w *world) {
	t := w.inserted(ctx, w.ann, "milk")
	w.fine("Delete", w.Delete(ctx, w.ann, t.ID(), 0))
	w.lacks(ctx, w, t)
	w.holds(ctx, w, w.ann)
	w.refused("Delete again", w.Delete(ctx, w.ann, t.ID(), 0), task.ErrNotFound)
	w.refused("Delete of its version", w.Delete(ctx, w.ann, t.ID(), 1), task.ErrNotFound)
}

func deleteIsCompared(ctx context.Context, w *world) {
	t := w.inserted(ctx, w.ann, "milk")
	w.refused("Delete of a version to come", w.Delete(ctx, w.ann, t.ID(), 2), task.ErrStale)
	t = w.edited(t, titled("oat milk"))
	w.fine("Save", w.Save(ctx, t))
	w.refused("Delete of a version that was overtaken", w.Delete(ctx, w.ann, t.ID(), 1), task.ErrStale)
	w.holds(ctx, w, w.ann, t)
}

func deleteOfVersionRemoves(ctx context.Context, w *world) {
	t := w.edited(w.inserted(ctx, w.ann, "milk"), titled("oat milk"))
	w.fine("Save", w.Save(ctx, t))
	w.fine("Delete", w.Delete(ctx, w.ann, t.ID(), 2))
	w.holds(ctx, w, w.ann)
}

func deleteRemovesOne(ctx context.Context, w *world) {
	a, b, c := w.inserted(ctx, w.ann, "a"), w.inserted(ctx, w.ann, "b"), w.inserted(ctx, w.ann, "c")
	w.fine("Delete", w.Delete(ctx, w.ann, b.ID(), 0))
	w.holds(ctx, w, w.ann, a, c)
}
