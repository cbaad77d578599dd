package storetest

import (
	"context"
	"strings"

	"taskhold/domain/task"
	"taskhold/ports"
)

func isolationRules() []Rule {
	return []Rule{
		rule("another user's task is not found by any method", othersAreNotFound),
		rule("a list holds and counts the tasks of its user alone", listIsOnesOwn),
		rule("two users may have one id, and each has a task of it", idsAreOnesOwn),
		rule("users whose ids look alike are two", lookalikesAreTwo),
		rule("a quota counts the tasks of its user alone", quotaIsOnesOwn),
	}
}

// twin returns bob's task of the same id and instant.
func (w *world) twin(t task.Task, title string) task.Task {
	twin, err := task.New(t.ID(), w.bob, titled(title), t.Snapshot().Created)
	if err != nil {
		panic(err)
	}
	return twin
}

func othersAreNotFound(ctx context.Context, w *world) {
	t := w.inserted(ctx, w.ann, "ann's")
	twin := w.twin(t, "bob's")
	_, find := w.Find(ctx, w.bob, t.ID())
	for method, err := range map[string]error{
		"Find":                  find,
		"Save":                  w.Save(ctx, w.edited(twin, titled("taken"))),
		"Save of version 1":     w.Save(ctx, twin),
		"Delete":                w.Delete(ctx, w.bob, t.ID(), 0),
		"Delete of a version":   w.Delete(ctx, w.bob, t.ID(), 1),
		"Delete of another one": w.Delete(ctx, w.bob, t.ID(), 7),
	} {
		w.refused(method+" for another user", err, task.ErrNotFound)
	}
	w.holds(ctx, w, w.bob)
	w.holds(ctx, w, w.ann, t)
}

func listIsOnesOwn(ctx context.Context, w *world) {
	a, b := w.inserted(ctx, w.ann, "one"), w.inserted(ctx, w.bob, "one")
	c, d := w.inserted(ctx, w.ann, "two"), w.inserted(ctx, w.bob, "two")
	w.holds(ctx, w, w.ann, a, c)
	w.holds(ctx, w, w.bob, b, d)
	w.holds(ctx, w, someone("eve"))
	done, _ := w.List(ctx, w.bob, ports.Query{Filter: task.Filter{Text: "ONE"}, Limit: many, Count: true})
	w.same("List of a text", done.Tasks, []task.Task{b})
	place := task.Order{}.Position(a.Snapshot()) // of another's task: only a place
	page, err := w.List(ctx, w.bob, ports.Query{After: &place, Limit: 1, Count: true})
	w.fine("List", err)
	w.same("List after another's task", page.Tasks, []task.Task{b})
	if page.Total != 2 {
		w.object("List counts %d tasks of 2", page.Total)
	}
}

func idsAreOnesOwn(ctx context.Context, w *world) {
	a := w.inserted(ctx, w.ann, "ann's")
	b := w.twin(a, "bob's")
	w.insert(ctx, b)
	w.holds(ctx, w, w.ann, a)
	w.holds(ctx, w, w.bob, b)
	b = w.edited(b, task.Change{Completed: task.Some(true)})
	w.fine("Save", w.Save(ctx, b))
	w.holds(ctx, w, w.ann, a)
	w.holds(ctx, w, w.bob, b)
	w.fine("Delete", w.Delete(ctx, w.bob, b.ID(), 2))
	w.holds(ctx, w, w.ann, a)
	w.holds(ctx, w, w.bob)
}

func lookalikesAreTwo(ctx context.Context, w *world) {
	base := someone("Renée").String()
	all := []task.Task{}
	for _, text := range []string{
		base, strings.ToLower(base), base + " ", " " + base, strings.Replace(base, "é", "e\u0301", 1),
		strings.Replace(base, "R", "Ｒ", 1), base + "\u200b", base[:len(base)-1], "%" + base[1:], "_" + base[1:],
	} {
		t := w.task(user(text), "of "+text)
		w.insert(ctx, t)
		all = append(all, t)
	}
	for _, t := range all {
		w.holds(ctx, w, t.User(), t)
	}
}

func quotaIsOnesOwn(ctx context.Context, w *world) {
	w.inserted(ctx, w.ann, "one")
	w.inserted(ctx, w.ann, "two")
	w.fine("Insert", w.Insert(ctx, w.task(w.bob, "one"), 1))
	w.refused("Insert", w.Insert(ctx, w.task(w.bob, "two"), 1), task.ErrQuota)
	w.fine("Insert", w.Insert(ctx, w.task(w.ann, "three"), 3))
}
