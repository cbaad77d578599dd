package httpapi

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

const (
	snakeNames = "completed completed_at created_at description due_date id priority tags title updated_at user_id version"
	camelNames = "completed completedAt createdAt description dueDate id priority tags title updatedAt userId version"
	allOfThem  = "completed completedAt completed_at createdAt created_at description dueDate due_date id isCompleted is_completed " +
		"priority status tags title updatedAt updated_at userId user_id version"
)

func keys(t *testing.T, text []byte) (map[string]json.RawMessage, string) {
	t.Helper()
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return object, strings.Join(slices.Sorted(maps.Keys(object)), " ")
}

// unwrap takes what stands at the names off its wrappers, each of which has
// these members and no other.
func unwrap(t *testing.T, text []byte, at string, members ...string) []byte {
	t.Helper()
	for i, name := range strings.FieldsFunc(at, func(r rune) bool { return r == '.' }) {
		object, has := keys(t, text)
		if has != members[i] {
			t.Errorf("%s has the members %s, want %s", text, has, members[i])
		}
		text = object[name]
	}
	return text
}

func TestEachDialectHasItsShape(t *testing.T) {
	figures := func(name string) string {
		members := append(strings.Fields("has_more limit offset skip total"), name)
		slices.Sort(members)
		return strings.Join(members, " ")
	}
	type shape struct {
		at      string
		members []string
	}
	lists := map[string]shape{
		"": {}, "array": {}, "tasks": {"tasks", []string{figures("tasks")}}, "todos": {"todos", []string{figures("todos")}},
		"items": {"items", []string{figures("items")}}, "data": {"data.tasks", []string{"data", figures("tasks")}},
	}
	tasks := map[string]shape{
		"": {}, "bare": {}, "task": {"task", []string{"task"}}, "data": {"data", []string{"data"}}, "data.task": {"data.task", []string{"data", "task"}},
	}
	fields := map[string]string{"": allOfThem, "all": allOfThem, "snake": snakeNames, "camel": camelNames}
	listNames, taskNames, fieldNames := slices.Sorted(maps.Keys(lists)), slices.Sorted(maps.Keys(tasks)), slices.Sorted(maps.Keys(fields))
	for i := range 12 {
		d := Dialect{List: listNames[i%len(lists)], Task: taskNames[i%len(tasks)], Fields: fieldNames[i%len(fields)]}
		w := newWorld(t, speaking(d))
		made := w.Ask("POST", "/api/tasks", milk).Want(201, "")
		location := made.Header.Get("Location")
		for _, text := range []string{made.Text, w.Ask("GET", location, "").Text, w.Ask("PATCH", location, `{"title": "x"}`).Text, w.Ask("PATCH", location+"/toggle", "").Text} {
			if _, got := keys(t, unwrap(t, []byte(text), tasks[d.Task].at, tasks[d.Task].members...)); got != fields[d.Fields] {
				t.Errorf("%+v: a task has %s, want %s", d, got, fields[d.Fields])
			}
		}
		listed := unwrap(t, []byte(w.Ask("GET", "/api/tasks", "").Want(200, "").Text), lists[d.List].at, lists[d.List].members...)
		var array []json.RawMessage
		if err := json.Unmarshal(listed, &array); err != nil || len(array) != 1 {
			t.Fatalf("%+v: a list is %s", d, listed)
		}
		if _, got := keys(t, array[0]); got != fields[d.Fields] {
			t.Errorf("%+v: a task of a list has %s, want %s", d, got, fields[d.Fields])
		}
	}
}

func TestNamesForOneThingAgree(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}))
	for _, body := range []string{milk, `{"title": "x", "completed": true, "due_at": "2026-12-31T09:00:00Z"}`} {
		task := w.Ask("GET", strings.Replace(w.Create(body), "/v1/", "/api/", 1), "").Want(200, "").JSON
		for _, m := range taskMembers {
			if m.camel != "" && task[m.name] != task[m.camel] {
				t.Errorf("%s is %v, %s is %v", m.name, task[m.name], m.camel, task[m.camel])
			}
		}
		if task["completed"] != task["is_completed"] || (task["status"] == "completed") != task["completed"] || (task["completed_at"] != nil) != task["completed"] {
			t.Errorf("the words for done differ: %v", task)
		}
	}
}

func TestADeleteIsAnsweredAsItsDialectSays(t *testing.T) {
	for word, want := range map[string]struct {
		status     int
		text, kind string
	}{"": {204, "", ""}, "204": {204, "", ""}, "200": {200, `{"message":"The task was deleted."}`, "application/json"}} {
		w := newWorld(t, speaking(Dialect{Delete: word}))
		path := strings.Replace(w.Create(milk), "/v1/", "/api/", 1)
		if a := w.Ask("DELETE", path, "").Want(want.status, ""); a.Text != want.text || a.Header.Get("Content-Type") != want.kind {
			t.Errorf("%q: got %q of type %q", word, a.Text, a.Header.Get("Content-Type"))
		}
		w.Ask("DELETE", path, "").Want(404, "NOT_FOUND")
		w.Get("/v1/tasks").Has(`{"items": []}`)
	}
}

func TestADialectThatNobodySpeaksIsRefused(t *testing.T) {
	for _, d := range []Dialect{{List: "list"}, {Task: "tasks"}, {Fields: "kebab"}, {Delete: "205"}} {
		o := Options{Tasks: newTasks(1), Verifier: tokens{}, CursorKey: make([]byte, 32), Dialect: &d}
		if _, err := New(o); err == nil {
			t.Errorf("%+v is spoken", d)
		}
	}
}

func TestADoorThatIsClosedIsNoDoor(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/api/tasks", "/api/v1/tasks", "/api/todos", "/api/" + w.ID + "/tasks", "/openapi-api.yaml", "/openapi-api.json"} {
		if a := w.Ask("GET", path, "").Want(404, "NOT_FOUND"); a.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s is answered %s", path, a.Text)
		}
	}
}

func TestTheDocumentOfThisDoorIsServed(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}))
	for path, kind := range map[string]string{"/openapi-api.yaml": "application/yaml", "/openapi-api.json": "application/json"} {
		a := w.Ask("GET", path, "", "Authorization:").Want(200, "")
		if a.Header.Get("Content-Type") != kind || !strings.Contains(a.Text, "3.1.1") {
			t.Errorf("%s is %.100s of type %q", path, a.Text, a.Header.Get("Content-Type"))
		}
	}
}

func TestEveryRequestOfTheDocumentIsAnswered(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}))
	paths := parse(t, w.Ask("GET", "/openapi-api.json", "").Text).(map[string]any)["paths"].(map[string]any)
	described := map[string]bool{}
	for path, item := range paths {
		for method := range item.(map[string]any) {
			if method != "parameters" {
				described[strings.ToUpper(method)+" "+strings.TrimSuffix(path, "/")] = true
			}
		}
	}
	for _, r := range requests {
		name := r.method + " " + strings.Replace(r.below, ":id", "{id}", 1)
		if !described[name] {
			t.Errorf("the document lacks %s", name)
		}
		delete(described, name)
	}
	if len(described) > 0 {
		t.Errorf("nothing answers %v", described)
	}
}
