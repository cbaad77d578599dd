package storetest_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// lists changes the pages that List returns.
func lists(change func(ports.Query, *ports.Page)) func(*broken) {
	return asks(func(q ports.Query) ports.Query { return q }, change)
}

// asks changes what List is asked for.
func asks(before func(ports.Query) ports.Query, after func(ports.Query, *ports.Page)) func(*broken) {
	return func(b *broken) {
		b.list = func(ctx context.Context, s ports.TaskStore, user identity.UserID, q ports.Query) (ports.Page, error) {
			page, err := s.List(ctx, user, before(q))
			if err == nil && after != nil {
				after(q, &page)
			}
			return page, err
		}
	}
}

// sorts has another order among the tasks of a page.
func sorts(compare func(o task.Order, a, b task.Snapshot) int) func(*broken) {
	return lists(func(q ports.Query, page *ports.Page) {
		slices.SortStableFunc(page.Tasks, func(a, b task.Snapshot) int { return compare(q.Order, a, b) })
	})
}

// places compares by what the order looks at, after it was changed.
func places(change func(s task.Snapshot, p *task.Position)) func(*broken) {
	return sorts(func(o task.Order, a, b task.Snapshot) int {
		p, q := o.Position(a), o.Position(b)
		change(a, &p)
		change(b, &q)
		return o.Compare(p, q)
	})
}

var (
	ties = sorts(func(o task.Order, a, b task.Snapshot) int { // newest first, whichever way
		p, q := o.Position(a), o.Position(b)
		p.ID, q.ID = task.ID{}, task.ID{}
		return cmp.Or(o.Compare(p, q), b.ID.Compare(a.ID))
	})
	oldestFirst = sorts(func(o task.Order, a, b task.Snapshot) int {
		o.NewestFirst = false
		return o.Compare(o.Position(a), o.Position(b))
	})
	confused = sorts(func(o task.Order, a, b task.Snapshot) int {
		o.Descending = o.Descending && !o.NewestFirst
		return o.Compare(o.Position(a), o.Position(b))
	})
	oneWay = sorts(func(o task.Order, a, b task.Snapshot) int {
		o.Descending = false
		return o.Compare(o.Position(a), o.Position(b))
	})
	otherWay = sorts(func(o task.Order, a, b task.Snapshot) int {
		o.Descending = true
		return o.Compare(o.Position(a), o.Position(b))
	})
	nullsFirst = sorts(func(o task.Order, a, b task.Snapshot) int {
		if x, y := a.Due.Sort().IsZero(), b.Due.Sort().IsZero(); x != y {
			return -o.Compare(o.Position(a), o.Position(b))
		}
		return o.Compare(o.Position(a), o.Position(b))
	})
)

func orderFlaws() flaws {
	all := flaws{}
	for _, by := range []string{"created", "updated", "due", "priority", "title"} {
		up := map[string]func(*broken){
			"has the other direction": otherWay,
			"has no order":            places(func(s task.Snapshot, p *task.Position) { *p = task.Position{ID: s.ID, Text: s.Title + s.Description} }),
		}
		turned := map[string]func(*broken){"has the other direction": otherWay}
		down := map[string]func(*broken){"has one direction": oneWay, "takes newest first for oldest last": confused}
		name := "tasks stand by " + by
		all[name+" ascending"], all[name+" ascending, ties newest first"], all[name+" descending"] = up, turned, down
		if by != "created" {
			up["turns ties"], turned["has ties oldest first"] = ties, oldestFirst
		}
		switch by {
		case "updated":
			down["keeps milliseconds"] = places(func(_ task.Snapshot, p *task.Position) { p.At = p.At.Truncate(time.Millisecond) })
		case "due":
			down["has none first"] = nullsFirst
			up["keeps milliseconds"] = places(func(_ task.Snapshot, p *task.Position) { p.At = p.At.Truncate(time.Millisecond) })
			up["has dates last"] = places(func(s task.Snapshot, p *task.Position) {
				if !s.Due.Date().IsZero() {
					p.At = time.Time{}
				}
			})
		case "priority":
			down["sorts the names"] = sorts(func(_ task.Order, a, b task.Snapshot) int {
				return cmp.Or(-cmp.Compare(a.Priority.String(), b.Priority.String()), -a.ID.Compare(b.ID))
			})
		case "title":
			up["tells case"] = places(func(s task.Snapshot, p *task.Position) { p.Text = s.Title })
			up["ignores accents"] = places(func(_ task.Snapshot, p *task.Position) {
				p.Text = strings.NewReplacer("É", "E", "\u0301", "").Replace(p.Text)
			})
			down["sorts by UTF-16"] = places(func(_ task.Snapshot, p *task.Position) { p.Text = strings.ReplaceAll(p.Text, "\ufffd", "\U0010ffff") })
			down["lowers case, where it should fold"] = places(func(s task.Snapshot, p *task.Position) { p.Text = strings.ToLower(s.Title) })
			down["sorts numbers"] = places(func(_ task.Snapshot, p *task.Position) { p.Text = strings.Replace(p.Text, "10", "A", 1) })
		}
	}
	return all
}

// again has the task of the cursor a second time.
func again(b *broken) {
	b.list = func(ctx context.Context, s ports.TaskStore, user identity.UserID, q ports.Query) (ports.Page, error) {
		page, err := s.List(ctx, user, q)
		if q.After == nil || err != nil {
			return page, err
		}
		last, err := s.Find(ctx, user, q.After.ID)
		if err == nil {
			page.Tasks = slices.Insert(page.Tasks, 0, last.Snapshot())[:min(q.Limit, len(page.Tasks)+1)]
		}
		if page.Next != nil {
			*page.Next = q.Order.Position(page.Tasks[len(page.Tasks)-1])
		}
		return page, nil
	}
}

