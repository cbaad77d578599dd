package apitest

import (
	"fmt"
	"slices"
	"strings"
)

const (
	create  = `{"op": "create", "task": {"title": "new"}}`
	missing = `{"op": "delete", "id": "01934f2e-9a00-7000-8000-000000000000"}`
)

func batchOf(atomic bool, operations ...string) string {
	return fmt.Sprintf(`{"atomic": %v, "operations": [%s]}`, atomic, strings.Join(operations, ", "))
}

// on writes an operation on a task.
func on(path, op, rest string) string {
	return fmt.Sprintf(`{"op": "%s", "id": "%s"%s}`, op, strings.TrimPrefix(path, "/v1/tasks/"), rest)
}

// Results are the results of a batch.
func (a Answer) Results() []map[string]any {
	a.tb.Helper()
	list, ok := a.JSON["results"].([]any)
	if !ok {
		a.tb.Fatalf("%s: no results in %s", a.asked(), a.Text)
	}
	results := make([]map[string]any, len(list))
	for i, one := range list {
		results[i] = one.(map[string]any)
	}
	return results
}

func (a Answer) wantStatuses(want ...float64) {
	a.tb.Helper()
	var got []float64
	for _, result := range a.Results() {
		got = append(got, result["status"].(float64))
	}
	if !equal(got, want) {
		a.tb.Errorf("%s: got the statuses %v, want %v\n%s", a.asked(), got, want, a.Text)
	}
}

