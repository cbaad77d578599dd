package apitest

import (
	"encoding/json"
	"strings"
)

const (
	validTitle = `{"title": "Buy milk"}`
	noSuchTask = "/v1/tasks/01934f2e-9a00-7000-8000-000000000000"

	full = `{"title": "File", "description": "a\n\tb", "completed": true, "priority": "high",
		"due_date": "2026-12-31", "due_at": null, "tags": ["Home", "home", "ü"]}`
)

var taskRules = []rule{
	{"a title is enough to create a task", func(c Client) {
		a := c.Ask("POST", "/v1/tasks", validTitle).Want(201, "").Has(`{"title": "Buy milk", "description": "", "completed": false,
			"completed_at": null, "priority": "none", "due_date": null, "due_at": null, "tags": [], "version": 1}`)
		if a.JSON["user_id"] != c.ID || a.JSON["created_at"] != a.JSON["updated_at"] {
			c.Errorf("not the user's own, or not new: %s", a.Text)
		}
		if !strings.HasSuffix(a.Header.Get("Location"), "/v1/tasks/"+a.JSON["id"].(string)) || a.Header.Get("ETag") != `"1"` {
			c.Errorf("the headers are %v", a.Header)
		}
	}},
	{"everything that can be set is stored", func(c Client) {
		path := c.Create(full)
		c.Get(path).Has(full)
	}},
	{"text is kept exactly, but for the white space around a title and tags", func(c Client) {
		path := c.Create("{\"title\": \"\u00a0 e\u0301 ☂\ufe0f \u2003\", \"description\": \"  <b>&\\\" \\u2028\\ud83d\\ude00 \", \"tags\": [\" x \"]}")
		c.Get(path).Has("{\"title\": \"e\u0301 ☂\ufe0f\", \"description\": \"  <b>&\\\" \\u2028\\ud83d\\ude00 \", \"tags\": [\"x\"]}")
	}},
	{"an instant is stored in UTC with six digits", func(c Client) {
		path := c.Create(`{"title": "x", "due_at": "2026-12-31T23:59:59.5+05:30"}`)
		c.Get(path).Has(`{"due_at": "2026-12-31T18:29:59.500000Z", "due_date": null}`)
	}},
	{"HEAD is GET without the body", func(c Client) {
		path := c.Create(full)
		get, head := c.Get(path), c.Ask("HEAD", path, "").Want(200, "")
		if head.Text != "" || head.Header.Get("Content-Length") != get.Header.Get("Content-Length") || head.Header.Get("ETag") != get.Header.Get("ETag") {
			c.Errorf("GET has the headers %v, HEAD %v", get.Header, head.Header)
		}
		c.Ask("HEAD", noSuchTask, "").Want(404, "")
	}},
	{"a patch changes what it names and keeps the rest", func(c Client) {
		path := c.Create(full)
		c.Ask("PATCH", path, `{"title": "New"}`, "Content-Type: application/merge-patch+json").Want(200, "").
			Has(strings.Replace(full, `"File"`, `"New"`, 1)).Has(`{"version": 2}`)
	}},
	{"null clears what may be null, and nothing else", func(c Client) {
		path := c.Create(full)
		c.Ask("PATCH", path, `{"due_date": null}`).Want(200, "").Has(`{"due_date": null, "title": "File"}`)
		c.Ask("PATCH", path, `{"title": null, "description": null, "completed": null, "priority": null, "tags": null}`).
			Want(422, "VALIDATION_FAILED").
			Finds("/title REQUIRED", "/description REQUIRED", "/completed REQUIRED", "/priority REQUIRED", "/tags REQUIRED")
	}},
	{"a write that changes nothing makes no new version", func(c Client) {
		path := c.Create(full)
		before := c.Get(path).Text
		for _, a := range []Answer{
			c.Ask("PATCH", path, `{}`), c.Ask("PATCH", path, `{"title": " File "}`),
			c.Ask("PUT", path, full), c.Ask("POST", path+"/complete", ""),
		} {
			if a.Want(200, "").Text != before {
				c.Errorf("got %s, want %s", a.Text, before)
			}
		}
	}},
	{"what GET gave can be put and patched back", func(c Client) {
		path := c.Create(full)
		before := c.Get(path).Text
		for _, method := range []string{"PUT", "PATCH"} {
			if a := c.Ask(method, path, before).Want(200, ""); a.Text != before {
				c.Errorf("%s made %s of %s", method, a.Text, before)
			}
		}
	}},
	{"a put replaces every member and its reply has no validator", func(c Client) {
		path := c.Create(full)
		other := `{"title": "t", "description": "", "completed": false, "priority": "low", "due_date": null, "due_at": "2026-01-01T00:00:00Z", "tags": []}`
		a := c.Ask("PUT", path, other).Want(200, "").Has(`{"title": "t", "completed": false, "completed_at": null, "due_at": "2026-01-01T00:00:00.000000Z", "version": 2}`)
		if a.Header.Get("ETag") != "" {
			c.Errorf("the reply has the validator %s", a.Header.Get("ETag"))
		}
	}},
	{"a put names every member that it lacks", func(c Client) {
		c.Ask("PUT", c.Create(full), `{"title": "x", "tags": []}`).Want(422, "VALIDATION_FAILED").
			Finds("/description REQUIRED", "/completed REQUIRED", "/priority REQUIRED", "/due_date REQUIRED", "/due_at REQUIRED")
	}},
	{"a put never creates", func(c Client) { c.Ask("PUT", noSuchTask, full).Want(404, "NOT_FOUND") }},
	{"one kind of due does not stand beside the other", func(c Client) {
		path := c.Create(`{"title": "x", "due_date": "2026-12-31"}`)
		at := `"2026-12-31T00:00:00Z"`
		c.Ask("PATCH", path, `{"due_at": `+at+`}`).Want(422, "VALIDATION_FAILED").Finds("/due_at BOTH_DUES")
		c.Ask("PATCH", path, `{"due_at": `+at+`, "due_date": null}`).Want(200, "").Has(`{"due_date": null}`)
	}},
	{"complete and reopen can be repeated", func(c Client) {
		path := c.Create(validTitle)
		done := c.Ask("POST", path+"/complete", "").Want(200, "").Has(`{"completed": true, "version": 2}`)
		if done.JSON["completed_at"] != done.JSON["updated_at"] || done.Header.Get("ETag") != `"2"` {
			c.Errorf("got %s with %v", done.Text, done.Header)
		}
		c.Ask("POST", path+"/complete", "{}").Want(200, "").Has(`{"completed": true, "version": 2}`)
		c.Ask("POST", path+"/reopen", "").Want(200, "").Has(`{"completed": false, "completed_at": null, "version": 3}`)
		c.Ask("POST", path+"/reopen", "").Want(200, "").Has(`{"version": 3}`)
	}},
	{"a deleted task is gone", func(c Client) {
		path := c.Create(validTitle)
		if a := c.Ask("DELETE", path, "").Want(204, ""); a.Text != "" || a.Header.Get("Content-Type") != "" {
			c.Errorf("the reply has a body: %v %s", a.Header, a.Text)
		}
		for _, method := range []string{"GET", "DELETE"} {
			c.Ask(method, path, "").Want(404, "NOT_FOUND")
		}
	}},
	{"every broken rule is told at once, with the figures of a limit", func(c Client) {
		body, _ := json.Marshal(map[string]any{
			"title": strings.Repeat("ü", 231), "description": "\x00", "completed": "yes", "priority": "HIGH",
			"due_date": "31.12.2026", "tags": []any{"a", 1, "\t"}, "user_id": "bob",
		})
		a := c.Ask("POST", "/v1/tasks", string(body)).Want(422, "VALIDATION_FAILED").Finds("/title TOO_LONG", "/description CONTROL_CHARACTER",
			"/completed WRONG_TYPE", "/priority UNKNOWN_VALUE", "/due_date INVALID_FORMAT", "/tags/1 WRONG_TYPE", "/tags/2 BLANK", "/user_id READ_ONLY")
		if !strings.Contains(a.Text, `{"pointer":"/title","code":"TOO_LONG","detail":"at most 200 characters","params":{"max":200,"actual":231}}`) {
			c.Errorf("the figures are missing: %s", a.Text)
		}
	}},
	{"a fault of one member is told as a sentence", func(c Client) {
		c.Ask("POST", "/v1/tasks", `{"title": " "}`).Want(422, "VALIDATION_FAILED").Has(`{"detail": "title must not be blank."}`)
	}},
	{"tags keep their order and none is repeated", func(c Client) {
		c.Ask("POST", "/v1/tasks", `{"title": "x", "tags": ["a", "b", " a ", ""]}`).Want(422, "VALIDATION_FAILED").Finds("/tags/2 DUPLICATE", "/tags/3 BLANK")
		many, _ := json.Marshal(make([]int, 21))
		c.Ask("POST", "/v1/tasks", `{"title": "x", "tags": `+string(many)+`}`).Want(422, "VALIDATION_FAILED").Finds("/tags TOO_MANY")
	}},
	{"nobody sets what the server sets", func(c Client) {
		echo := `"id": "x", "user_id": 1, "created_at": null, "updated_at": "", "completed_at": null, "version": 1`
		c.Ask("POST", "/v1/tasks", `{"title": "x", `+echo+`}`).Want(422, "VALIDATION_FAILED").Finds("/id READ_ONLY", "/user_id READ_ONLY",
			"/created_at READ_ONLY", "/updated_at READ_ONLY", "/completed_at READ_ONLY", "/version READ_ONLY")
		path := c.Create(validTitle)
		c.Ask("PATCH", path, `{`+echo+`}`).Want(422, "VALIDATION_FAILED").Finds("/id READ_ONLY", "/user_id READ_ONLY", "/created_at READ_ONLY")
		c.Ask("PATCH", path, `{"user_id": null, "id": {}}`).Want(422, "VALIDATION_FAILED").Finds("/id READ_ONLY", "/user_id READ_ONLY")
	}},
}
