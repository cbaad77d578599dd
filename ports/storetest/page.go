package storetest

import (
	"context"
	"fmt"
	"slices"

	"taskhold/domain/task"
	"taskhold/ports"
)

func walkRules() []Rule {
	return append(
		ordered("pages of any size show each task once, by %s", walkSeesEachOnce),
		ordered("a walk sees what stands once, whatever is written meanwhile, by %s", walkSeesWhatStands)...,
	)
}

func pageRules() []Rule {
	return []Rule{
		rule("a page of no tasks has none, not nil", emptyPage),
		rule("a page is full while there are more, and nothing follows the last", lastPage),
		rule("a page goes on from a place where nothing stands any more", pageAfterTheGone),
		rule("a page leaves out as many as it is asked to", pageLeavesOut),
		rule("a walk keeps to its filter", walkKeepsToItsFilter),
		rule("the total counts all that the filter lets through, on every page", totalCountsAll),
	}
}

// walk turns pages until the last, and calls between before each but the first.
func (w *world) walk(ctx context.Context, q ports.Query, between func(place task.Position)) []task.Snapshot {
	var seen []task.Snapshot
	for range many {
		page, err := w.List(ctx, w.ann, q)
		w.fine("List", err)
		w.wellMade(q, page)
		seen = append(seen, page.Tasks...)
		if page.Next == nil {
			return seen
		}
		q.After = page.Next
		between(*page.Next)
	}
	w.object("a walk has no end: after %d tasks there is a next page", len(seen))
	return nil
}

// stays is for walks during which nothing happens.
func stays(task.Position) {}

func (w *world) wellMade(q ports.Query, page ports.Page) {
	switch n := len(page.Tasks); {
	case page.Tasks == nil:
		w.object("Tasks of a page are nil")
	case n > q.Limit:
		w.object("a page of at most %d tasks has %d", q.Limit, n)
	case page.Next != nil && n < q.Limit:
		w.object("a page of %d tasks of %d says that more follow", n, q.Limit)
	case page.Next != nil && *page.Next != q.Order.Position(page.Tasks[n-1]):
		w.object("Next = %v, want the place of the last task, %v", *page.Next, q.Order.Position(page.Tasks[n-1]))
	}
}

func walkSeesEachOnce(ctx context.Context, w *world, order task.Order) {
	tasks := w.motley(ctx, 13)
	want := inOrder(order, tasks)
	for limit := 1; limit <= len(tasks)+1; limit++ {
		w.sequence("a walk", w.walk(ctx, ports.Query{Order: order, Limit: limit}, stays), want)
	}
}

func walkSeesWhatStands(ctx context.Context, w *world, order task.Order) {
	stands, goes, changes := w.motley(ctx, 12), w.motley(ctx, 12), w.motley(ctx, 8)
	turns := 0
	seen := w.walk(ctx, ports.Query{Order: order, Limit: 4}, func(place task.Position) {
		switch turns++; {
		case turns <= 3: // there are fewer before the place
			goes = w.deletePassed(ctx, order, place, goes)
		case turns <= 6: // there are more, before it or after
			w.motley(ctx, 3)
		case turns <= 8:
			w.fine("Save", w.Save(ctx, w.edited(changes[turns-1], task.Change{
				Title: task.Some("moved"), Priority: task.Some("low"), DueDate: task.Some("2026-05-05"), DueAt: task.Null[string](),
			})))
		}
	})
	for _, t := range stands {
		times := 0
		for _, s := range seen {
			if s.ID == t.ID() {
				times++
			}
		}
		if times != 1 {
			w.object("the walk saw %s %d times, want once", describe(t.Snapshot()), times)
		}
	}
}

// deletePassed deletes those of tasks that come before a place, and returns
// the others.
func (w *world) deletePassed(ctx context.Context, order task.Order, place task.Position, tasks []task.Task) []task.Task {
	return slices.DeleteFunc(tasks, func(t task.Task) bool {
		passed := order.Compare(order.Position(t.Snapshot()), place) <= 0
		if passed {
			w.fine("Delete", w.Delete(ctx, w.ann, t.ID(), 0))
		}
		return passed
	})
}

