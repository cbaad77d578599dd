package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"taskhold/domain/task"
	"taskhold/ports"
)

// orders are all of them, by what a rule calls them.
func orders() map[string]task.Order {
	all := map[string]task.Order{}
	for name, by := range map[string]task.SortKey{
		"created": task.ByCreated, "updated": task.ByUpdated, "due": task.ByDue, "priority": task.ByPriority, "title": task.ByTitle,
	} {
		all[name+" ascending"] = task.Order{By: by}
		all[name+" ascending, ties newest first"] = task.Order{By: by, NewestFirst: true}
		all[name+" descending"] = task.Order{By: by, Descending: true}
	}
	return all
}

// ordered makes a rule for each order.
func ordered(name string, check func(context.Context, *world, task.Order)) []Rule {
	rules := []Rule{}
	for by, order := range orders() {
		rules = append(rules, rule(fmt.Sprintf(name, by), func(ctx context.Context, w *world) { check(ctx, w, order) }))
	}
	slices.SortFunc(rules, func(a, b Rule) int { return strings.Compare(a.Name, b.Name) })
	return rules
}

func orderRules() []Rule {
	return ordered("tasks stand by %s", standsInOrder)
}

// titles sort by their folded code points, which is neither the order of their
// bytes, nor that of UTF-16, nor that of any language.
var titles = []string{
	"b", "B", "a", "A", "ab", "Ab", "a b", "a-b", "aB", "10", "9", "١", "_", "^", "[", "{", "~", "é", "e\u0301", "e", "É", "z", "Z",
	"ß", "ss", "ẞ", "ſ", "s", "K", "\u212a", "k", "Ω", "ω", "ς", "σ", "Σ", "i", "I", "İ", "ı", "ﬁ", "\ufffd", "\U0001f95b", "\U00010400", "\U00010428", "中", "'", `"`, `\`,
}

// dues hold instants and dates that tie, and none.
var dues = []task.Change{
	{},
	{DueDate: task.Some("2026-03-09")},
	{DueAt: task.Some("2026-03-09T00:00:00Z")},
	{DueAt: task.Some("2026-03-09T00:00:00.000001Z")},
	{DueAt: task.Some("2026-03-08T23:59:59.999999Z")},
	{DueDate: task.Some("0001-01-01")},
	{DueDate: task.Some("9999-12-31")},
	{DueAt: task.Some("0001-01-01T00:00:00.000001Z")},
	{DueAt: task.Some("9999-12-31T23:59:59.999999Z")},
	{DueAt: task.Some("1969-12-31T23:59:59Z")},
	{},
}

// motley inserts n tasks that differ and tie in all that orders look at, made
// at other instants than they are inserted.
func (w *world) motley(ctx context.Context, n int) []task.Task {
	start := w.now().Add(time.Hour)
	return numbered(n, func(i int) task.Task {
		nth := w.grown
		w.grown++
		c := dues[nth%len(dues)]
		c.Title = task.Some(titles[nth*19%len(titles)])
		c.Priority = task.Some([]string{"high", "none", "medium", "low", "none"}[nth%5])
		c.Completed = task.Some(nth%3 == 0)
		t := w.made(w.ann, start.Add(time.Duration(nth*37%n)*100*time.Microsecond), c)
		w.insert(ctx, t)
		if updated := start.Add(time.Hour); nth%2 == 1 { // ties with others, or in the other order
			if nth%4 == 1 {
				updated = updated.Add(start.Sub(t.Snapshot().Created))
			}
			w.fine("Edit", t.Edit(task.Change{Description: task.Some("later")}, updated))
			w.fine("Save", w.Save(ctx, t))
		}
		return t
	})
}

func inOrder(order task.Order, tasks []task.Task) []task.Task {
	return slices.SortedFunc(slices.Values(tasks), func(a, b task.Task) int {
		return order.Compare(order.Position(a.Snapshot()), order.Position(b.Snapshot()))
	})
}

func standsInOrder(ctx context.Context, w *world, order task.Order) {
	tasks := w.motley(ctx, len(titles))
	page, err := w.List(ctx, w.ann, ports.Query{Order: order, Limit: len(tasks)})
	w.fine("List", err)
	w.sequence("List", page.Tasks, inOrder(order, tasks))
	if order.Descending { // which ties do anyway
		order.NewestFirst = true
		page, err = w.List(ctx, w.ann, ports.Query{Order: order, Limit: len(tasks)})
		w.fine("List", err)
		w.sequence("List with ties newest first", page.Tasks, inOrder(order, tasks))
	}
}

// sequence objects unless the snapshots are those of the tasks, one by one.
func (w *world) sequence(what string, got []task.Snapshot, want []task.Task) {
	w.same(what, got, want)
	for i, s := range got {
		if want := want[i].Snapshot(); s.ID != want.ID {
			w.object("%s: at %d stands %s, want %s", what, i, describe(s), describe(want))
		}
	}
}

func describe(s task.Snapshot) string {
	tags := []string{}
	for _, tag := range s.Tags {
		tags = append(tags, brief(tag))
	}
	return fmt.Sprintf("[%s of %s, version %d, created %s, updated %s, completed %s, due %s, priority %d, title %s, description %s, tags %v]",
		s.ID, brief(s.User.String()), s.Version, stamp(s.Created), stamp(s.Updated), stamp(s.Completed), dueText(s.Due), s.Priority,
		brief(s.Title), brief(s.Description), tags)
}

func stamp(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return at.Format(time.RFC3339Nano)
}

func dueText(d task.Due) string {
	if !d.Date().IsZero() {
		return d.Date().String()
	}
	return stamp(d.At())
}
