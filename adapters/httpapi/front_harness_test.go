package httpapi

import (
	"encoding/json"
	"strings"
	"testing"

	"taskhold/adapters/httpapi/apitest"
)

// speaking opens the door for front ends.
func speaking(d Dialect) func(*Options) { return func(o *Options) { o.Dialect = &d } }

// milk is the task that front ends find; the rest of it has to stay when they
// change a part.
const milk = `{"title": "Buy milk", "description": "Two litres", "completed": false, "priority": "high", "due_date": "2026-12-31", "due_at": null, "tags": ["home"]}`

// step is one thing that a front end does, with the task of milk: {id} is the
// task's id, and {uid} the user's.
type step struct {
	method, path, body string
	headers            []string
	status             int
	reads              string // JSON; of an object the members that it has to have
	stored             string // likewise, of the task afterwards; "" if milk is as it was
}

// take carries the step out and checks what came of it.
func (s step) take(t *testing.T, c apitest.Client) apitest.Answer {
	t.Helper()
	id := strings.TrimPrefix(c.Create(milk), "/v1/tasks/")
	fill := strings.NewReplacer("{id}", id, "{uid}", c.ID).Replace
	a := c.Ask(s.method, fill(s.path), fill(s.body), s.headers...)
	if a.StatusCode != s.status {
		t.Fatalf("%s %s %s: got %d %s, want %d", s.method, s.path, s.body, a.StatusCode, a.Text, s.status)
	}
	if s.reads != "" && !includes(parse(t, a.Text), parse(t, fill(s.reads))) {
		t.Errorf("%s %s %s: got %s, want %s", s.method, s.path, s.body, a.Text, s.reads)
	}
	left := c.Ask("GET", "/v1/tasks/"+id, "")
	switch want := s.stored; {
	case want == "gone":
		left.Want(404, "NOT_FOUND")
	case want == "":
		left.Want(200, "").Has(milk).Has(`{"version": 1}`)
	default:
		rest := parse(t, milk).(map[string]any)
		for name, value := range parse(t, want).(map[string]any) {
			rest[name] = value
		}
		if !includes(parse(t, left.Want(200, "").Text), rest) {
			t.Errorf("%s %s %s: left %s, want %s and the rest as it was", s.method, s.path, s.body, left.Text, want)
		}
	}
	return a
}

func parse(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// includes reports whether got is want, but for members that want does not
// name.
func includes(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		for name, value := range want {
			member, sent := object[name]
			ok = ok && sent && includes(member, value)
		}
		return ok
	case []any:
		array, ok := got.([]any)
		if !ok || len(array) != len(want) {
			return false
		}
		for i := range want {
			ok = ok && includes(array[i], want[i])
		}
		return ok
	}
	return got == want
}

// titlesOf are those of an array of tasks.
func titlesOf(t *testing.T, a apitest.Answer) string {
	t.Helper()
	var tasks []struct{ Title string }
	if err := json.Unmarshal([]byte(a.Want(200, "").Text), &tasks); err != nil {
		t.Fatalf("%s: %v", a.Text, err)
	}
	titles := make([]string, len(tasks))
	for i, task := range tasks {
		titles[i] = task.Title
	}
	return strings.Join(titles, " ")
}