var batchRules = []rule{
	{"all operations of an atomic batch are carried out in turn", func(c Client) {
		a, b := c.Create(validTitle), c.Create(validTitle)
		answer := c.Ask("POST", "/v1/tasks/batch", batchOf(true, create, on(a, "patch", `, "if_match": "\"1\"", "patch": {"title": "A"}`),
			on(a, "patch", `, "patch": {"completed": true, "version": 2}`), on(b, "delete", `, "if_match": "*"`))).Want(200, "")
		answer.wantStatuses(201, 200, 200, 204)
		if !equal(answer.Results()[2]["task"], c.Get(a).JSON) {
			c.Errorf("the result is %v", answer.Results()[2])
		}
		c.Get(a).Has(`{"title": "A", "completed": true, "version": 3}`)
		c.Ask("GET", b, "").Want(404, "NOT_FOUND")
	}},
	{"atomic is the default, and one failure undoes all", func(c Client) {
		path := c.Create(validTitle)
		body := `{"operations": [` + create + `, ` + on(path, "patch", `, "patch": {"title": "x"}`) + `, ` + missing + `]}`
		c.Ask("POST", "/v1/tasks/batch", body).Want(404, "NOT_FOUND").Has(`{"index": 2}`)
		c.Get(path).Has(`{"title": "Buy milk", "version": 1}`)
		if n := len(c.Ask("GET", "/v1/tasks", "").Items()); n != 1 {
			c.Errorf("there are %d tasks", n)
		}
	}},
	{"the failure of an atomic batch is told as that of the operation", func(c Client) {
		path := c.Create(validTitle)
		stale := c.Ask("POST", "/v1/tasks/batch", batchOf(true, create, on(path, "delete", `, "if_match": "\"7\""`))).Want(412, "PRECONDITION_FAILED").Has(`{"index": 1}`)
		if !equal(stale.JSON["current"], c.Get(path).JSON) {
			c.Errorf("current is %v", stale.JSON["current"])
		}
		c.Ask("POST", "/v1/tasks/batch", batchOf(true, create, `{"op": "create", "task": {"title": "", "tags": ["a", 1]}}`)).
			Want(422, "VALIDATION_FAILED").Has(`{"index": 1}`).Finds("/operations/1/task/title BLANK", "/operations/1/task/tags/1 WRONG_TYPE")
	}},
	{"operations that are not atomic stand or fall alone", func(c Client) {
		path := c.Create(validTitle)
		a := c.Ask("POST", "/v1/tasks/batch", batchOf(false, create, missing, on(path, "patch", `, "patch": {"title": ""}`),
			on(path, "patch", `, "if_match": "\"9\"", "patch": {}`), on("nonsense", "delete", ""), on(path, "delete", ""))).Want(207, "")
		a.wantStatuses(201, 404, 422, 412, 404, 204)
		for i, code := range map[int]string{1: "NOT_FOUND", 2: "VALIDATION_FAILED", 3: "PRECONDITION_FAILED", 4: "NOT_FOUND"} {
			if problem := a.Results()[i]["problem"].(map[string]any); problem["code"] != code {
				c.Errorf("result %d is %v", i, problem)
			}
		}
		if !strings.Contains(a.Text, `"/operations/2/patch/title"`) {
			c.Errorf("no pointer from the body: %s", a.Text)
		}
	}},
	{"an operation that cannot be read refuses the whole in both modes", func(c Client) {
		for operation, pointer := range map[string]string{
			`1`:                                     "/operations/1",
			`{}`:                                    "/operations/1/op",
			`{"op": "put"}`:                         "/operations/1/op",
			`{"op": "create"}`:                      "/operations/1/task",
			`{"op": "create", "task": []}`:          "/operations/1/task",
			`{"op": "create", "task": {"x": 1}}`:    "/operations/1/task/x",
			`{"op": "create", "task": {}, "id": 1}`: "/operations/1/id",
			`{"op": "delete"}`:                      "/operations/1/id",
			`{"op": "delete", "id": 1}`:             "/operations/1/id",
			`{"op": "delete", "id": "x", "if_match": "1"}`:                             "/operations/1/if_match",
			`{"op": "delete", "id": "x", "if_match": 1}`:                               "/operations/1/if_match",
			`{"op": "delete", "id": "x", "patch": {}}`:                                 "/operations/1/patch",
			`{"op": "patch", "id": "x"}`:                                               "/operations/1/patch",
			`{"op": "patch", "id": "x", "if_match": "\"1\"", "patch": {"version": 2}}`: "/operations/1/patch/version",
		} {
			for _, atomic := range []bool{true, false} {
				c.Ask("POST", "/v1/tasks/batch", batchOf(atomic, create, operation)).Want(400, "MALFORMED_REQUEST").Finds(pointer)
			}
		}
		if n := len(c.Ask("GET", "/v1/tasks", "").Items()); n != 0 {
			c.Errorf("there are %d tasks", n)
		}
	}},
	{"a batch has 1 to 100 operations", func(c Client) {
		hundred := make([]string, 100)
		for i := range hundred {
			hundred[i] = missing
		}
		c.Ask("POST", "/v1/tasks/batch", batchOf(false, hundred...)).Want(207, "")
		a := c.Ask("POST", "/v1/tasks/batch", batchOf(false, slices.Concat(hundred, []string{missing})...)).Want(422, "VALIDATION_FAILED").Finds("/operations TOO_MANY")
		if !strings.Contains(a.Text, `"params":{"max":100,"actual":101}`) {
			c.Errorf("no figures: %s", a.Text)
		}
		for body, finding := range map[string]string{
			`{"operations": []}`: "/operations REQUIRED", `{}`: "/operations REQUIRED", `{"operations": null}`: "/operations REQUIRED",
			`{"operations": {}}`: "/operations WRONG_TYPE", `{"operations": [` + create + `], "atomic": 1}`: "/atomic WRONG_TYPE",
		} {
			c.Ask("POST", "/v1/tasks/batch", body).Want(422, "VALIDATION_FAILED").Finds(finding)
		}
		c.Ask("POST", "/v1/tasks/batch", `{"operations": [], "Atomic": true}`).Want(400, "MALFORMED_REQUEST").Finds("/Atomic")
	}},
	{"a batch may have 1 MiB", func(c Client) {
		body := batchOf(true, create)
		c.Ask("POST", "/v1/tasks/batch", body+strings.Repeat(" ", 1<<20-len(body))).Want(200, "")
		c.Ask("POST", "/v1/tasks/batch", body+strings.Repeat(" ", 1<<20-len(body)+1)).Want(413, "CONTENT_TOO_LARGE")
	}},
	{"a batch with a key is carried out once, in both modes", func(c Client) {
		for status, atomic := range map[int]bool{200: true, 207: false} {
			k := key()
			first := c.Ask("POST", "/v1/tasks/batch", batchOf(atomic, create), k).Want(status, "")
			again := c.Ask("POST", "/v1/tasks/batch", batchOf(atomic, create), k).Want(status, "")
			if again.Text != first.Text || again.Header.Get("Idempotent-Replayed") != "true" {
				c.Errorf("the replay of %s is %s", first.Text, again.Text)
			}
		}
		if n := len(c.Ask("GET", "/v1/tasks", "").Items()); n != 2 {
			c.Errorf("there are %d tasks", n)
		}
	}},
	{"a failed atomic batch with a key changes nothing and is told again", func(c Client) {
		k := key()
		for range 2 {
			c.Ask("POST", "/v1/tasks/batch", batchOf(true, create, missing), k).Want(404, "NOT_FOUND").Has(`{"index": 1}`)
		}
		if n := len(c.Ask("GET", "/v1/tasks", "").Items()); n != 0 {
			c.Errorf("there are %d tasks", n)
		}
	}},
}
