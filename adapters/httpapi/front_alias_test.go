package httpapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"taskhold/adapters/httpapi/strictjson"
	"taskhold/domain/fault"
	"taskhold/domain/task"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// revised is what a body makes of a task that is done or not and due then: the
// change, and what is wrong with the body.
func revised(t *testing.T, read func(strictjson.Value) revision, body string, stored task.Snapshot) (task.Change, []string) {
	t.Helper()
	v, bad := strictjson.Parse([]byte(body), strictjson.Limits{Depth: maxDepth})
	if bad != nil {
		t.Fatalf("%s: %+v", body, bad)
	}
	of := read(v)
	c := of(stored)
	if again := of(stored); fmt.Sprint(again) != fmt.Sprint(c) {
		t.Errorf("%s: asked twice it wants %+v and %+v", body, c, again)
	}
	faults := []string{}
	for _, violation := range c.Unreadable {
		faults = append(faults, violation.Pointer+" "+violation.Code)
	}
	return c, faults
}

// TestOfAllWordsForDoneTheOneThatIsNewCounts goes through every body that has
// some of the four words, each true or false.
func TestOfAllWordsForDoneTheOneThatIsNewCounts(t *testing.T) {
	for n := range 3 * 3 * 3 * 3 * 2 {
		stored := task.Snapshot{}
		if n%2 == 1 {
			stored.Completed = noon
		}
		body, differs := map[string]any{"title": "x"}, false
		for i, rest := 0, n/2; i < len(doneNames); i, rest = i+1, rest/3 {
			if said := rest%3 == 1; rest%3 < 2 {
				body[doneNames[i]] = said
				if doneNames[i] == "status" {
					body["status"] = map[bool]string{true: "completed", false: "pending"}[said]
				}
				differs = differs || said != isDone(stored)
			}
		}
		text, _ := json.Marshal(body)
		c, faults := revised(t, readRevision, string(text), stored)
		want := task.Optional[bool]{}
		if differs {
			want = task.Some(!isDone(stored))
		}
		if c.Completed != want || len(faults) > 0 {
			t.Errorf("%s of a task that is done %v wants %v, %v; want %v", text, isDone(stored), c.Completed, faults, want)
		}
	}
}

// dues are what a body may say of a due, and what it means.
var dues = []struct {
	text  string // "" for nothing at all
	means string
	fault string
}{
	{"", "", ""},
	{`null`, "none", ""},
	{`""`, "none", ""},
	{`"2026-12-31"`, "2026-12-31", ""},
	{`"2027-01-01"`, "2027-01-01", ""},
	{`"2026-12-31T00:00:00Z"`, "2026-12-31T00:00:00Z", ""},
	{`"2026-12-31T01:00:00.000+01:00"`, "2026-12-31T00:00:00Z", ""},
	{`"31.12.2026"`, "", fault.InvalidFormat},
	{`"2026-12-31T09:00"`, "", fault.InvalidFormat},
	{`1767139200`, "", fault.WrongType},
}

func dueOf(t *testing.T, text string) task.Due {
	t.Helper()
	if date, err := task.ParseDate(text); err == nil {
		return task.DueOn(date)
	}
	if at, err := task.ParseInstant(text); err == nil {
		return task.DueAt(at)
	}
	return task.Due{}
}

// wantedDue is what two members mean beside a stored due: what they say, the
// pointer of a fault between them, and whether they say something new.
func wantedDue(stored string, means ...string) (due string, conflict, isNew bool) {
	news := slices.DeleteFunc(means, func(one string) bool { return one == "" || one == stored })
	if len(news) == 0 {
		return stored, false, false
	}
	return news[0], news[0] != news[len(news)-1], true
}

func TestOfTwoDuesTheOneThatIsNewCounts(t *testing.T) {
	for _, stored := range []string{"none", "2026-12-31", "2026-12-31T00:00:00Z"} {
		for _, snake := range dues {
			for _, camel := range dues {
				var members, faults []string
				if snake.text != "" {
					members = append(members, `"due_date":`+snake.text)
				}
				if camel.text != "" {
					members = append(members, `"dueDate":`+camel.text)
				}
				if snake.fault != "" {
					faults = append(faults, "/due_date "+snake.fault)
				}
				if camel.fault != "" {
					faults = append(faults, "/dueDate "+camel.fault)
				}
				due, conflict, isNew := wantedDue(stored, snake.means, camel.means)
				if conflict {
					faults = append(faults, "/dueDate DUPLICATE")
				}
				body := "{" + strings.Join(members, ",") + "}"
				c, got := revised(t, readRevision, body, task.Snapshot{Due: dueOf(t, stored)})
				if !slices.Equal(got, faults) {
					t.Errorf("%s beside %s has the faults %v, want %v", body, stored, got, faults)
				}
				if named := !c.DueDate.IsAbsent() && !c.DueAt.IsAbsent(); named != isNew {
					t.Errorf("%s beside %s changes the due: %v, want %v", body, stored, named, isNew)
				}
				date, _ := c.DueDate.Get()
				at, _ := c.DueAt.Get()
				if want := dueOf(t, due); isNew && dueOf(t, date+at) != want {
					t.Errorf("%s beside %s is due %s%s, want %s", body, stored, date, at, due)
				}
			}
		}
	}
}

