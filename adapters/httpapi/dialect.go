package httpapi

import (
	"fmt"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"taskhold/adapters/httpapi/strictjson"
	"taskhold/domain/task"
)

// This file is all in which /api, the door for front ends that exist, differs
// from /v1: where it is, what is asked there, what the answers look like and
// in which words clients speak. The rest of the files called front do what
// stands here.

// bases are the addresses of a user's tasks. Each also has a twin with a
// slash at its end, and so has everything below it.
var bases = []string{"/api/tasks", "/api/v1/tasks", "/api/todos", "/api/users/:user_id/tasks"}

// userBase is one more, for every :user_id but the reserved ones.
const userBase = "/api/:user_id/tasks"

var reserved = []string{"v1", "tasks", "todos", "users", "auth"}

// requests are what can be asked below a base.
var requests = []struct {
	method, below string
	handle        func(*exchange) error
}{
	{fiber.MethodGet, "", listForFront},
	{fiber.MethodPost, "", createForFront},
	{fiber.MethodGet, "/:id", getForFront},
	{fiber.MethodPut, "/:id", revise(readRevision)}, // of what is named, as PATCH: front ends send parts
	{fiber.MethodPatch, "/:id", revise(readRevision)},
	{fiber.MethodDelete, "/:id", deleteForFront},
	{fiber.MethodPatch, "/:id/complete", reviseOrNothing(readToggle)},
	{fiber.MethodPatch, "/:id/toggle", reviseOrNothing(readToggle)},
	{fiber.MethodPatch, "/:id/status", reviseOrNothing(readToggle)},
	{fiber.MethodPost, "/:id/complete", reviseOrNothing(settingDone(true))},
	{fiber.MethodDelete, "/:id/complete", reviseOrNothing(settingDone(false))},
	{fiber.MethodPost, "/:id/uncomplete", reviseOrNothing(settingDone(false))},
}

// Dialect says which shape the answers under /api have. The zero Dialect is
// the one that most front ends read.
type Dialect struct {
	List   string // "array", "tasks", "todos", "items" or "data"
	Task   string // "bare", "task", "data" or "data.task"
	Fields string // "all", "snake" or "camel"
	Delete string // "204" or "200"
}

// dialect is a Dialect as it is spoken.
type dialect struct {
	list    envelope
	task    envelope
	members []member
	deleted reply
}

// envelope is what stands around something. One around a list holds the
// figures of the list too, behind it.
type envelope struct{ before, after string }

var listEnvelopes = map[string]envelope{
	"":      {}, // the default
	"array": {},
	"tasks": {`{"tasks":`, `}`},
	"todos": {`{"todos":`, `}`},
	"items": {`{"items":`, `}`},
	"data":  {`{"data":{"tasks":`, `}}`},
}

var taskEnvelopes = map[string]envelope{
	"":          {}, // the default
	"bare":      {},
	"task":      {`{"task":`, `}`},
	"data":      {`{"data":`, `}`},
	"data.task": {`{"data":{"task":`, `}}`},
}

var deletions = map[string]reply{
	"":    {status: fiber.StatusNoContent}, // the default
	"204": {status: fiber.StatusNoContent},
	"200": {status: fiber.StatusOK, body: []byte(`{"message":"The task was deleted."}`)},
}

// speaker says which names of a member a dialect uses.
type speaker func(m member) []string

var speakers = map[string]speaker{
	"":      allNames, // the default
	"all":   allNames,
	"snake": func(m member) []string { return m.once(m.name) },
	"camel": func(m member) []string { return m.once(m.camel) },
}

// member is what a task shows of itself.
type member struct {
	name, camel string // camel is "" where it would be the same
	again       bool   // says what another member says
	value       func([]byte, task.Snapshot) []byte
}

