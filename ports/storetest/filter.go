package storetest

import (
	"context"
	"time"

	"taskhold/domain/task"
	"taskhold/ports"
)

func filterRules() []Rule {
	return []Rule{
		rule("a filter by completed lets through those, or the others", filterByCompleted),
		rule("a filter by priorities lets through any of them", filterByPriorities),
		rule("a filter by tags lets through what has them all, exactly", filterByTags),
		rule("a filter by text finds it in the title and in the description", filterByText),
		rule("a filter by text takes every character for itself", filterByTextLiterally),
		rule("a filter by text folds case as Unicode does, and no more", filterByTextFolded),
		rule("a filter by updated is inclusive at the microsecond", filterByUpdated),
		rule("a task has to meet every part of a filter", filterByAll),
	}
}

func matching(f task.Filter, tasks []task.Task) []task.Task {
	matching := []task.Task{}
	for _, t := range tasks {
		if f.Matches(t.Snapshot()) {
			matching = append(matching, t)
		}
	}
	return matching
}

// filtered objects unless the user's tasks, which are these, are listed and
// counted through the filter as the domain has it.
func (w *world) filtered(ctx context.Context, f task.Filter, tasks []task.Task) {
	want := matching(f, tasks)
	page, err := w.List(ctx, w.ann, ports.Query{Filter: f, Limit: many, Count: true})
	w.fine("List", err)
	if len(page.Tasks) != len(want) || page.Total != len(want) {
		w.object("List of %+v has %d tasks and counts %d, want %d", f, len(page.Tasks), page.Total, len(want))
	}
	w.sequence("List", page.Tasks, inOrder(task.Order{}, want))
}

// changed inserts a task for each change and returns them.
func (w *world) changed(ctx context.Context, changes ...task.Change) []task.Task {
	tasks := numbered(len(changes), func(i int) task.Task {
		if changes[i].Title.IsAbsent() {
			changes[i].Title = task.Some("plain")
		}
		return w.made(w.ann, w.now(), changes[i])
	})
	w.insert(ctx, tasks...)
	return tasks
}

func filterByCompleted(ctx context.Context, w *world) {
	tasks := w.motley(ctx, 9)
	for _, f := range []task.Filter{{}, {Completed: task.Some(true)}, {Completed: task.Some(false)}} {
		w.filtered(ctx, f, tasks)
	}
}

func filterByPriorities(ctx context.Context, w *world) {
	tasks := w.motley(ctx, 10)
	for _, some := range [][]task.Priority{
		{}, {task.None}, {task.High}, {task.Low, task.Medium}, {task.High, task.None, task.High}, {task.None, task.Low, task.Medium, task.High},
	} {
		w.filtered(ctx, task.Filter{Priorities: some}, tasks)
	}
}

