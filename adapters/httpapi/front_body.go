package httpapi

import (
	"slices"
	"strings"
	"time"

	"taskhold/adapters/httpapi/strictjson"
	"taskhold/domain/fault"
	"taskhold/domain/task"
)

// revision is what a client wants of a task, which depends on the task as it
// stands: of two names for one thing, the one that says something new counts.
type revision func(stored task.Snapshot) task.Change

// said is what a body says of a task, as far as it does not depend on it.
type said struct {
	change task.Change
	done   names[bool]
	due    names[task.Due]
}

// of is a revision.
func (s said) of(stored task.Snapshot) task.Change {
	c := s.change
	c.Unreadable = slices.Clip(c.Unreadable) // the next call begins with the same
	if done, differs := s.done.choose(&c, isDone(stored)); differs {
		c.Completed = task.Some(done)
	}
	if due, differs := s.due.choose(&c, stored.Due); differs {
		c.DueDate, c.DueAt = dueMembers(due)
	}
	return c
}

// readRevision reads a body that names some members, in any of their names.
// What is unknown or nobody can set is passed by.
func readRevision(document strictjson.Value) revision {
	s := readDoneNames(document)
	c := &s.change
	for name, v := range document.Members() {
		switch name {
		case "title":
			c.Title = text(c, "/title", v)
		case "description":
			c.Description = orDefault(text(c, "/description", v), "")
		case "priority":
			c.Priority = givenPriority(text(c, "/priority", v))
		case "tags":
			c.Tags = orDefault(list(c, "/tags", v), []string{})
		}
	}
	s.due = readNames(c, document, dueNames, readDue)
	return s.of
}

// readToggle reads a body that says whether a task is done, or nothing of it,
// which turns what is.
func readToggle(document strictjson.Value) revision {
	s := readDoneNames(document)
	if len(s.done) == 0 && len(s.change.Unreadable) == 0 {
		return func(stored task.Snapshot) task.Change { return task.Change{Completed: task.Some(!isDone(stored))} }
	}
	return s.of
}

func readDoneNames(document strictjson.Value) (s said) {
	s.done = readNames(&s.change, document, doneNames, readDone)
	return s
}

// settingDone says it for every task, whatever the body.
func settingDone(done bool) func(strictjson.Value) revision {
	return func(strictjson.Value) revision {
		return func(task.Snapshot) task.Change { return task.Change{Completed: task.Some(done)} }
	}
}

// named is a value by one of its names.
type named[T comparable] struct {
	name  string
	value T
}

type names[T comparable] []named[T]

// readNames reads the members that have one of the names.
func readNames[T comparable](c *task.Change, document strictjson.Value, known []string, read func(strictjson.Value) (T, error)) names[T] {
	var all names[T]
	for name, v := range document.Members() {
		if !slices.Contains(known, name) {
			continue
		}
		value, err := read(v)
		if err != nil {
			c.Unreadable.Add("/"+name, err)
			continue
		}
		all = append(all, named[T]{name, value})
	}
	return all
}

// choose returns the value that differs from the stored one, if there is one.
// That two differ, from it and from each other, is a fault of c.
func (all names[T]) choose(c *task.Change, stored T) (chosen T, differs bool) {
	var first named[T]
	for _, one := range all {
		switch {
		case one.value == stored:
		case !differs:
			first, differs = one, true
		case one.value != first.value:
			c.Unreadable.Add("/"+one.name, &fault.Violation{Code: fault.Duplicate, Message: "must not differ from " + first.name})
		}
	}
	return first.value, differs
}

// readDone reads a boolean, or a word for one.
func readDone(v strictjson.Value) (bool, error) {
	switch v.Kind() {
	case strictjson.Bool:
		return v.Bool(), nil
	case strictjson.String:
		if done, known := statuses[strings.ToLower(v.String())]; known {
			return done, nil
		}
		return false, &fault.Violation{Code: fault.UnknownValue, Message: "must be one of pending, completed"}
	}
	return false, &fault.Violation{Code: fault.WrongType, Message: "must be true or false"}
}

// readDue reads a date or an instant; null and "" are none.
func readDue(v strictjson.Value) (task.Due, error) {
	switch text := v.String(); {
	case v.Kind() == strictjson.Null, v.Kind() == strictjson.String && text == "":
		return task.Due{}, nil
	case v.Kind() != strictjson.String:
		return task.Due{}, &fault.Violation{Code: fault.WrongType, Message: "must be a string or null"}
	default:
		if date, err := task.ParseDate(text); err == nil {
			return task.DueOn(date), nil
		}
		at, err := task.ParseInstant(text)
		if err != nil {
			err = &fault.Violation{
				Code:    fault.InvalidFormat,
				Message: "must be a date written YYYY-MM-DD, or an instant written YYYY-MM-DDThh:mm:ssZ with an offset or Z and at most six digits of fraction",
			}
		}
		return task.DueAt(at), err
	}
}

// dueMembers names both members of a due, so that the one kind takes the place
// of the other.
func dueMembers(d task.Due) (date, at task.Optional[string]) {
	date, at = task.Null[string](), task.Null[string]()
	if day := d.Date(); !day.IsZero() {
		date = task.Some(day.String())
	}
	if instant := d.At(); !instant.IsZero() {
		at = task.Some(instant.Format(time.RFC3339Nano))
	}
	return date, at
}

// givenPriority takes any case, and nothing for none.
func givenPriority(in task.Optional[string]) task.Optional[string] {
	in = orDefault(in, "")
	text, sent := in.Get()
	switch {
	case !sent:
		return in
	case text == "":
		return task.Some(task.None.String())
	}
	return task.Some(strings.ToLower(text))
}

// orDefault makes null what a new task has.
func orDefault[T any](in task.Optional[T], value T) task.Optional[T] {
	if in.IsNull() {
		return task.Some(value)
	}
	return in
}
