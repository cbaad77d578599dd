// Package task holds the rules that a task obeys, whoever stores or shows it.
package task

import (
	"time"

	"taskhold/domain/fault"
	"taskhold/domain/identity"
)

// What goes wrong with tasks.
var (
	// ErrNotFound says that the user has no such task. Of another user's task
	// it says the same.
	ErrNotFound = fault.New(fault.NotFound, "NOT_FOUND", "There is no such task.")

	// ErrStale says that the task changed since it was read.
	ErrStale = fault.New(fault.Conflict, "CONFLICT", "The task is being changed by others. Try again.")

	// ErrInvalid is the fault of an input; its violations say what is wrong.
	ErrInvalid = fault.New(fault.Invalid, "VALIDATION_FAILED", "The task is not valid.")

	// ErrQuota says that the user has as many tasks as one may have.
	ErrQuota = fault.New(fault.Exhausted, "QUOTA_EXCEEDED", "You have as many tasks as one user may have. Delete some first.")
)

// Task is something that a user means to do. Only New and Restore make one,
// so every Task in the program obeys every rule. Equal tasks are equal by ==.
type Task struct {
	id          ID
	user        identity.UserID
	title       Title
	description Description
	priority    Priority
	due         Due
	tags        Tags
	completed   time.Time // zero while open
	created     time.Time
	updated     time.Time
	version     int64
}

// New makes a task of version 1 out of what a user wants of it; only a title
// is required. It reports every fault of c at once, as [ErrInvalid]. The
// caller supplies identity and time, so that the rules stay deterministic; id
// is one that [NewID] made of now.
func New(id ID, user identity.UserID, c Change, now time.Time) (Task, error) {
	if user.IsZero() {
		return Task{}, identity.ErrNoUser
	}
	w := c.parse()
	if c.Title.IsAbsent() {
		w.require("/title")
	}
	w.refuseAll(c.Echo)
	now = instant(now)
	t, err := Task{id: id, user: user, created: now, updated: now, version: 1}.with(w, now)
	if err != nil {
		return Task{}, err
	}
	return t, t.check()
}

// ID returns the task's id.
func (t Task) ID() ID { return t.id }

// User returns whose task it is.
func (t Task) User() identity.UserID { return t.user }

// Version counts the changes: 1 for a new task, and one more for each.
func (t Task) Version() int64 { return t.version }

// Completed reports whether the task is done.
func (t Task) Completed() bool { return !t.completed.IsZero() }

// Edit changes the members that c names and keeps all others. It reports every
// fault of c at once, as [ErrInvalid], and then changes nothing. An edit to
// what already is changes nothing either, the version included.
func (t *Task) Edit(c Change, now time.Time) error {
	w := c.parse()
	return t.change(c, w, now)
}

// Replace is Edit by a change that must name every member.
func (t *Task) Replace(c Change, now time.Time) error {
	w := c.parse()
	w.requireAll(c)
	return t.change(c, w, now)
}

// Complete marks the task as done at now; done stays done.
func (t *Task) Complete(now time.Time) { t.settle(t.completedAs(true, now), now) }

// Reopen marks the task as not done.
func (t *Task) Reopen(now time.Time) { t.settle(t.completedAs(false, now), now) }

func (t *Task) change(c Change, w wish, now time.Time) error {
	w.compare(c.Echo, *t)
	next, err := t.with(w, now)
	if err != nil {
		return err
	}
	t.settle(next, now)
	return nil
}

// with returns t as w wants it, or every fault of w.
func (t Task) with(w wish, now time.Time) (Task, error) {
	t.due = w.due(t.due)
	if len(w.faults) > 0 {
		refused := *ErrInvalid
		refused.Violations = w.faults
		return Task{}, &refused
	}
	t.title = stands(w.title, t.title)
	t.description = stands(w.description, t.description)
	t.priority = stands(w.priority, t.priority)
	t.tags = stands(w.tags, t.tags)
	return t.completedAs(stands(w.completed, t.Completed()), now), nil
}

func (t Task) completedAs(done bool, now time.Time) Task {
	switch {
	case done && !t.Completed():
		t.completed = t.later(now)
	case !done:
		t.completed = time.Time{}
	}
	return t
}

// settle makes next the state of t, as a new version if it differs.
func (t *Task) settle(next Task, now time.Time) {
	if next == *t {
		return
	}
	next.updated = t.later(now)
	next.version++
	*t = next
}

// later returns now, but never an instant before the last change: the clocks
// of two servers differ, and a task's history does not run backwards.
func (t Task) later(now time.Time) time.Time {
	if now = instant(now); now.After(t.updated) {
		return now
	}
	return t.updated
}
