package model

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Model is the whole application. What the server chooses has names here, which grow as ids and instants have to.
type Model struct {
	tasks   map[string]map[string]Task   // by user and id; nil of a user who was erased
	kept    map[string]map[string]Answer // by user, day and key, and by what was asked
	cursors map[string]Task              // by list and cursor: the task behind which to go on, as it was
	steps   int
}

// Do carries out c and returns what the answer has to be.
func (m *Model) Do(c Command) Answer {
	for _, one := range append(c.Operations, c) {
		if named := one.Body["version"].Shown; named != nil && one.Match != nil && !holds(one.Match, named) {
			return refused(400, "MALFORMED_REQUEST")
		}
	}
	answer := m.carryOut(c)
	if c.Key != "" && answer.Status < 422 { // what was refused for its content can be put right with the same key
		m.kept[c.keyed()] = map[string]Answer{c.request(): answer.again()}
	}
	return answer
}

func (m *Model) carryOut(c Command) Answer {
	m.steps++
	stored, first, again := m.tasks[c.User][c.ID], m.kept[c.keyed()], m.kept[c.keyed()][c.request()]
	if c.Verb == "create" {
		stored = Task{"id": asShown("«id %06d»", m.steps), "user_id": {Shown: c.User}, "description": {Shown: ""}}
		stored["completed"], stored["priority"], stored["tags"] = Value{Shown: false}, Value{Shown: "none", Order: "0"}, Value{Shown: []any{}}
	} else if named := c.Body["version"].Shown; named != nil {
		c.Match = []any{named}
	}
	version, _ := stored["version"].Shown.(float64)
	task, faults := merged(stored, c)
	same := faults == nil && c.Verb != "delete" && text(task) == text(stored)
	for _, verdict := range []verdict{ // the first that holds is the answer
		{c.Key != "" && m.tasks[c.User] == nil, refused(401, "UNAUTHENTICATED")},
		{again.Status > 0, again},
		{first != nil, refused(422, "IDEMPOTENCY_KEY_REUSED")},
		{c.ID != "" && stored == nil, refused(404, "NOT_FOUND")},
		{c.Verb == "get" && (holds(c.Known, version) || holds(c.Known, fmt.Sprint("W/", version))), Answer{Status: 304}},
		{c.Match != nil && !holds(c.Match, version) && !(same && slices.Contains(c.Match, any(version-1))), stale(stored)}, // a retry is not
		{faults != nil, refused(422, "VALIDATION_FAILED", faults...)},
		{c.Verb == "create" && m.tasks[c.User] == nil, refused(401, "UNAUTHENTICATED")},
		{c.Verb == "create" && len(m.tasks[c.User]) >= Quota, refused(422, "QUOTA_EXCEEDED")},
		{same, Answer{Status: 200, Task: stored}},
	} {
		if verdict.holds {
			return verdict.answer
		}
	}
	switch c.Verb {
	case "list":
		return m.list(c)
	case "batch":
		return m.batch(c)
	case "erase":
		m.tasks[c.User] = nil
		return Answer{Status: 204}
	case "delete":
		delete(m.tasks[c.User], c.ID)
		return Answer{Status: 204}
	}
	now := asShown("«at %06d»Z", m.steps)
	task["version"], task["updated_at"], task["created_at"] = Value{Shown: version + 1}, now, cmp.Or(stored["created_at"], now)
	task["completed_at"] = map[any]Value{true: cmp.Or(stored["completed_at"], now)}[task["completed"].Shown]
	m.tasks[c.User][task["id"].Order] = task
	return Answer{Status: map[bool]int{true: 201, false: 200}[c.Verb == "create"], Task: task}
}