// TestAWholeTaskCanBeSentBackWithAnyMemberChanged flips one member of what was
// read and leaves its other names as they were.
func TestAWholeTaskCanBeSentBackWithAnyMemberChanged(t *testing.T) {
	for _, fields := range []string{"all", "snake", "camel"} {
		w := newWorld(t, speaking(Dialect{Fields: fields}))
		for name, change := range map[string]struct {
			to     any
			stored string
		}{
			"title": {"Oat milk", `{"title": "Oat milk"}`}, "description": {"", `{"description": ""}`}, "priority": {"LOW", `{"priority": "low"}`},
			"tags": {[]string{}, `{"tags": []}`}, "completed": {true, done}, "is_completed": {true, done}, "isCompleted": {true, done},
			"status": {"completed", done}, "due_date": {"", `{"due_date": null}`}, "dueDate": {"2027-01-01", `{"due_date": "2027-01-01"}`},
			"id": {"x", ""}, "user_id": {"bob", ""}, "userId": {"bob", ""}, "version": {99, ""}, "created_at": {"x", ""}, "createdAt": {nil, ""},
			"updated_at": {"x", ""}, "updatedAt": {nil, ""}, "completed_at": {"2026-01-01T00:00:00Z", ""}, "completedAt": {7, ""},
		} {
			for _, method := range []string{"PUT", "PATCH"} {
				c := w.User(t, "ann")
				whole := parse(t, c.Ask("GET", c.Ask("POST", "/api/tasks", milk).Header.Get("Location"), "").Text).(map[string]any)
				if _, shown := whole[name]; !shown {
					continue
				}
				path := "/" + whole["id"].(string)
				whole[name] = change.to
				body, _ := json.Marshal(whole)
				c.Ask(method, "/api/tasks"+path, string(body)).Want(200, "")
				want := change.stored
				if want == "" {
					want = `{"version": 1, "user_id": "` + c.ID + `"}`
				}
				rest := parse(t, milk).(map[string]any)
				for name, value := range parse(t, want).(map[string]any) {
					rest[name] = value
				}
				if left := c.Get("/v1/tasks" + path); !includes(parse(t, left.Text), rest) {
					t.Errorf("%s, %s with another %s: left %s", fields, method, name, left.Text)
				}
			}
		}
	}
}

func TestABodyThatSaysItTwoWaysIsRefused(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}))
	for body, findings := range map[string][]string{
		`{"due_date": "2027-01-01", "dueDate": "2027-01-02"}`:           {"/dueDate DUPLICATE"},
		`{"dueDate": "2027-01-02", "due_date": null}`:                   {"/due_date DUPLICATE"},
		`{"due_date": "2027-01-01", "dueDate": "2027-01-01T00:00:00Z"}`: {"/dueDate DUPLICATE"},
		`{"due_date": "x", "dueDate": 1}`:                               {"/due_date INVALID_FORMAT", "/dueDate WRONG_TYPE"},
		`{"completed": "yes"}`:                                          {"/completed UNKNOWN_VALUE"},
		`{"completed": null}`:                                           {"/completed WRONG_TYPE"},
		`{"status": "in_progress", "completed": true}`:                  {"/status UNKNOWN_VALUE"},
		`{"is_completed": 1, "priority": "urgent", "tags": "home"}`:     {"/is_completed WRONG_TYPE", "/priority UNKNOWN_VALUE", "/tags WRONG_TYPE"},
		`{"title": null, "description": 1, "tags": ["a", "a", 1]}`:      {"/title REQUIRED", "/description WRONG_TYPE", "/tags/1 DUPLICATE", "/tags/2 WRONG_TYPE"},
	} {
		s := step{method: "PUT", path: "/api/tasks/{id}", body: body, status: 422}
		s.take(t, w.User(t, "ann")).Want(422, "VALIDATION_FAILED").Finds(findings...)
	}
}

