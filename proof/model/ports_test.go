package model

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"pgregory.net/rapid"

	"taskhold/adapters/system"
	"taskhold/application"
	"taskhold/domain/fault"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// inside drives the application through its ports.
type inside struct {
	tasks  ports.Tasks
	users  ports.Users        // nil where nobody can be erased
	places map[string]landing // by cursor
}

// landing is a place in a list, as a cursor is to seal it.
type landing struct {
	list  string
	after task.Position
}

// today is the clock of all that is driven, and can be put on.
var today clock

type clock struct {
	system.Clock
	days atomic.Int64
}

// Now implements [ports.Clock]. A day is a little longer than keys are kept.
func (c *clock) Now() time.Time {
	return c.Clock.Now().Add(time.Duration(c.days.Load()) * (ports.KeyRetention + time.Minute))
}

func over(store ports.Store) *inside {
	d := through(newTasks(store))
	if housekeeping, able := store.(ports.Housekeeping); able {
		d.users = application.NewUsers(housekeeping, &today)
	}
	return d
}

func newTasks(store ports.Store) ports.Tasks {
	return application.NewTasks(store, new(system.Turns), &today, system.IDs{}, Quota)
}

func through(tasks ports.Tasks) *inside { return &inside{tasks, nil, map[string]landing{}} }

func (d *inside) mayErase() bool { return d.users != nil }

// do implements driver. What the door does in HTTP is done here: it compares
// the versions of header and body, seals cursors and renders replies.
func (d *inside) do(t rapid.TB, c Command) Answer {
	t.Helper()
	user, err := identity.ParseUserID(c.User)
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(append(c.Operations, c), disagrees) {
		return refused(400, "MALFORMED_REQUEST")
	}
	ctx := context.Background()
	if c.Verb == "erase" {
		return answered(Answer{Status: 204}, d.users.Erase(ctx, user))
	}
	if c.Key == "" {
		answer, err := d.act(ctx, d.tasks, user, c)
		return answered(answer, err)
	}
	var answer Answer
	key := ports.Key{Text: c.Key, Request: sha256.Sum256([]byte(c.request()))}
	kept, replayed, err := d.tasks.Once(ctx, user, key, func(ctx context.Context, tasks ports.Tasks) (ports.Reply, error) {
		answer, err := d.act(ctx, tasks, user, c)
		answer = answered(answer, err)
		if answer.Status == 422 || answer.Status >= 500 {
			return ports.Reply{}, err
		}
		return ports.Reply{Status: answer.Status, Body: []byte(answer.String())}, nil
	})
	if err != nil {
		return answered(answer, err)
	}
	if err := json.Unmarshal(kept.Body, &answer); err != nil {
		t.Fatal(err)
	}
	answer.Replayed = replayed
	return answer
}

func (d *inside) act(ctx context.Context, tasks ports.Tasks, user identity.UserID, c Command) (Answer, error) {
	id, _ := task.ParseID(c.ID)
	match, change := matchOf(c), changeOf(c.Verb, c.Body)
	one := func(t task.Task, err error) (Answer, error) {
		return Answer{Status: 200, Task: shown(t.Snapshot())}, err
	}
	switch c.Verb {
	case "create":
		answer, err := one(tasks.Create(ctx, user, change))
		answer.Status = 201
		return answer, err
	case "get":
		answer, err := one(tasks.Get(ctx, user, id))
		if err == nil && known(c, answer.Task) {
			return Answer{Status: 304}, nil
		}
		return answer, err
	case "put":
		return one(tasks.Replace(ctx, user, id, match, change))
	case "patch":
		return one(tasks.Edit(ctx, user, id, match, change))
	case "complete":
		return one(tasks.Complete(ctx, user, id, match))
	case "reopen":
		return one(tasks.Reopen(ctx, user, id, match))
	case "delete":
		return Answer{Status: 204}, tasks.Delete(ctx, user, id, match)
	case "batch":
		return d.batch(ctx, tasks, user, c)
	}
	return d.list(ctx, tasks, user, c)
}

// known is the weak comparison, of If-None-Match.
func known(c Command, task Task) bool {
	version := fmt.Sprint(task["version"].Shown)
	return slices.ContainsFunc(c.Known, func(tag any) bool { return tag == "*" || strings.TrimPrefix(fmt.Sprint(tag), "W/") == version })
}

// disagrees reports whether header and body name different versions.
func disagrees(c Command) bool {
	named, readable := version(c.Body)
	return readable && c.Match != nil && !slices.Contains(c.Match, any("*")) && !slices.Contains(c.Match, any(named))
}