// merged is the task that a command makes of another: members that it does not name stay as they are.
func merged(stored Task, c Command) (task Task, faults []string) {
	task = Task{}
	for i, name := range Members { // the first 7 can be written, the next 3 sent back as they are; the others are no matter here
		task[name] = stored[name]
		member, given := c.Body[name]
		switch {
		case !given && (c.Verb == "put" && i < 7 || c.Verb == "create" && name == "title"):
			member.Faults = []string{c.At + "/" + name + " REQUIRED"}
		case given && i >= 7 && (c.Verb == "create" || i < 10 && member.Shown != stored[name].Shown):
			member.Faults = []string{c.At + "/" + name + " READ_ONLY"}
		case given && i < 7 && member.Faults == nil:
			task[name] = member.Value
		}
		faults = append(faults, member.Faults...)
	}
	maps.Copy(task, map[string]Task{"complete": {"completed": {Shown: true}}, "reopen": {"completed": {Shown: false}}}[c.Verb])
	if task["due_date"].Shown != nil && task["due_at"].Shown != nil {
		faults = append(faults, c.At+map[bool]string{true: "/due_date", false: "/due_at"}[c.Body["due_at"].Shown == nil]+" BOTH_DUES")
	}
	return task, faults
}

func (m *Model) batch(c Command) Answer {
	before, answer := maps.Clone(m.tasks[c.User]), Answer{Status: map[bool]int{true: 200, false: 207}[c.Atomic]}
	for i, operation := range c.Operations {
		one := m.carryOut(operation)
		if c.Atomic && one.Status >= 400 {
			m.tasks[c.User], one.Index = before, i
			return one
		}
		answer.Results = append(answer.Results, one)
	}
	return answer
}

func holds(in []any, tag any) bool { return slices.Contains(in, any("*")) || slices.Contains(in, tag) }

func (m *Model) list(c Command) Answer {
	query := Query{"sort": {"-created_at"}, "tz": {"UTC"}}
	maps.Copy(query, c.Query)
	list := c.User + "?" + query.Encode() + "#"
	after, known := m.cursors[list+c.Cursor]
	if c.Cursor != "" && !known {
		return refused(400, "INVALID_CURSOR")
	}
	by, descends := strings.CutPrefix(query.Get("sort"), "-")
	way, last := map[bool]int{true: -1, false: 1}[descends], map[bool]string{false: "~"}[descends] // without a due: last either way
	key := func(t Task) string {
		return cmp.Or(t[by].Order+t[by+"_date"].Order+t[by+"_at"].Order, last) + "\x00" + t["id"].Order
	}
	order := func(a, b Task) int { return way * cmp.Compare(key(a), key(b)) }
	all := slices.DeleteFunc(slices.SortedFunc(maps.Values(m.tasks[c.User]), order), func(t Task) bool { return !passes(t, query) })
	rest := slices.DeleteFunc(slices.Clone(all), func(t Task) bool { return known && order(t, after) <= 0 })
	answer := Answer{Status: 200, Items: rest, Limit: cmp.Or(c.Limit, 50), Total: map[bool]any{true: len(all)}[c.Count]}
	if len(rest) > answer.Limit {
		answer.Items, answer.Next = rest[:answer.Limit], fmt.Sprintf("«cursor %06d»", m.steps)
		m.cursors[list+answer.Next] = rest[answer.Limit-1]
	}
	return answer
}

func passes(t Task, q Query) bool {
	day := t["due_date"].on(q.Get("tz")) + t["due_at"].on(q.Get("tz")) // there is one of them at most
	return regexp.MustCompile("(?i)"+regexp.QuoteMeta(q.Get("q"))).MatchString(fmt.Sprint(t["title"].Shown, "\n", t["description"].Shown)) &&
		!slices.ContainsFunc(q["tag"], func(tag string) bool { return !slices.Contains(t["tags"].Shown.([]any), any(tag)) }) &&
		(q["completed"] == nil || q.Get("completed") == fmt.Sprint(t["completed"].Shown)) && q.Get("updated_since") <= t["updated_at"].Order &&
		(q["priority"] == nil || slices.Contains(q["priority"], fmt.Sprint(t["priority"].Shown))) &&
		q.Get("due_from") <= day && (q["due_to"] == nil || day != "" && day <= q.Get("due_to"))
}
