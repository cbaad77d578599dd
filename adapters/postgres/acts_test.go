package postgres

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// act is something that a store does, by one statement or several.
type act struct {
	name string
	do   func(testing.TB, *Store, identity.UserID)
}

// acts are all that a store does; the last removes what the others need.
func acts() []act {
	return slices.Concat(orders(), filters(), writes(), keyed(), []act{
		{"ping", func(t testing.TB, s *Store, _ identity.UserID) { must(t, s.Ping(t.Context())) }},
		{"key", func(t testing.TB, s *Store, u identity.UserID) {
			_, err := s.Key(t.Context(), "of "+u.String())
			must(t, err)
		}},
		{"purge", func(t testing.TB, s *Store, _ identity.UserID) {
			_, err := s.PurgeReplays(t.Context(), firstClaim.Add(5*time.Minute), 1000) // often, and so of few
			must(t, err)
		}},
		{"erase", func(t testing.TB, s *Store, u identity.UserID) {
			must(t, s.Erase(t.Context(), u, peopledAt))
			wants(t, s.Insert(t.Context(), fresh(t, u, 9), 10), identity.ErrErased)
		}},
	})
}

var (
	firstClaim = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	peopledAt  = firstClaim.Add(55 * time.Hour) // nearly the last
)

func wants(t testing.TB, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("got error %v, want %v", got, want)
	}
}

// fresh makes a task that is the same each time.
func fresh(t testing.TB, u identity.UserID, n byte) task.Task {
	t.Helper()
	made, err := task.New(task.NewID(peopledAt, [8]byte{7: n}), u, task.Change{Title: task.Some("milk")}, peopledAt)
	must(t, err)
	return made
}

// pages lists the first page, the next one, and one that leaves some out.
func pages(q ports.Query) func(testing.TB, *Store, identity.UserID) {
	return func(t testing.TB, s *Store, u identity.UserID) {
		first, err := s.List(t.Context(), u, q)
		must(t, err)
		if q.Limit = 20; first.Next == nil {
			t.Fatal("there is no next page")
		}
		next, left := q, q
		next.After, left.Offset = first.Next, 20
		for _, q := range []ports.Query{next, left} {
			_, err := s.List(t.Context(), u, q)
			must(t, err)
		}
	}
}

func orders() (all []act) {
	for by, name := range map[task.SortKey]string{
		task.ByCreated: "created", task.ByUpdated: "updated", task.ByDue: "due", task.ByPriority: "priority", task.ByTitle: "title",
	} {
		for ties, o := range map[string]task.Order{
			"asc": {By: by}, "desc": {By: by, Descending: true}, "asc-newest-first": {By: by, NewestFirst: true},
		} {
			if by == task.ByCreated && o.NewestFirst {
				continue
			}
			do := pages(ports.Query{Limit: 20, Order: o})
			if by == task.ByDue {
				do = withoutDue(do, o)
			}
			all = append(all, act{"list-" + name + "-" + ties, do})
		}
	}
	return all
}

// withoutDue also goes on from a task that has no due.
func withoutDue(before func(testing.TB, *Store, identity.UserID), o task.Order) func(testing.TB, *Store, identity.UserID) {
	return func(t testing.TB, s *Store, u identity.UserID) {
		before(t, s, u)
		_, err := s.List(t.Context(), u, ports.Query{Limit: 20, Order: o, After: &task.Position{ID: fresh(t, u, 0).ID()}})
		must(t, err)
	}
}

func filters() (all []act) {
	day := task.DateOf(peopledAt)
	for name, f := range map[string]task.Filter{
		"all":        {},
		"open":       {Completed: task.Some(false)},
		"completed":  {Completed: task.Some(true)},
		"priority":   {Priorities: []task.Priority{2}},
		"priorities": {Priorities: []task.Priority{1, 2}},
		"tag":        {Tags: []string{"home"}},
		"tags":       {Tags: []string{"home", "garden"}},
		"text":       {Text: "milk"},
		"no-text":    {Text: "milk\x00"},
		"due-from":   {DueFrom: day},
		"due-to":     {DueTo: day},
		"due-within": {DueFrom: day, DueTo: day},
		"updated":    {UpdatedSince: peopledAt},
		"everything": {
			Completed: task.Some(false), Priorities: []task.Priority{1, 2}, Tags: []string{"home"}, Text: "milk",
			DueFrom: day, DueTo: day, UpdatedSince: peopledAt,
		},
	} {
		all = append(all, act{"filter-" + name, func(t testing.TB, s *Store, u identity.UserID) {
			q := ports.Query{Limit: 20, Order: task.Order{Descending: true}, Filter: f}
			counted, beyond := q, q
			counted.Count, beyond.Count, beyond.After = true, true, &task.Position{ID: task.ID{15: 1}}
			for _, q := range []ports.Query{q, counted, beyond} {
				_, err := s.List(t.Context(), u, q)
				must(t, err)
			}
		}})
	}
	return all
}

