package httpapi

import (
	"os"
	"strings"
	"testing"
)

const (
	inTasks = `{"total": 1, "limit": 1000, "offset": 0, "skip": 0, "has_more": false, "tasks": [{"id": "{id}", "title": "Buy milk"}]}`
	bare    = `{"id": "{id}", "user_id": "{uid}", "title": "Buy milk", "description": "Two litres", "completed": false, "priority": "high", "due_date": "2026-12-31", "tags": ["home"]}`
	gone404 = `{"detail": "There is no such task.", "message": "There is no such task.", "error_code": "NOT_FOUND", "code": "NOT_FOUND", "error": {"code": "NOT_FOUND", "message": "There is no such task."}, "errors": []}`
	done    = `{"completed": true, "version": 2}`
)

// habits are what front ends that exist do, each with what it must be able to
// read. docs/front-ends.md lists them for whoever has such a front end.
var habits = []struct {
	name    string
	dialect Dialect
	step
}{
	// Where tasks are.
	{"/api/tasks", Dialect{}, step{method: "GET", path: "/api/tasks", status: 200, reads: `[` + bare + `]`}},
	{"/api/{user_id}/tasks", Dialect{}, step{method: "GET", path: "/api/{uid}/tasks", status: 200, reads: `[` + bare + `]`}},
	{"/api/v1/tasks", Dialect{}, step{method: "GET", path: "/api/v1/tasks", status: 200, reads: `[` + bare + `]`}},
	{"/api/todos", Dialect{}, step{method: "GET", path: "/api/todos", status: 200, reads: `[` + bare + `]`}},
	{"/api/users/{user_id}/tasks", Dialect{}, step{method: "GET", path: "/api/users/{uid}/tasks", status: 200, reads: `[` + bare + `]`}},
	{"a slash at the end of a list", Dialect{}, step{method: "GET", path: "/api/v1/tasks/", status: 200, reads: `[` + bare + `]`}},
	{"a slash at the end where a task is created", Dialect{}, step{method: "POST", path: "/api/{uid}/tasks/", body: `{"title": "Bread"}`, status: 201, reads: `{"title": "Bread"}`}},
	{"a slash at the end of a task", Dialect{}, step{method: "GET", path: "/api/tasks/{id}/", status: 200, reads: bare}},

	// What a list looks like.
	{"an array or a wrapper, whichever comes", Dialect{}, step{method: "GET", path: "/api/tasks?limit=100", status: 200, reads: `[` + bare + `]`}},
	{"a list under tasks", Dialect{List: "tasks"}, step{method: "GET", path: "/api/{uid}/tasks", status: 200, reads: inTasks}},
	{"a list under data.tasks", Dialect{List: "data"}, step{method: "GET", path: "/api/v1/tasks", status: 200, reads: `{"data": ` + inTasks + `}`}},
	{"a list under items, with a total", Dialect{List: "items"}, step{method: "GET", path: "/api/tasks", status: 200, reads: `{"items": [` + bare + `], "total": 1}`}},
	{"a list under todos", Dialect{List: "todos"}, step{method: "GET", path: "/api/todos", status: 200, reads: `{"todos": [` + bare + `], "total": 1}`}},

	// What a task looks like.
	{"a bare task", Dialect{}, step{method: "GET", path: "/api/tasks/{id}", status: 200, reads: bare}},
	{"a task under task", Dialect{Task: "task"}, step{method: "GET", path: "/api/tasks/{id}", status: 200, reads: `{"task": ` + bare + `}`}},
	{"a task under data", Dialect{Task: "data"}, step{method: "GET", path: "/api/tasks/{id}", status: 200, reads: `{"data": ` + bare + `}`}},
	{"a task under data.task", Dialect{Task: "data.task"}, step{method: "GET", path: "/api/tasks/{id}", status: 200, reads: `{"data": {"task": ` + bare + `}}`}},
	{"members in camel case", Dialect{}, step{method: "GET", path: "/api/tasks/{id}", status: 200, reads: `{"userId": "{uid}", "dueDate": "2026-12-31", "isCompleted": false, "completedAt": null}`}},
	{"done as is_completed", Dialect{}, step{method: "GET", path: "/api/tasks/{id}", status: 200, reads: `{"is_completed": false}`}},
	{"done as status", Dialect{}, step{method: "GET", path: "/api/tasks/{id}", status: 200, reads: `{"status": "pending"}`}},
	{"snake case, sent in camel case", Dialect{}, step{method: "PUT", path: "/api/tasks/{id}", body: `{"dueDate": "2027-01-01"}`, status: 200, reads: `{"due_date": "2027-01-01"}`, stored: `{"due_date": "2027-01-01"}`}},

	// How a task is created.
	{"a title alone", Dialect{}, step{method: "POST", path: "/api/tasks", body: `{"title": "Bread"}`, status: 201, reads: `{"title": "Bread", "description": "", "completed": false, "priority": "none", "due_date": null, "tags": []}`}},
	{"a form with empty fields", Dialect{}, step{method: "POST", path: "/api/todos", body: `{"title": "Bread", "description": "", "priority": "", "dueDate": "", "tags": []}`, status: 201, reads: `{"description": "", "priority": "none", "due_date": null}`}},
	{"a form with nulls", Dialect{}, step{method: "POST", path: "/api/tasks", body: `{"title": "Bread", "description": null, "priority": null, "due_date": null, "tags": null}`, status: 201, reads: `{"description": "", "priority": "none", "due_date": null, "tags": []}`}},
	{"a priority in upper case", Dialect{}, step{method: "POST", path: "/api/tasks", body: `{"title": "Bread", "priority": "HIGH"}`, status: 201, reads: `{"priority": "high"}`}},
	{"a priority with a capital", Dialect{}, step{method: "POST", path: "/api/tasks", body: `{"title": "Bread", "priority": "Medium"}`, status: 201, reads: `{"priority": "medium"}`}},
	{"a due that is an instant", Dialect{}, step{method: "POST", path: "/api/tasks", body: `{"title": "Bread", "due_date": "2026-12-31T09:00:00.000Z"}`, status: 201, reads: `{"due_date": "2026-12-31T09:00:00.000000Z", "dueDate": "2026-12-31T09:00:00.000000Z"}`}},
	{"the user's id in the body", Dialect{}, step{method: "POST", path: "/api/{uid}/tasks", body: `{"title": "Bread", "user_id": "{uid}", "userId": "somebody"}`, status: 201, reads: `{"user_id": "{uid}"}`}},
	{"members that nobody knows", Dialect{}, step{method: "POST", path: "/api/tasks", body: `{"title": "Bread", "category": "work", "edit_scope": "this", "recurrence": {"every": 1}, "id": 7}`, status: 201, reads: `{"title": "Bread"}`}},
	{"a task that is done from the start", Dialect{}, step{method: "POST", path: "/api/tasks", body: `{"title": "Bread", "status": "completed"}`, status: 201, reads: `{"completed": true}`}},
	{"no type of the content", Dialect{}, step{method: "POST", path: "/api/tasks", body: `{"title": "Bread"}`, headers: []string{"Content-Type:"}, status: 201}},

	// How a task is changed.
	{"PUT of some members", Dialect{}, step{method: "PUT", path: "/api/tasks/{id}", body: `{"priority": "low"}`, status: 200, reads: `{"priority": "low", "title": "Buy milk"}`, stored: `{"priority": "low"}`}},
	{"PUT of title and description", Dialect{}, step{method: "PUT", path: "/api/{uid}/tasks/{id}", body: `{"title": "Oat milk", "description": "One litre"}`, status: 200, stored: `{"title": "Oat milk", "description": "One litre"}`}},
	{"PUT of an empty description", Dialect{}, step{method: "PUT", path: "/api/todos/{id}", body: `{"title": "Buy milk", "description": ""}`, status: 200, stored: `{"description": ""}`}},
	{"PUT of every member of a form", Dialect{}, step{method: "PUT", path: "/api/tasks/{id}", body: `{"title": "Bread", "description": null, "completed": true, "priority": "Low", "due_date": null, "tags": ["a", "b"]}`, status: 200, stored: `{"title": "Bread", "description": "", "completed": true, "priority": "low", "due_date": null, "tags": ["a", "b"]}`}},
	{"PUT of what was read, with one member changed", Dialect{}, step{method: "PUT", path: "/api/tasks/{id}", body: `{"id": "{id}", "user_id": "{uid}", "title": "Buy milk", "description": "Two litres", "completed": true, "is_completed": false, "status": "pending", "priority": "high", "due_date": "2026-12-31", "dueDate": "2026-12-31", "tags": ["home"], "version": 1, "created_at": "x"}`, status: 200, reads: done, stored: `{"completed": true}`}},
	{"PATCH of some members", Dialect{}, step{method: "PATCH", path: "/api/tasks/{id}", body: `{"title": "Oat milk"}`, status: 200, stored: `{"title": "Oat milk"}`}},
	{"PUT of nothing", Dialect{}, step{method: "PUT", path: "/api/tasks/{id}", body: `{}`, status: 200, reads: `{"version": 1}`}},
	{"a priority that is taken away", Dialect{}, step{method: "PUT", path: "/api/tasks/{id}", body: `{"priority": ""}`, status: 200, stored: `{"priority": "none"}`}},
	{"a due that is taken away", Dialect{}, step{method: "PUT", path: "/api/tasks/{id}", body: `{"dueDate": ""}`, status: 200, stored: `{"due_date": null}`}},
	{"a due that becomes an instant", Dialect{}, step{method: "PATCH", path: "/api/tasks/{id}", body: `{"due_date": "2026-12-31T09:00:00+01:00"}`, status: 200, stored: `{"due_date": null, "due_at": "2026-12-31T08:00:00.000000Z"}`}},

	// How a task is done.
	{"PATCH complete without a body", Dialect{}, step{method: "PATCH", path: "/api/{uid}/tasks/{id}/complete", status: 200, reads: done, stored: done}},
	{"PATCH complete with an empty object", Dialect{}, step{method: "PATCH", path: "/api/tasks/{id}/complete", body: `{}`, status: 200, reads: done, stored: done}},
	{"PATCH complete that sets", Dialect{}, step{method: "PATCH", path: "/api/tasks/{id}/complete", body: `{"completed": true}`, status: 200, reads: done, stored: done}},
	{"PATCH complete that sets what is", Dialect{}, step{method: "PATCH", path: "/api/tasks/{id}/complete", body: `{"completed": false}`, status: 200, reads: `{"completed": false, "version": 1}`}},
	{"PUT of completed", Dialect{}, step{method: "PUT", path: "/api/tasks/{id}", body: `{"completed": true}`, status: 200, reads: done, stored: done}},
	{"PUT of is_completed", Dialect{}, step{method: "PUT", path: "/api/tasks/{id}", body: `{"is_completed": true}`, status: 200, reads: `{"is_completed": true}`, stored: done}},
	{"PUT of a status", Dialect{}, step{method: "PUT", path: "/api/tasks/{id}", body: `{"status": "completed"}`, status: 200, reads: `{"status": "completed"}`, stored: done}},
	{"PATCH toggle", Dialect{}, step{method: "PATCH", path: "/api/todos/{id}/toggle", status: 200, reads: done, stored: done}},
	{"PATCH of a task", Dialect{}, step{method: "PATCH", path: "/api/tasks/{id}", body: `{"completed": true}`, status: 200, reads: done, stored: done}},
	{"POST complete", Dialect{}, step{method: "POST", path: "/api/tasks/{id}/complete", status: 200, reads: done, stored: done}},
	{"POST uncomplete", Dialect{}, step{method: "POST", path: "/api/tasks/{id}/uncomplete", status: 200, reads: `{"completed": false}`}},
	{"DELETE complete", Dialect{}, step{method: "DELETE", path: "/api/tasks/{id}/complete", status: 200, reads: `{"completed": false}`}},
	{"PATCH status", Dialect{}, step{method: "PATCH", path: "/api/tasks/{id}/status", body: `{"status": "completed"}`, status: 200, reads: `{"status": "completed"}`, stored: done}},
	{"PATCH status in upper case", Dialect{}, step{method: "PATCH", path: "/api/tasks/{id}/status", body: `{"status": "DONE"}`, status: 200, reads: done, stored: done}},

	// How a task is deleted.
	{"DELETE that wants no body", Dialect{}, step{method: "DELETE", path: "/api/tasks/{id}", status: 204, stored: "gone"}},
	{"DELETE that wants JSON", Dialect{Delete: "200"}, step{method: "DELETE", path: "/api/{uid}/tasks/{id}", status: 200, reads: `{"message": "The task was deleted."}`, stored: "gone"}},
	{"DELETE with an empty object", Dialect{}, step{method: "DELETE", path: "/api/tasks/{id}", body: `{}`, status: 204, stored: "gone"}},

	// What a fault looks like.
	{"a fault in detail, message or error.message", Dialect{}, step{method: "GET", path: "/api/tasks/7", status: 404, reads: gone404}},
	{"a fault whose first rule is a sentence", Dialect{}, step{method: "POST", path: "/api/tasks", body: `{"title": ""}`, status: 422, reads: `{"detail": "title must not be blank.", "message": "title must not be blank.", "errors": [{"pointer": "/title", "code": "BLANK"}]}`}},
	{"a fault of what is called otherwise", Dialect{}, step{method: "PUT", path: "/api/tasks/{id}", body: `{"dueDate": "tomorrow"}`, status: 422, reads: `{"errors": [{"pointer": "/dueDate", "code": "INVALID_FORMAT"}]}`}},
	{"no token", Dialect{}, step{method: "GET", path: "/api/tasks", headers: []string{"Authorization:"}, status: 401, reads: `{"detail": "A signed-in user is required.", "error": {"code": "UNAUTHENTICATED"}}`}},

	// What a list is asked for.
	{"parameters that nobody knows", Dialect{}, step{method: "GET", path: "/api/tasks?user_id={uid}&url_user_id=x&category=work&_=1", status: 200, reads: `[` + bare + `]`}},
	{"all of every filter", Dialect{}, step{method: "GET", path: "/api/tasks?status=all&priority=all&tags=all&search=", status: 200, reads: `[` + bare + `]`}},
	{"a page with figures", Dialect{List: "tasks"}, step{method: "GET", path: "/api/tasks?page=2&limit=1", status: 200, reads: `{"tasks": [], "total": 1, "limit": 1, "offset": 1, "skip": 1, "has_more": false}`}},
}

func TestFrontEndsKeepTheirHabits(t *testing.T) {
	worlds := map[Dialect]world{}
	for _, habit := range habits {
		if _, open := worlds[habit.dialect]; !open {
			worlds[habit.dialect] = newWorld(t, speaking(habit.dialect))
		}
		t.Run(habit.name, func(t *testing.T) { habit.take(t, worlds[habit.dialect].User(t, "ann")) })
	}
}

// TestTheDocumentNamesEveryHabit, so that whoever has a front end finds it.
func TestTheDocumentNamesEveryHabit(t *testing.T) {
	text, err := os.ReadFile("../../docs/front-ends.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, habit := range habits {
		if !strings.Contains(string(text), "`"+habit.name+"`") {
			t.Errorf("docs/front-ends.md does not name %q", habit.name)
		}
	}
}