// skipping has one task fewer after a cursor.
func skipping(b *broken) {
	b.list = func(ctx context.Context, s ports.TaskStore, user identity.UserID, q ports.Query) (ports.Page, error) {
		one := q
		one.Limit = 1
		if page, err := s.List(ctx, user, one); q.After != nil && err == nil && page.Next != nil {
			q.After = page.Next
		}
		return s.List(ctx, user, q)
	}
}

// offsets remembers how far a cursor is, instead of where.
func offsets(b *broken) {
	var mu sync.Mutex
	far := map[task.Position]int{}
	b.list = func(ctx context.Context, s ports.TaskStore, user identity.UserID, q ports.Query) (ports.Page, error) {
		mu.Lock()
		defer mu.Unlock()
		all, from := everything(ctx, s, user, q), 0
		if q.After != nil {
			from = min(far[*q.After], len(all))
		}
		page := ports.Page{Tasks: all[from:min(from+q.Limit, len(all))], Total: len(all)}
		if from+q.Limit < len(all) {
			next := q.Order.Position(page.Tasks[q.Limit-1])
			far[next], page.Next = from+q.Limit, &next
		}
		return page, nil
	}
}

func walkFlaws() flaws {
	all := flaws{}
	for _, by := range []string{"created", "updated", "due", "priority", "title"} {
		for _, way := range []string{"ascending", "ascending, ties newest first", "descending"} {
			all[fmt.Sprintf("pages of any size show each task once, by %s %s", by, way)] = map[string]func(*broken){
				"repeats the last": again, "skips one": skipping,
				"stops too early": lists(func(q ports.Query, page *ports.Page) {
					if q.Limit > 5 {
						page.Next = nil
					}
				}),
				"overfills": asks(func(q ports.Query) ports.Query { q.Limit++; return q }, nil),
			}
			all[fmt.Sprintf("a walk sees what stands once, whatever is written meanwhile, by %s %s", by, way)] = map[string]func(*broken){
				"counts rows": offsets, "skips one": skipping,
			}
		}
	}
	return all
}

var pageFlaws = flaws{
	"a page of no tasks has none, not nil": {
		"has nil": lists(func(_ ports.Query, page *ports.Page) {
			if len(page.Tasks) == 0 {
				page.Tasks = nil
			}
		}),
		"has a next page": lists(func(_ ports.Query, page *ports.Page) { page.Next = new(task.Position) }),
	},
	"a page is full while there are more, and nothing follows the last": {
		"has an empty page at the end": lists(func(q ports.Query, page *ports.Page) {
			if n := len(page.Tasks); n == q.Limit {
				next := q.Order.Position(page.Tasks[n-1])
				page.Next = &next
			}
		}),
		"has small pages": asks(func(q ports.Query) ports.Query { q.Limit = max(1, q.Limit-1); return q }, nil),
	},
	"a page goes on from a place where nothing stands any more": {
		"starts again": func(b *broken) {
			b.list = func(ctx context.Context, s ports.TaskStore, user identity.UserID, q ports.Query) (ports.Page, error) {
				if q.After != nil {
					if _, err := s.Find(ctx, user, q.After.ID); err != nil {
						q.After = nil
					}
				}
				return s.List(ctx, user, q)
			}
		},
		"counts rows": offsets,
	},
	"a page leaves out as many as it is asked to": {
		"leaves out nothing":     asks(func(q ports.Query) ports.Query { q.Offset = 0; return q }, nil),
		"leaves out one less":    asks(func(q ports.Query) ports.Query { q.Offset = max(0, q.Offset-1); return q }, nil),
		"leaves out of the page": lists(func(q ports.Query, page *ports.Page) { page.Tasks = page.Tasks[min(q.Offset, len(page.Tasks)):] }),
		"leaves out from the start": asks(func(q ports.Query) ports.Query {
			if q.Offset > 0 {
				q.After = nil
			}
			return q
		}, nil),
		"does not count them": lists(func(q ports.Query, page *ports.Page) { page.Total -= q.Offset }),
		"says that none follow": lists(func(q ports.Query, page *ports.Page) {
			if q.Offset > 0 {
				page.Next = nil
			}
		}),
	},
	"a walk keeps to its filter": {
		"forgets it after a page": asks(func(q ports.Query) ports.Query {
			if q.After != nil {
				q.Filter = task.Filter{}
			}
			return q
		}, nil),
	},
	"the total counts all that the filter lets through, on every page": {
		"counts the page":      lists(func(_ ports.Query, page *ports.Page) { page.Total = len(page.Tasks) }),
		"counts what is left":  lists(countLeft),
		"counts all there are": totals(func(q ports.Query) ports.Query { q.Filter = task.Filter{}; return q }),
	},
}

func countLeft(q ports.Query, page *ports.Page) {
	if q.After != nil {
		page.Total -= q.Limit
	}
}

// totals counts another query.
func totals(change func(ports.Query) ports.Query) func(*broken) {
	return func(b *broken) {
		b.list = func(ctx context.Context, s ports.TaskStore, user identity.UserID, q ports.Query) (ports.Page, error) {
			page, err := s.List(ctx, user, q)
			page.Total = len(everything(ctx, s, user, change(q)))
			return page, err
		}
	}
}