// version is the one that a body names.
func version(body map[string]Member) (named float64, readable bool) {
	named, number := body["version"].Sent.(float64)
	return named, number && named == math.Trunc(named)
}

func (d *inside) batch(ctx context.Context, tasks ports.Tasks, user identity.UserID, c Command) (Answer, error) {
	verbs := map[string]ports.Verb{"create": ports.Create, "patch": ports.Edit, "delete": ports.Delete}
	ops := make([]ports.Operation, len(c.Operations))
	for i, op := range c.Operations {
		id, _ := task.ParseID(op.ID)
		ops[i] = ports.Operation{Verb: verbs[op.Verb], ID: id, Match: matchOf(op), Change: changeOf(op.Verb, op.Body)}
	}
	if !c.Atomic {
		return Answer{Status: 207, Results: results(c, tasks.Batch(ctx, user, ops))}, nil
	}
	outcomes, err := tasks.BatchAtomically(ctx, user, ops)
	var failed *ports.BatchError
	if errors.As(err, &failed) {
		err = &located{error: err, answer: locate(c, failed.Index, answered(Answer{}, failed.Err))}
	}
	return Answer{Status: 200, Results: results(c, outcomes)}, err
}

// located is the answer to a batch that failed.
type located struct {
	error
	answer Answer
}

func locate(c Command, index int, a Answer) Answer {
	a.Index = index
	for i, fault := range a.Errors {
		a.Errors[i] = fmt.Sprintf("/operations/%d/%s%s", index, map[string]string{"create": "task", "patch": "patch"}[c.Operations[index].Verb], fault)
	}
	return a
}

func results(c Command, outcomes []ports.Outcome) []Answer {
	all := make([]Answer, len(outcomes))
	for i, outcome := range outcomes {
		status := map[ports.Verb]int{ports.Create: 201, ports.Edit: 200, ports.Delete: 204}[outcome.Verb]
		all[i] = answered(Answer{Status: status, Task: shown(outcome.Task.Snapshot())}, outcome.Err)
		if outcome.Err != nil {
			all[i] = locate(c, i, all[i])
			all[i].Index = nil
		}
	}
	return all
}

func (d *inside) list(ctx context.Context, tasks ports.Tasks, user identity.UserID, c Command) (Answer, error) {
	q := ports.Query{Filter: filterOf(c), Order: orderOf(c.Query.Get("sort")), Limit: c.Limit, Count: c.Count}
	if c.Limit == 0 {
		q.Limit = 50
	}
	list := fmt.Sprint(c.User, q.Filter, q.Order)
	if from, known := d.places[c.Cursor]; known && from.list == list {
		q.After = &from.after
	} else if c.Cursor != "" {
		return refused(400, "INVALID_CURSOR"), nil
	}
	page, err := tasks.List(ctx, user, q)
	answer := Answer{Status: 200, Limit: q.Limit}
	for _, one := range page.Tasks {
		answer.Items = append(answer.Items, shown(one))
	}
	if page.Next != nil {
		answer.Next = "cursor " + strconv.Itoa(len(d.places))
		d.places[answer.Next] = landing{list, *page.Next}
	}
	if c.Count {
		answer.Total = page.Total
	}
	return answer, err
}

func filterOf(c Command) (f task.Filter) {
	if given := c.Query.Get("completed"); given != "" {
		f.Completed = task.Some(given == "true")
	}
	for _, name := range c.Query["priority"] {
		one, _ := task.ParsePriority(name)
		f.Priorities = append(f.Priorities, one)
	}
	f.Tags, f.Text = c.Query["tag"], c.Query.Get("q")
	f.DueFrom, _ = task.ParseDate(c.Query.Get("due_from"))
	f.DueTo, _ = task.ParseDate(c.Query.Get("due_to"))
	f.Zone, _ = time.LoadLocation(c.Query.Get("tz"))
	f.UpdatedSince, _ = task.ParseInstant(c.Query.Get("updated_since"))
	return f
}

func orderOf(sort string) task.Order {
	if sort == "" {
		sort = "-created_at"
	}
	name, descending := strings.CutPrefix(sort, "-")
	return task.Order{Descending: descending, By: map[string]task.SortKey{
		"created_at": task.ByCreated, "updated_at": task.ByUpdated, "due": task.ByDue, "priority": task.ByPriority, "title": task.ByTitle,
	}[name]}
}

