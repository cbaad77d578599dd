package model

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"
)

// Model is the whole application.
type Model struct {
	Quota   int                          // of a user's tasks
	tasks   map[string]map[string]Object // by user and id
	kept    map[string]outcome           // by user and key
	cursors map[string]place
	last    string // instant that was handed out
}

// New returns the application without a task.
func New(quota int) *Model {
	return &Model{quota, map[string]map[string]Object{}, map[string]outcome{}, map[string]place{}, ""}
}

// Do carries out c and returns what the answer has to be. Ids, instants and
// cursors are the server's to choose: they are taken from the answer that was
// got, and instants have to grow.
func (m *Model) Do(c Command, got Answer) Answer {
	if m.tasks[c.User] == nil {
		m.tasks[c.User] = map[string]Object{}
	}
	key := c.User + "\n" + c.Key
	first, used := m.kept[key]
	switch {
	case slices.ContainsFunc(append(c.Operations, c), disagrees):
		return refused(400, "MALFORMED_REQUEST")
	case used && first.request != c.request():
		return refused(422, "IDEMPOTENCY_KEY_REUSED")
	case used:
		first.answer.Replayed = true
		return first.answer
	}
	want := m.carryOut(m.tasks[c.User], c, got)
	if c.Key != "" && (want.Status < 300 || slices.Contains([]int{404, 409, 412}, want.Status)) {
		m.kept[key] = outcome{c.request(), want}
	}
	return want
}

func (m *Model) carryOut(tasks map[string]Object, c Command, got Answer) Answer {
	stored, there := tasks[c.ID]
	switch {
	case c.Verb == "create":
		return m.create(tasks, c, got)
	case c.Verb == "list":
		return m.list(tasks, c, got)
	case c.Verb == "batch":
		return m.batch(tasks, c, got)
	case !there:
		return refused(404, "NOT_FOUND")
	case c.Verb == "get" && names(c.Known, stored):
		return Answer{Status: 304}
	case c.Verb == "get":
		return Answer{Status: 200, Task: stored}
	case c.Verb == "delete" && (c.Match == nil || matches(c.Match, stored)):
		delete(tasks, c.ID)
		return Answer{Status: 204}
	case c.Verb == "complete" || c.Verb == "reopen":
		c.Body = Object{"completed": c.Verb == "complete"}
	}
	return m.change(tasks, c, stored, got)
}

func (m *Model) create(tasks map[string]Object, c Command, got Answer) Answer {
	task, faults := write(blank, c)
	if len(faults) > 0 {
		return refused(422, "VALIDATION_FAILED", faults...)
	}
	if len(tasks) >= m.Quota {
		return refused(422, "QUOTA_EXCEEDED")
	}
	now, id := m.instant(got.Task["created_at"]), fmt.Sprint(got.Task["id"])
	if got.Task == nil {
		id = fmt.Sprint("of one that is undone, ", len(tasks))
	}
	maps.Copy(task, Object{"id": id, "user_id": c.User, "version": 1.0, "created_at": now, "updated_at": now})
	task["completed_at"] = map[any]any{true: now}[task["completed"]]
	tasks[id] = task
	return Answer{Status: 201, Task: task}
}

// change is every write to a task that is there; a delete only if its
// condition does not hold.
func (m *Model) change(tasks map[string]Object, c Command, stored Object, got Answer) Answer {
	task, faults := write(stored, c)
	same := reflect.DeepEqual(task, stored)
	if named, readable := version(c.Body); readable {
		c.Match = []string{tag(named)}
	}
	soAlready := same && faults == nil && c.Verb != "delete" && slices.Contains(c.Match, tag(stored["version"].(float64)-1))
	switch {
	case c.Match != nil && !matches(c.Match, stored) && !soAlready:
		return Answer{Status: 412, Code: "PRECONDITION_FAILED", Task: stored}
	case faults != nil:
		return refused(422, "VALIDATION_FAILED", faults...)
	case !same:
		task["version"], task["updated_at"] = stored["version"].(float64)+1, m.instant(got.Task["updated_at"])
	}
	if task["completed"] != stored["completed"] {
		task["completed_at"] = map[any]any{true: task["updated_at"]}[task["completed"]]
	}
	tasks[c.ID] = task
	return Answer{Status: 200, Task: task}
}

func (m *Model) batch(tasks map[string]Object, c Command, got Answer) Answer {
	before, want := maps.Clone(tasks), Answer{Status: map[bool]int{true: 200, false: 207}[c.Atomic]}
	for i, operation := range c.Operations {
		operation.User = c.User
		one := m.carryOut(tasks, operation, append(got.Results, make([]Answer, len(c.Operations))...)[i])
		for j, fault := range one.Errors {
			one.Errors[j] = fmt.Sprintf("/operations/%d/%s%s", i, map[string]string{"create": "task", "patch": "patch"}[operation.Verb], fault)
		}
		if c.Atomic && one.Status >= 400 {
			clear(tasks)
			maps.Copy(tasks, before)
			one.Index = float64(i)
			if one.Task != nil && one.Task["version"] != before[operation.ID]["version"] { // an instant that was undone
				one.Task["updated_at"] = got.Task["updated_at"]
			}
			if one.Task != nil && one.Task["completed_at"] != before[operation.ID]["completed_at"] && one.Task["completed_at"] != nil {
				one.Task["completed_at"] = got.Task["completed_at"]
			}
			return one
		}
		want.Results = append(want.Results, one)
	}
	return want
}

// instant takes over an instant, which has to be later than all before.
func (m *Model) instant(at any) string {
	text := fmt.Sprint(at)
	if _, err := time.Parse("2006-01-02T15:04:05.000000Z", text); err != nil || text <= m.last {
		return "an instant after " + m.last
	}
	m.last = text
	return text
}