// TestATogglesBody goes through what a body may say where nothing turns what
// is.
func TestATogglesBody(t *testing.T) {
	const turned, kept, set = "turned", "kept", "set"
	for body, want := range map[string]string{
		`{}`: turned, `{"title": "x"}`: turned, `{"id": 1, "updated_at": null}`: turned, `{"due_date": "nonsense"}`: turned,
		`{"completed": true}`: set, `{"is_completed": true}`: set, `{"isCompleted": true}`: set, `{"status": "Completed"}`: set, `{"status": "done"}`: set,
		`{"completed": false}`: kept, `{"status": "pending"}`: kept, `{"status": "ACTIVE"}`: kept, `{"status": "incomplete"}`: kept,
		`{"completed": false, "status": "completed"}`: set, `{"title": "x", "completed": true, "is_completed": false, "status": "pending"}`: set,
		`{"completed": "true"}`: "/completed UNKNOWN_VALUE", `{"status": true}`: set, `{"status": 1}`: "/status WRONG_TYPE", `{"completed": null}`: "/completed WRONG_TYPE",
		`{"status": "all"}`: "/status UNKNOWN_VALUE",
	} {
		c, faults := revised(t, readToggle, body, task.Snapshot{})
		got := strings.Join(faults, " ")
		switch done, said := c.Completed.Get(); {
		case got != "":
		case !said:
			got = kept
		case done:
			got = set
		}
		if got == set && want == turned {
			got = turned
		}
		if got != want {
			t.Errorf("%s is %s, want %s", body, got, want)
		}
		if !c.Title.IsAbsent() || !c.DueDate.IsAbsent() {
			t.Errorf("%s changes more than that: %+v", body, c)
		}
	}
	if c, _ := revised(t, readToggle, `{}`, task.Snapshot{Completed: noon}); c.Completed != task.Some(false) {
		t.Errorf("nothing does not turn what is done: %+v", c)
	}
}

func TestEveryToggleOfManyFrontEndsCounts(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}))
	path := strings.Replace(w.Create(milk), "/v1/", "/api/", 1)
	var everybody sync.WaitGroup
	start := make(chan struct{})
	const n = 9
	for range n {
		everybody.Go(func() {
			<-start
			if a := w.Ask("PATCH", path+"/toggle", ""); a.StatusCode != 200 {
				t.Errorf("got %d %s", a.StatusCode, a.Text)
			}
		})
	}
	close(start)
	everybody.Wait()
	w.Ask("GET", path, "").Has(fmt.Sprintf(`{"completed": true, "version": %d}`, n+1))
}

// TestARevisionIsAskedAgainWithoutMemory has faults of its own each time.
func TestARevisionIsAskedAgainWithoutMemory(t *testing.T) {
	v, _ := strictjson.Parse([]byte(`{"title": 1, "description": 1, "priority": 1, "due_date": "2027-01-01", "dueDate": "2027-01-02"}`), strictjson.Limits{Depth: maxDepth})
	of := readRevision(v)
	free := of(task.Snapshot{})
	same := of(task.Snapshot{Due: dueOf(t, "2027-01-02")})
	again := of(task.Snapshot{})
	if len(free.Unreadable) != 4 || len(same.Unreadable) != 3 || fmt.Sprint(again) != fmt.Sprint(free) || &again.Unreadable[0] == &free.Unreadable[0] {
		t.Errorf("the faults are %v, %v and %v", free.Unreadable, same.Unreadable, again.Unreadable)
	}
}

// TestEachNameOfDoneTakesBothForms: one front end has a boolean called status.
func TestEachNameOfDoneTakesBothForms(t *testing.T) {
	const finished, open = `{"completed": true}`, `{"completed": false}`
	w := newWorld(t, speaking(Dialect{}))
	for _, name := range doneNames {
		for form, want := range map[string]string{`true`: finished, `"completed"`: finished, `"Done"`: finished, `false`: open, `"pending"`: open, `"Active"`: open, `"incomplete"`: open} {
			body := `{"title": "x", "` + name + `": ` + form + `}`
			w.Ask("POST", "/api/tasks", body).Want(201, "").Has(want)
			for _, r := range [][2]string{{"PUT", ""}, {"PATCH", ""}, {"PATCH", "/complete"}, {"PATCH", "/toggle"}, {"PATCH", "/status"}} {
				path := strings.Replace(w.Create(milk), "/v1/", "/api/", 1)
				w.Ask(r[0], path+r[1], body).Want(200, "").Has(want)
			}
		}
		for _, form := range []string{`"true"`, `""`, `"all"`, `null`, `1`} {
			w.Ask("POST", "/api/tasks", `{"title": "x", "`+name+`": `+form+`}`).Want(422, "VALIDATION_FAILED")
		}
	}
}