// matchOf is the condition of header and body, which agree.
func matchOf(c Command) task.Match {
	if named, readable := version(c.Body); readable {
		return task.MatchVersions(int64(named))
	}
	switch {
	case c.Match == nil:
		return task.Match{}
	case slices.Contains(c.Match, any("*")):
		return task.MatchAny()
	}
	versions := []int64{}
	for _, tag := range c.Match {
		if version, strong := tag.(float64); strong {
			versions = append(versions, int64(version))
		}
	}
	return task.MatchVersions(versions...)
}

func changeOf(verb string, body map[string]Member) (c task.Change) {
	c.Title, c.Description = member[string](&c, body, "title"), member[string](&c, body, "description")
	c.Completed, c.Priority = member[bool](&c, body, "completed"), member[string](&c, body, "priority")
	c.DueDate, c.DueAt = member[string](&c, body, "due_date"), member[string](&c, body, "due_at")
	c.Tags = labels(&c, member[[]any](&c, body, "tags"))
	c.Echo = task.Echo{
		ID: echo(body, "id"), User: echo(body, "user_id"), Created: echo(body, "created_at"),
		Completed: echo(body, "completed_at"), Updated: echo(body, "updated_at"), Version: echo(body, "version"),
	}
	_, given := body["version"]
	if _, readable := version(body); given && !readable && verb != "create" {
		wrongType(&c, "/version")
	}
	return c
}

func wrongType(c *task.Change, pointer string) {
	c.Unreadable.Add(pointer, &fault.Violation{Code: fault.WrongType})
}

func member[T any](c *task.Change, body map[string]Member, name string) task.Optional[T] {
	sent, given := body[name]
	value, right := sent.Sent.(T)
	switch {
	case !given:
		return task.Optional[T]{}
	case sent.Sent == nil:
		return task.Null[T]()
	case !right:
		wrongType(c, "/"+name)
		return task.Optional[T]{}
	}
	return task.Some(value)
}

func labels(c *task.Change, list task.Optional[[]any]) task.Optional[[]string] {
	values, given := list.Get()
	if list.IsNull() {
		return task.Null[[]string]()
	}
	if !given {
		return task.Optional[[]string]{}
	}
	texts := make([]string, len(values))
	for i, value := range values {
		var right bool
		if texts[i], right = value.(string); !right && len(values) <= task.MaxTags {
			wrongType(c, "/tags/"+strconv.Itoa(i))
		}
	}
	return task.Some(texts)
}

func echo(body map[string]Member, name string) task.Optional[string] {
	sent, given := body[name]
	switch value, right := sent.Sent.(string); {
	case !given:
		return task.Optional[string]{}
	case right:
		return task.Some(value)
	}
	return task.Null[string]()
}

// shown is a task as clients see it; nothing of the zero one.
func shown(s task.Snapshot) Task {
	if s.ID.IsZero() {
		return nil
	}
	due := any(nil)
	if !s.Due.Date().IsZero() {
		due = s.Due.Date().String()
	}
	return Task{
		"id": {Shown: s.ID.String()}, "user_id": {Shown: s.User.String()}, "title": {Shown: s.Title}, "description": {Shown: s.Description},
		"completed": {Shown: !s.Completed.IsZero()}, "completed_at": {Shown: instantOf(s.Completed)}, "priority": {Shown: s.Priority.String()},
		"due_date": {Shown: due}, "due_at": {Shown: instantOf(s.Due.At())}, "version": {Shown: float64(s.Version)},
		"created_at": {Shown: instantOf(s.Created)}, "updated_at": {Shown: instantOf(s.Updated)}, "tags": {Shown: append([]string{}, s.Tags...)},
	}
}

func instantOf(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.Format("2006-01-02T15:04:05.000000Z")
}

var statuses = map[fault.Kind]int{
	fault.Invalid: 422, fault.Exhausted: 422, fault.NotFound: 404, fault.Conflict: 409, fault.Stale: 412, fault.Limited: 429, fault.Unavailable: 503,
	fault.Denied: 401,
}

// answered is a, or the answer to an error.
func answered(a Answer, err error) Answer {
	var (
		failed *fault.Error
		stale  *task.PreconditionError
		batch  *located
	)
	switch {
	case err == nil:
		return a
	case errors.As(err, &batch):
		return batch.answer
	case !errors.As(err, &failed):
		return refused(500, err.Error())
	}
	var found []string
	for _, v := range failed.Violations {
		found = append(found, v.Pointer+" "+v.Code)
	}
	a = refused(statuses[failed.Kind], failed.Code, found...)
	if errors.As(err, &stale) {
		a.Task = shown(stale.Current.Snapshot())
	}
	return a
}