// taskMembers are all members, in the order in which they are shown.
var taskMembers = []member{
	{name: "id", value: func(b []byte, t task.Snapshot) []byte { return strictjson.AppendString(b, t.ID.String()) }},
	{name: "user_id", camel: "userId", value: func(b []byte, t task.Snapshot) []byte { return strictjson.AppendString(b, t.User.String()) }},
	{name: "title", value: func(b []byte, t task.Snapshot) []byte { return strictjson.AppendString(b, t.Title) }},
	{name: "description", value: func(b []byte, t task.Snapshot) []byte { return strictjson.AppendString(b, t.Description) }},
	{name: "completed", value: appendDone},
	{name: "is_completed", camel: "isCompleted", again: true, value: appendDone},
	{name: "status", again: true, value: appendStatus},
	{name: "completed_at", camel: "completedAt", value: func(b []byte, t task.Snapshot) []byte { return appendInstant(b, t.Completed) }},
	{name: "priority", value: func(b []byte, t task.Snapshot) []byte { return strictjson.AppendString(b, t.Priority.String()) }},
	{name: "due_date", camel: "dueDate", value: appendDue},
	{name: "tags", value: func(b []byte, t task.Snapshot) []byte { return appendStrings(b, t.Tags) }},
	{name: "version", value: func(b []byte, t task.Snapshot) []byte { return strconv.AppendInt(b, t.Version, 10) }},
	{name: "created_at", camel: "createdAt", value: func(b []byte, t task.Snapshot) []byte { return appendInstant(b, t.Created) }},
	{name: "updated_at", camel: "updatedAt", value: func(b []byte, t task.Snapshot) []byte { return appendInstant(b, t.Updated) }},
}

// What clients call the two things that have more than one name. Of the names
// in one body, the one that differs from the stored task counts: a client may
// change one and send the others back as it got them.
var (
	doneNames = []string{"completed", "is_completed", "isCompleted", "status"}
	dueNames  = []string{"due_date", "dueDate"}
)

// statuses are the words for done and not done, in any case.
var statuses = map[string]bool{"completed": true, "done": true, "pending": false, "active": false, "incomplete": false}

// Parameters of a list: names for one thing, of which the first that means
// something counts.
var (
	statusParameters    = []string{"status", "status_filter"}
	completedParameters = []string{"completed"}
	priorityParameters  = []string{"priority"}
	tagParameters       = []string{"tags"}
	searchParameters    = []string{"search"}
	sortParameters      = []string{"sort_by", "sort"}
	orderParameters     = []string{"sort_order", "order"}
	limitParameters     = []string{"limit"}
	offsetParameters    = []string{"offset", "skip"}
	pageParameters      = []string{"page"} // counted from 1
)

// everyTask is what may be asked for to filter by nothing.
const everyTask = "all"

// frontLimit is how many tasks a list has at most, and unless fewer are asked
// for.
const frontLimit = 1000

// sortNames are what a list can be sorted by, and whether it then descends
// unless asked otherwise.
var sortNames = map[string]struct {
	key        task.SortKey
	descending bool
}{
	"created_at": {task.ByCreated, true}, "createdAt": {task.ByCreated, true},
	"updated_at": {task.ByUpdated, true}, "updatedAt": {task.ByUpdated, true},
	"due_date": {task.ByDue, false}, "dueDate": {task.ByDue, false},
	"priority": {task.ByPriority, false}, "title": {task.ByTitle, false},
}

// newDialect refuses a Dialect with a word that is not known.
func newDialect(d Dialect) (*dialect, error) {
	list, okList := listEnvelopes[d.List]
	one, okTask := taskEnvelopes[d.Task]
	speak, okFields := speakers[d.Fields]
	deleted, okDelete := deletions[d.Delete]
	if !okList || !okTask || !okFields || !okDelete {
		return nil, fmt.Errorf("httpapi: no such dialect: %+v", d)
	}
	spoken := &dialect{list: list, task: one, deleted: deleted}
	for _, m := range taskMembers {
		for _, name := range speak(m) {
			spoken.members = append(spoken.members, member{name: name, value: m.value})
		}
	}
	return spoken, nil
}

func allNames(m member) []string {
	if m.camel == "" {
		return []string{m.name}
	}
	return []string{m.name, m.camel}
}

// once leaves out what says the same again.
func (m member) once(name string) []string {
	switch {
	case m.again:
		return nil
	case name == "":
		return []string{m.name}
	}
	return []string{name}
}