func emptyPage(ctx context.Context, w *world) {
	for _, s := range []func(){
		func() {}, func() { w.inserted(ctx, w.ann, "open") },
	} {
		s()
		page, err := w.List(ctx, w.ann, ports.Query{Filter: task.Filter{Completed: task.Some(true)}, Limit: 5, Count: true})
		if w.fine("List", err); page.Tasks == nil || len(page.Tasks) > 0 || page.Next != nil || page.Total != 0 {
			w.object("List of nothing = %+v", page)
		}
	}
}

func lastPage(ctx context.Context, w *world) {
	w.motley(ctx, 6)
	for _, order := range orders() {
		for _, size := range []struct{ limit, pages int }{{1, 6}, {2, 3}, {3, 2}, {4, 2}, {6, 1}, {7, 1}} {
			pages := 1
			w.walk(ctx, ports.Query{Order: order, Limit: size.limit}, func(task.Position) { pages++ })
			if pages != size.pages {
				w.object("6 tasks by %d fill %d pages, want %d", size.limit, pages, size.pages)
			}
		}
	}
}

func pageAfterTheGone(ctx context.Context, w *world) {
	for _, order := range orders() {
		w.ann = someone("ann")
		tasks := inOrder(order, w.motley(ctx, 9))
		page, err := w.List(ctx, w.ann, ports.Query{Order: order, Limit: 4})
		w.fine("List", err)
		w.fine("Delete", w.Delete(ctx, w.ann, tasks[3].ID(), 0))
		w.fine("Delete", w.Delete(ctx, w.ann, tasks[4].ID(), 0))
		page, err = w.List(ctx, w.ann, ports.Query{Order: order, After: page.Next, Limit: many})
		w.fine("List", err)
		w.sequence("a page after what is gone", page.Tasks, tasks[5:])
	}
}

func pageLeavesOut(ctx context.Context, w *world) {
	tasks := w.motley(ctx, 7)
	for _, order := range orders() {
		sorted := inOrder(order, tasks)
		for offset := range len(tasks) + 2 {
			for _, after := range []int{0, 1, 3, 6, 7} {
				q := ports.Query{Order: order, Offset: offset, Limit: 3, Count: true}
				if after > 0 {
					place := order.Position(sorted[after-1].Snapshot())
					q.After = &place
				}
				w.leavesOut(ctx, q, sorted[after:])
			}
		}
	}
}

// leavesOut objects unless the page has what of rest comes after an offset.
func (w *world) leavesOut(ctx context.Context, q ports.Query, rest []task.Task) {
	rest = rest[min(q.Offset, len(rest)):]
	page, err := w.List(ctx, w.ann, q)
	w.fine("List", err)
	w.wellMade(q, page)
	w.sequence(fmt.Sprintf("List but for %d", q.Offset), page.Tasks, rest[:min(q.Limit, len(rest))])
	if more := len(rest) > q.Limit; more != (page.Next != nil) || page.Total != 7 {
		w.object("List but for %d: Next = %v, Total = %d", q.Offset, page.Next, page.Total)
	}
}

func walkKeepsToItsFilter(ctx context.Context, w *world) {
	tasks := w.motley(ctx, 20)
	filter := task.Filter{Completed: task.Some(false), Priorities: []task.Priority{task.None, task.High}}
	for _, order := range orders() {
		seen := w.walk(ctx, ports.Query{Filter: filter, Order: order, Limit: 2}, stays)
		w.sequence("a walk", seen, inOrder(order, matching(filter, tasks)))
	}
}

func totalCountsAll(ctx context.Context, w *world) {
	tasks := w.motley(ctx, 10)
	for _, filter := range []task.Filter{{}, {Completed: task.Some(true)}} {
		want := len(matching(filter, tasks))
		q := ports.Query{Filter: filter, Limit: 2, Count: true}
		for {
			page, err := w.List(ctx, w.ann, q)
			if w.fine("List", err); page.Total != want {
				w.object("Total = %d, want %d", page.Total, want)
			}
			if page.Next == nil {
				break
			}
			q.After = page.Next
		}
	}
	w.ann = someone("ann")
	w.inserted(ctx, w.ann, "the only one")
	page, err := w.List(ctx, w.ann, ports.Query{Offset: 1, Limit: 1, Count: true})
	if w.fine("List", err); len(page.Tasks) > 0 || page.Total != 1 {
		w.object("List but for the only task has %d tasks of %d, want none of 1", len(page.Tasks), page.Total)
	}
}
