package task

import (
	"time"

	"taskhold/domain/fault"
)

// Change is what somebody wants of a task, not yet judged. The zero Change
// wants nothing.
type Change struct {
	Title       Optional[string]
	Description Optional[string]
	Completed   Optional[bool]
	Priority    Optional[string]
	DueDate     Optional[string]
	DueAt       Optional[string]
	Tags        Optional[[]string]

	// Echo is what was sent of the members that nobody can set.
	Echo Echo

	// Unreadable are members that were sent and are not even of their type.
	// Whether a task exists and is of the wanted version comes before what is
	// wrong with a request's content, so an adapter hands its findings in to
	// be reported with the rest. Such a member is otherwise absent, and such a
	// tag is empty among the others: it is not judged again.
	Unreadable fault.Violations
}

// Echo is what a client sent back of a task's read-only members, as text;
// what is not text in the input is in any form that no such member has.
type Echo struct {
	ID, User, Created           Optional[string]
	Completed, Updated, Version Optional[string]
}

// wish is a Change whose values are parsed. The members that were absent or
// refused are still so.
type wish struct {
	title       Optional[Title]
	description Optional[Description]
	completed   Optional[bool]
	priority    Optional[Priority]
	date        Optional[Date]
	at          Optional[time.Time]
	tags        Optional[Tags]
	faults      fault.Violations
}

func (c Change) parse() wish {
	w := wish{faults: append(fault.Violations(nil), c.Unreadable...)}
	w.title = parsed(&w, "/title", c.Title, ParseTitle)
	w.description = parsed(&w, "/description", c.Description, ParseDescription)
	w.completed = parsed(&w, "/completed", c.Completed, func(b bool) (bool, error) { return b, nil })
	w.priority = parsed(&w, "/priority", c.Priority, ParsePriority)
	w.date = nullable(&w, "/due_date", c.DueDate, ParseDate)
	w.at = nullable(&w, "/due_at", c.DueAt, ParseInstant)
	w.tags = parsed(&w, "/tags", c.Tags, ParseTags)
	return w
}

// parsed is for a member that cannot be null.
func parsed[In, Out any](w *wish, pointer string, in Optional[In], parse func(In) (Out, error)) Optional[Out] {
	if in.IsNull() {
		w.require(pointer)
		return Optional[Out]{}
	}
	return nullable(w, pointer, in, parse)
}

func nullable[In, Out any](w *wish, pointer string, in Optional[In], parse func(In) (Out, error)) Optional[Out] {
	if in.IsNull() {
		return Null[Out]()
	}
	raw, ok := in.Get()
	if !ok {
		return Optional[Out]{}
	}
	out, err := parse(raw)
	if err != nil {
		w.faults.Add(pointer, err)
		return Optional[Out]{}
	}
	return Some(out)
}

// due judges the two members of a due together, beside the one that stands.
func (w *wish) due(stored Due) Due {
	due := Due{date: stands(w.date, stored.date), at: stands(w.at, stored.at)}
	if due.date.IsZero() || due.at.IsZero() {
		return due
	}
	pointer := "/due_date"
	if _, sent := w.at.Get(); sent {
		pointer = "/due_at"
	}
	w.faults.Add(pointer, &fault.Violation{Code: fault.BothDues, Message: "must not stand beside the other kind of due: set that one to null"})
	return stored
}

// stands returns what a member is after an input: absent keeps, null clears.
func stands[T any](in Optional[T], stored T) T {
	if in.IsAbsent() {
		return stored
	}
	value, _ := in.Get()
	return value
}

// requireAll refuses a replacement that leaves a member out. It names the
// members of the first version; one that comes later is optional here and
// keeps its value, or older clients could no longer replace a task.
func (w *wish) requireAll(c Change) {
	for _, member := range []struct {
		pointer string
		absent  bool
	}{
		{"/title", c.Title.IsAbsent()},
		{"/description", c.Description.IsAbsent()},
		{"/completed", c.Completed.IsAbsent()},
		{"/priority", c.Priority.IsAbsent()},
		{"/due_date", c.DueDate.IsAbsent()},
		{"/due_at", c.DueAt.IsAbsent()},
		{"/tags", c.Tags.IsAbsent()},
	} {
		if member.absent {
			w.require(member.pointer)
		}
	}
}

// require reports a missing member, unless it was sent and is unreadable.
func (w *wish) require(pointer string) {
	w.faults.Add(pointer, &fault.Violation{Code: fault.Required, Message: "must not be missing or null"})
}

// refuseAll refuses every read-only member: a new task has none.
func (w *wish) refuseAll(e Echo) {
	for _, member := range []struct {
		pointer string
		in      Optional[string]
	}{
		{"/id", e.ID},
		{"/user_id", e.User},
		{"/created_at", e.Created},
		{"/completed_at", e.Completed},
		{"/updated_at", e.Updated},
		{"/version", e.Version},
	} {
		if !member.in.IsAbsent() {
			w.readOnly(member.pointer)
		}
	}
}

// compare refuses the read-only members that are not those of t. What changes
// by itself (completed_at, updated_at) may be sent back stale, and version is
// a precondition.
func (w *wish) compare(e Echo, t Task) {
	if !e.ID.IsAbsent() && e.ID != Some(t.id.String()) {
		w.readOnly("/id")
	}
	if !e.User.IsAbsent() && e.User != Some(t.user.String()) {
		w.readOnly("/user_id")
	}
	if text, sent := e.Created.Get(); sent || e.Created.IsNull() {
		if created, err := ParseInstant(text); err != nil || created != t.created {
			w.readOnly("/created_at")
		}
	}
}

func (w *wish) readOnly(pointer string) {
	w.faults.Add(pointer, &fault.Violation{Code: fault.ReadOnly, Message: "must not be changed: the server sets it"})
}
