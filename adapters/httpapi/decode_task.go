package httpapi

import (
	"strconv"
	"strings"

	"taskhold/adapters/httpapi/strictjson"
	"taskhold/domain/fault"
	"taskhold/domain/task"
)

// members are what a body may say of a task, and how each is read. What is
// not of its type goes to the change's Unreadable: that is judged after
// whether the task exists.
var members = map[string]func(*task.Change, strictjson.Value){
	"title":       func(c *task.Change, v strictjson.Value) { c.Title = text(c, "/title", v) },
	"description": func(c *task.Change, v strictjson.Value) { c.Description = text(c, "/description", v) },
	"completed":   func(c *task.Change, v strictjson.Value) { c.Completed = boolean(c, "/completed", v) },
	"priority":    func(c *task.Change, v strictjson.Value) { c.Priority = text(c, "/priority", v) },
	"due_date":    func(c *task.Change, v strictjson.Value) { c.DueDate = text(c, "/due_date", v) },
	"due_at":      func(c *task.Change, v strictjson.Value) { c.DueAt = text(c, "/due_at", v) },
	"tags":        func(c *task.Change, v strictjson.Value) { c.Tags = list(c, "/tags", v) },

	"id":           func(c *task.Change, v strictjson.Value) { c.Echo.ID = echo(v) },
	"user_id":      func(c *task.Change, v strictjson.Value) { c.Echo.User = echo(v) },
	"created_at":   func(c *task.Change, v strictjson.Value) { c.Echo.Created = echo(v) },
	"completed_at": func(c *task.Change, v strictjson.Value) { c.Echo.Completed = echo(v) },
	"updated_at":   func(c *task.Change, v strictjson.Value) { c.Echo.Updated = echo(v) },
	"version":      func(c *task.Change, v strictjson.Value) { c.Echo.Version = echo(v) },
}

// readChange reads an object that stands at a pointer of the body. It fails
// on what is no object or has a member that no task has.
func readChange(v strictjson.Value, pointer string) (task.Change, error) {
	var c task.Change
	if err := asObject(v, pointer); err != nil {
		return c, err
	}
	if err := knownMembers(v, pointer, members); err != nil {
		return c, err
	}
	for name, member := range v.Members() {
		members[name](&c, member)
	}
	return c, nil
}

// readEdit is readChange for a task that exists: there, version is a
// condition.
func readEdit(v strictjson.Value, pointer string) (c task.Change, version task.Optional[int64], err error) {
	if c, err = readChange(v, pointer); err != nil {
		return c, version, err
	}
	if member, sent := v.Get("version"); sent {
		if n, ok := member.Int(); ok {
			version = task.Some(n)
		} else {
			wrongType(&c, "/version", "must be an integer")
		}
	}
	return c, version, nil
}

func text(c *task.Change, pointer string, v strictjson.Value) task.Optional[string] {
	switch v.Kind() {
	case strictjson.String:
		return task.Some(strings.Clone(v.String())) // or the task would keep the whole body in memory
	case strictjson.Null:
		return task.Null[string]()
	}
	wrongType(c, pointer, "must be a string")
	return task.Optional[string]{}
}

func boolean(c *task.Change, pointer string, v strictjson.Value) task.Optional[bool] {
	switch v.Kind() {
	case strictjson.Bool:
		return task.Some(v.Bool())
	case strictjson.Null:
		return task.Null[bool]()
	}
	wrongType(c, pointer, "must be true or false")
	return task.Optional[bool]{}
}

func list(c *task.Change, pointer string, v strictjson.Value) task.Optional[[]string] {
	switch v.Kind() {
	case strictjson.Array:
		return elements(c, pointer, v)
	case strictjson.Null:
		return task.Null[[]string]()
	}
	wrongType(c, pointer, "must be an array of strings")
	return task.Optional[[]string]{}
}

// elements reads an array of strings. Of too many, their number is all that
// will be judged; else every one is, whatever the others are.
func elements(c *task.Change, pointer string, v strictjson.Value) task.Optional[[]string] {
	texts := make([]string, v.Len())
	if len(texts) > task.MaxTags {
		return task.Some(texts)
	}
	for i, element := range v.Elements() {
		texts[i] = strings.Clone(element.String())
		if element.Kind() != strictjson.String {
			wrongType(c, pointer+"/"+strconv.Itoa(i), "must be a string")
		}
	}
	return task.Some(texts)
}

// echo reads a member that nobody can set. No such member is ever null but
// completed_at, which is not looked at; so what is no text can be null.
func echo(v strictjson.Value) task.Optional[string] {
	if v.Kind() == strictjson.String {
		return task.Some(strings.Clone(v.String()))
	}
	return task.Null[string]()
}

func wrongType(c *task.Change, pointer, must string) {
	c.Unreadable.Add(pointer, &fault.Violation{Code: fault.WrongType, Message: must})
}