func filterByTags(ctx context.Context, w *world) {
	sets := [][]string{
		{},
		{"a"},
		{"A"},
		{"a", "b"},
		{"b", "a", "c"},
		{"a,b"},
		{"ab"},
		{"a b"},
		{`"a"`},
		{`a"b`},
		{`a\b`},
		{`\`},
		{`["a"]`},
		{`a","b`},
		{"é"},
		{"e\u0301"},
		{"%"},
		{"_"},
		{"'"},
		{"\U0001f3f7"},
		{"null"},
		{"0"},
		{"1"},
		{`\u0061`},
		{"{a}"},
		{"$.a"},
		{"?"},
		{"a?"},
		{"<b>&"},
		{"x\u2003y"},
	}
	changes := []task.Change{}
	for _, set := range sets {
		changes = append(changes, task.Change{Tags: task.Some(set)})
	}
	tasks := w.changed(ctx, changes...)
	for _, set := range append(sets, []string{"b", "a"}, []string{"a", "a"}, []string{"a", "missing"}, []string{"missing"}, []string{"c", "b", "a", "d"}, []string{"\x00"}, []string{"a\x00"}, []string{"\xff"}, []string{""}) {
		w.filtered(ctx, task.Filter{Tags: set}, tasks)
	}
}

func filterByText(ctx context.Context, w *world) {
	tasks := w.changed(ctx,
		task.Change{Title: task.Some("buy milk today")},
		task.Change{Title: task.Some("errands"), Description: task.Some("bread,\nmilk\tand eggs")},
		task.Change{Title: task.Some("milk"), Description: task.Some("milk")},
		task.Change{Title: task.Some("mil"), Description: task.Some("k")},
		task.Change{Title: task.Some("m-i-l-k"), Tags: task.Some([]string{"milk"})},
	)
	for _, text := range []string{"milk", "Milk", "y m", "\nmilk", "\t", "k", "milkk", "buy  milk", " ", "today", "bread,\nmilk\tand eggs!"} {
		w.filtered(ctx, task.Filter{Text: text}, tasks)
	}
}

func filterByTextLiterally(ctx context.Context, w *world) {
	all := []string{
		"100%", "100 percent", "a_b", "axb", `a\b`, "a/b", `a\%b`, `a\_b`, `\`, `\\`, "a*b", "a?b", "a.b", "[ab]", "a^b", "a|b", "(a)", "a'b", `a"b`, "a;b", "a--b", "$1", ":a", "@a", "{a}", "!a", "~a", "#a",
	}
	changes := []task.Change{}
	for i, text := range all {
		c := task.Change{Title: task.Some(text)}
		if i%2 == 0 {
			c = task.Change{Title: task.Some("plain"), Description: task.Some(text)}
		}
		changes = append(changes, c)
	}
	tasks := w.changed(ctx, changes...)
	for _, text := range append(all, "%", "_", "%%", "\x00", "a\x00b", "a%b", "a_", ".*", "a.*b", "^a", "[", "]", "'", "*", "?") {
		w.filtered(ctx, task.Filter{Text: text}, tasks)
	}
}

func filterByTextFolded(ctx context.Context, w *world) {
	all := append([]string{"STRASSE", "straße", "STRAẞE", "Kelvin", "\u212aelvin", "ſet", "set", "ΣΊΣΥΦΟΣ", "σίσυφος", "İstanbul", "istanbul", "ısparta", "ÀÉÎ", "àéî", "ａｂｃ", "ＡＢＣ", "ǆ", "ǅ", "Ǆ", "Ⓐ", "ⓐ"}, titles...)
	changes := []task.Change{}
	for i, text := range all {
		c := task.Change{Title: task.Some(text)}
		if i%2 == 0 {
			c = task.Change{Description: task.Some("…" + text + "…")}
		}
		changes = append(changes, c)
	}
	tasks := w.changed(ctx, changes...)
	for _, text := range all {
		w.filtered(ctx, task.Filter{Text: text}, tasks)
	}
}

func filterByUpdated(ctx context.Context, w *world) {
	tasks := w.motley(ctx, 12)
	for _, t := range tasks[:4] {
		for _, off := range []time.Duration{-time.Microsecond, 0, time.Microsecond} {
			w.filtered(ctx, task.Filter{UpdatedSince: t.Snapshot().Updated.Add(off)}, tasks)
		}
	}
	for _, since := range []time.Time{{}, time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)} {
		w.filtered(ctx, task.Filter{UpdatedSince: since}, tasks)
	}
}

func filterByAll(ctx context.Context, w *world) {
	whole := task.Change{
		Title: task.Some("Milk"), Completed: task.Some(true), Priority: task.Some("high"), DueDate: task.Some("2026-03-09"), Tags: task.Some([]string{"shop"}),
	}
	lacking := func(change func(*task.Change)) task.Change {
		c := whole
		change(&c)
		return c
	}
	tasks := w.changed(ctx, whole,
		lacking(func(c *task.Change) { c.Title = task.Some("bread") }),
		lacking(func(c *task.Change) { c.Completed = task.Some(false) }),
		lacking(func(c *task.Change) { c.Priority = task.Some("low") }),
		lacking(func(c *task.Change) { c.DueDate = task.Some("2026-03-10") }),
		lacking(func(c *task.Change) { c.Tags = task.Some([]string{"food"}) }),
		whole,
	)
	date, _ := task.ParseDate("2026-03-09")
	f := task.Filter{
		Completed: task.Some(true), Priorities: []task.Priority{task.High, task.Medium}, Tags: []string{"shop"}, Text: "mILK",
		DueFrom: date, DueTo: date, UpdatedSince: tasks[1].Snapshot().Updated,
	}
	w.filtered(ctx, f, tasks)
	f.UpdatedSince = tasks[0].Snapshot().Updated
	w.filtered(ctx, f, tasks)
}
