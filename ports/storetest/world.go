package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// world is what one rule plays with: a store, and two users whom nobody knows.
type world struct {
	Subject
	objections
	ann, bob identity.UserID
	ticks    atomic.Int64
	grown    int // how many motley tasks there are
}

func newWorld(s Subject) *world {
	return &world{Subject: s, ann: someone("ann"), bob: someone("bob")}
}

// many is a quota that no rule reaches by chance.
const many = 1_000

// noon is when the rules play.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

var errBoom = errors.New("boom")

// someone returns a user whom nobody used before.
func someone(name string) identity.UserID {
	return user(name + "-" + rand.Text())
}

func user(text string) identity.UserID {
	u, err := identity.ParseUserID(text)
	if err != nil {
		panic(err)
	}
	return u
}

// now is later at each call, by a microsecond.
func (w *world) now() time.Time {
	return noon.Add(time.Duration(w.ticks.Add(1)) * time.Microsecond)
}

func newID(created time.Time) task.ID {
	var random [8]byte
	rand.Read(random[:]) // never fails
	return task.NewID(created, random)
}

// titled is a change of the title alone.
func titled(title string) task.Change { return task.Change{Title: task.Some(title)} }

// task makes a task that no store has seen.
func (w *world) task(user identity.UserID, title string) task.Task {
	return w.made(user, w.now(), titled(title))
}

func (w *world) made(user identity.UserID, created time.Time, c task.Change) task.Task {
	t, err := task.New(newID(created), user, c, created)
	if err != nil {
		panic(err)
	}
	return t
}

// edited returns t as its next version.
func (w *world) edited(t task.Task, c task.Change) task.Task {
	if err := t.Edit(c, w.now()); err != nil {
		panic(err)
	}
	return t
}

// inserted makes a task and inserts it.
func (w *world) inserted(ctx context.Context, user identity.UserID, title string) task.Task {
	t := w.task(user, title)
	w.insert(ctx, t)
	return t
}

func (w *world) insert(ctx context.Context, tasks ...task.Task) {
	for _, t := range tasks {
		w.fine("Insert", w.Insert(ctx, t, many))
	}
}

// fine objects to an error.
func (w *world) fine(what string, err error) {
	if err != nil {
		w.object("%s: %v", what, err)
	}
}

// refused objects to any error but one of those that are wanted, and to none.
func (w *world) refused(what string, err error, want ...error) {
	if !slices.ContainsFunc(want, func(one error) bool { return errors.Is(err, one) }) {
		w.object("%s: got error %v, want %v", what, err, errors.Join(want...))
	}
}

// has objects unless the store gives t to its user, exactly so.
func (w *world) has(ctx context.Context, s ports.TaskStore, t task.Task) {
	got, err := s.Find(ctx, t.User(), t.ID())
	if err != nil || got != t {
		w.object("Find = %s, %v; want %s", describe(got.Snapshot()), err, describe(t.Snapshot()))
	}
}

// lacks objects if the store gives t to its user, in any version.
func (w *world) lacks(ctx context.Context, s ports.TaskStore, t task.Task) {
	_, err := s.Find(ctx, t.User(), t.ID())
	w.refused("Find", err, task.ErrNotFound)
}

// holds objects unless the user's tasks are these, by a list of all.
func (w *world) holds(ctx context.Context, s ports.TaskStore, user identity.UserID, want ...task.Task) {
	page, err := s.List(ctx, user, ports.Query{Limit: many, Count: true})
	w.fine("List", err)
	w.same("List", page.Tasks, want)
	if page.Total != len(want) || page.Next != nil {
		w.object("List of %d tasks: Total = %d, Next = %v", len(want), page.Total, page.Next)
	}
}

// same objects unless the snapshots are those of the tasks, in any order.
func (w *world) same(what string, got []task.Snapshot, want []task.Task) {
	left := slices.Clone(want)
	for _, s := range got {
		i := slices.IndexFunc(left, func(t task.Task) bool { return equal(s, t.Snapshot()) })
		if i < 0 {
			w.object("%s has %s, which is not wanted (again)", what, describe(s))
		}
		left = slices.Delete(left, i, i+1)
	}
	if len(left) > 0 {
		w.object("%s lacks %s", what, describe(left[0].Snapshot()))
	}
}

func equal(a, b task.Snapshot) bool {
	at, aErr := task.Restore(a)
	bt, bErr := task.Restore(b)
	return aErr == nil && bErr == nil && at == bt && slices.Equal(a.Tags, b.Tags)
}

// atomically runs fn as a unit of work, and what fn objects to counts.
func (w *world) atomically(ctx context.Context, user identity.UserID, fn func(context.Context, ports.Unit) error) {
	w.fine("Atomically", w.Atomically(ctx, user, fn))
}

// together calls do n times at once, behind a start gate, and returns what
// each returned. An objection in one of them ends the rule.
func (w *world) together(n int, do func(i int) error) []error {
	var (
		errs  = make([]error, n)
		start = make(chan struct{})
		wg    sync.WaitGroup
	)
	for i := range n {
		wg.Go(func() {
			defer func() { quietly(recover()) }()
			<-start
			errs[i] = do(i)
		})
	}
	close(start)
	wg.Wait()
	if w.err() != nil {
		panic(giveUp)
	}
	return errs
}

// quietly lets every panic pass but that of a rule that has objected.
func quietly(recovered any) {
	if recovered != nil && recovered != any(giveUp) {
		panic(recovered)
	}
}

// count returns how many of errs are nil, and objects to any other than want.
func (w *world) count(what string, errs []error, want ...error) int {
	wins := 0
	for _, err := range errs {
		if err == nil {
			wins++
		} else {
			w.refused(what, err, want...)
		}
	}
	return wins
}

func numbered(n int, each func(i int) task.Task) []task.Task {
	tasks := []task.Task{}
	for i := range n {
		tasks = append(tasks, each(i))
	}
	return tasks
}

// brief shortens a text for a message.
func brief(s string) string {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}
