package task

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Filter says which tasks to list. The zero Filter is all.
type Filter struct {
	Completed    Optional[bool]
	Priorities   []Priority // any of them; none means all
	Tags         []string   // all of them
	Text         string     // part of the title or the description, whatever its case
	DueFrom      Date       // due on that day or later
	DueTo        Date       // due on that day or earlier
	Zone         *time.Location
	UpdatedSince time.Time // inclusive
}

// Matches reports whether the filter lets s through.
func (f Filter) Matches(s Snapshot) bool {
	done, asked := f.Completed.Get()
	return (!asked || done == !s.Completed.IsZero()) &&
		(len(f.Priorities) == 0 || slices.Contains(f.Priorities, s.Priority)) &&
		f.matchesTags(s) && f.matchesText(s) && f.matchesDue(s.Due) &&
		!s.Updated.Before(f.UpdatedSince)
}

func (f Filter) matchesTags(s Snapshot) bool {
	return !slices.ContainsFunc(f.Tags, func(tag string) bool { return !slices.Contains(s.Tags, tag) })
}

func (f Filter) matchesText(s Snapshot) bool {
	if f.Text == "" {
		return true // without folding what may be long
	}
	text := Fold(f.Text)
	return strings.Contains(Fold(s.Title), text) || strings.Contains(Fold(s.Description), text)
}

func (f Filter) matchesDue(d Due) bool {
	if f.DueFrom.IsZero() && f.DueTo.IsZero() {
		return true
	}
	from, until := f.DueInstants()
	switch {
	case d == Due{}:
		return false
	case !d.date.IsZero():
		return !d.date.before(f.DueFrom) && (f.DueTo.IsZero() || !f.DueTo.before(d.date))
	}
	return !d.at.Before(from) && (until.IsZero() || d.at.Before(until))
}

// DueInstants returns the first instant of DueFrom and the first after DueTo
// in the filter's zone (UTC if it has none); zero where there is no bound. A
// task that is due at an instant counts on the day that its zone shows then.
func (f Filter) DueInstants() (from, until time.Time) {
	zone := f.Zone
	if zone == nil {
		zone = time.UTC
	}
	if !f.DueFrom.IsZero() {
		from = f.DueFrom.Start(zone)
	}
	if !f.DueTo.IsZero() {
		until = f.DueTo.Next().Start(zone)
	}
	return from, until
}

// SortKey is what tasks are listed by.
type SortKey uint8

// The sort keys. The zero SortKey is ByCreated, which is the order of the ids.
const (
	ByCreated SortKey = iota
	ByUpdated
	ByDue
	ByPriority
	ByTitle
)

// Order is a total order of one user's tasks. Those without a due come last
// by ByDue, whichever way; ties go by id, in the direction of the rest or, with
// NewestFirst, always descending.
type Order struct {
	By          SortKey
	Descending  bool
	NewestFirst bool // of ties; there are none by ByCreated
}

// TiesDescend reports whether ids descend among tasks that are otherwise equal.
func (o Order) TiesDescend() bool {
	return o.Descending || o.NewestFirst && o.By != ByCreated
}

// Position is the place of a task in an order: what the order looks at, and
// the id.
type Position struct {
	ID   ID
	At   time.Time // ByUpdated and ByDue; zero for no due
	Rank Priority  // ByPriority
	Text string    // ByTitle, folded
}

// Position returns the place of s.
func (o Order) Position(s Snapshot) Position {
	p := Position{ID: s.ID}
	switch o.By {
	case ByCreated:
	case ByUpdated:
		p.At = s.Updated
	case ByDue:
		p.At = s.Due.Sort()
	case ByPriority:
		p.Rank = s.Priority
	case ByTitle:
		p.Text = Fold(s.Title)
	}
	return p
}

// Compare returns a negative number if p comes before q.
func (o Order) Compare(p, q Position) int {
	if p.At.IsZero() != q.At.IsZero() { // only a due may be missing
		if p.At.IsZero() {
			return 1
		}
		return -1
	}
	c := cmp.Or(p.At.Compare(q.At), cmp.Compare(p.Rank, q.Rank), strings.Compare(p.Text, q.Text))
	tie := p.ID.Compare(q.ID)
	return cmp.Or(turned(c, o.Descending), turned(tie, o.TiesDescend()))
}

func turned(c int, turn bool) int {
	if turn {
		return -c
	}
	return c
}