func writes() []act {
	return []act{
		{"insert", func(t testing.TB, s *Store, u identity.UserID) {
			must(t, s.Insert(t.Context(), fresh(t, u, 1), 100_000))
		}},
		{"insert-quota", func(t testing.TB, s *Store, u identity.UserID) {
			wants(t, s.Insert(t.Context(), fresh(t, u, 2), 1), task.ErrQuota)
		}},
		{"find", func(t testing.TB, s *Store, u identity.UserID) {
			_, err := s.Find(t.Context(), u, fresh(t, u, 1).ID())
			must(t, err)
		}},
		{"save", func(t testing.TB, s *Store, u identity.UserID) {
			milk := fresh(t, u, 1)
			milk.Complete(peopledAt.Add(time.Hour))
			must(t, s.Save(t.Context(), milk))
			wants(t, s.Save(t.Context(), milk), task.ErrStale)
		}},
		{"delete", func(t testing.TB, s *Store, u identity.UserID) {
			id := fresh(t, u, 1).ID()
			wants(t, s.Delete(t.Context(), u, id, 9), task.ErrStale)
			must(t, s.Delete(t.Context(), u, id, 0))
			wants(t, s.Delete(t.Context(), u, id, 0), task.ErrNotFound)
		}},
	}
}

// keyed is what a unit of work does with keys.
func keyed() []act {
	claim := func(t testing.TB, u ports.Unit, of identity.UserID) *ports.Replay {
		t.Helper()
		known, err := u.Claim(t.Context(), of, "key", peopledAt)
		must(t, err)
		return known
	}
	within := func(do func(testing.TB, ports.Unit, identity.UserID)) func(testing.TB, *Store, identity.UserID) {
		return func(t testing.TB, s *Store, of identity.UserID) {
			must(t, s.Atomically(t.Context(), of, func(_ context.Context, u ports.Unit) error {
				do(t, u, of)
				return nil
			}))
		}
	}
	return []act{
		{"claim-and-keep", within(func(t testing.TB, u ports.Unit, of identity.UserID) {
			if claim(t, u, of) != nil {
				t.Fatal("the key was claimed before")
			}
			must(t, u.Keep(t.Context(), of, "key", ports.Replay{Reply: ports.Reply{Status: 201}}))
		})},
		{"replay", within(func(t testing.TB, u ports.Unit, of identity.UserID) {
			if claim(t, u, of) == nil {
				t.Fatal("no replay was kept")
			}
		})},
		{"unit", within(func(t testing.TB, u ports.Unit, of identity.UserID) {
			_, err := u.List(t.Context(), of, ports.Query{Limit: 20})
			must(t, err)
			_, err = u.Find(t.Context(), of, fresh(t, of, 8).ID())
			wants(t, err, task.ErrNotFound)
		})},
	}
}

var ofSQL = regexp.MustCompile(`\?|\b(SELECT|INSERT|UPDATE|DELETE|FROM|INTO|WHERE|SET|ORDER|CONFLICT|NULL|RETURNING|LIMIT|OFFSET)\b`)

// everyPart fails for a part of a statement, in the source of the store, that
// is in none of those that were planned: whoever adds one adds an act.
func everyPart(t *testing.T, planned []ran) {
	t.Helper()
	var texts []string
	for _, one := range planned {
		texts = append(texts, regexp.MustCompile(`\$\d+`).ReplaceAllString(one.text, "?"))
	}
	all := strings.Join(texts, "\n")
	parts := 0
	for _, part := range parsed(t, "../gormstore", ".") {
		if parts++; !strings.Contains(all, part) {
			t.Errorf("no plan is of %q", part)
		}
	}
	if parts < 50 {
		t.Errorf("the source has %d parts of statements: it was not read", parts)
	}
}

// elsewhere are the files whose statements, if any, read no table of a user's.
var elsewhere = []string{"schema.go", "session.go", "verdict.go"}

// parsed are the literals of packages that look like SQL.
func parsed(t *testing.T, folders ...string) (all []string) {
	t.Helper()
	for _, folder := range folders {
		paths, err := filepath.Glob(folder + "/*.go")
		must(t, err)
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") || slices.Contains(elsewhere, filepath.Base(path)) {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			must(t, err)
			ast.Inspect(file, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if text, err := strconv.Unquote(lit.Value); err == nil && ofSQL.MatchString(text) {
						all = append(all, text)
					}
				}
				return true
			})
		}
	}
	return all
}
