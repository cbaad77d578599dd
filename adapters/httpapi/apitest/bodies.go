package apitest

import (
	"bytes"
	"compress/gzip"
	"strconv"
	"strings"
)

var bodyRules = []rule{
	{"what is no JSON object is refused where it stops being one", func(c Client) {
		for body, pointer := range map[string]string{
			``: "", `{`: "", `[]`: "", `null`: "", `"x"`: "", `{"title": "x"} {}`: "", `{"title": "x",}`: "", "\ufeff{}": "",
			`{"title": "a", "title": "b"}`: "/title", `{"title": "a", "t\u0069tle": "b"}`: "/title",
			`{"title": "\ud800"}`: "/title", "{\"title\": \"\xff\"}": "/title", "{\"title\": \"\xed\xa0\x80\"}": "/title",
			`{"tags": ["a", 01]}`: "/tags/1", `{"tags": ["a", nul]}`: "/tags/1", `{'title': 'x'}`: "",
		} {
			a := c.Ask("POST", "/v1/tasks", body, "Content-Type: application/json").Want(400, "MALFORMED_REQUEST")
			if got := a.Findings(); len(got) != 1 || got[0] != pointer {
				c.Errorf("%q is refused at %q, want %q", body, got, pointer)
			}
		}
	}},
	{"an unknown member is refused by its exact name", func(c Client) {
		path := c.Create(validTitle)
		for _, name := range []string{"titel", "Title", "USER_ID", "u\u017fer_id", "user_id ", "__proto__", "a/b~c", ""} {
			pointer := "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
			body := `{"title": "x", ` + strconv.Quote(name) + `: 1}`
			c.Ask("POST", "/v1/tasks", body).Want(400, "MALFORMED_REQUEST").Finds(pointer)
			c.Ask("PATCH", path, body).Want(400, "MALFORMED_REQUEST").Finds(pointer)
			c.Ask("PUT", path, body).Want(400, "MALFORMED_REQUEST").Finds(pointer)
		}
		c.Get(path).Has(`{"title": "Buy milk", "version": 1}`)
	}},
	{"nesting has an end", func(c Client) {
		nested := func(depth int) string {
			return `{"title": ` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + `}`
		}
		c.Ask("POST", "/v1/tasks", nested(16)).Want(422, "VALIDATION_FAILED")
		c.Ask("POST", "/v1/tasks", nested(17)).Want(400, "MALFORMED_REQUEST")
		c.Ask("POST", "/v1/tasks", nested(20_000)).Want(400, "MALFORMED_REQUEST")
	}},
	{"a body has at most 256 KiB", func(c Client) {
		body := func(size int) string {
			return `{"title": "x"` + strings.Repeat(" ", size-len(`{"title": "x"}`)) + `}`
		}
		path := c.Create(body(256 << 10))
		for _, request := range [][2]string{{"POST", "/v1/tasks"}, {"PUT", path}, {"PATCH", path}, {"DELETE", path}, {"POST", path + "/complete"}} {
			c.Ask(request[0], request[1], body(256<<10+1)).Want(413, "CONTENT_TOO_LARGE")
		}
		c.Get(path)
	}},
	{"the type of a body has to be JSON, in UTF-8 and not compressed", func(c Client) {
		path := c.Create(validTitle)
		for _, ok := range []string{"application/json; charset=utf-8", `application/json;charset="UTF-8"`, "Application/JSON", "application/json ; x=y"} {
			c.Ask("POST", "/v1/tasks", validTitle, "Content-Type: "+ok).Want(201, "")
			c.Ask("PATCH", path, `{}`, "Content-Type: "+strings.Replace(ok, "json", "merge-patch+json", 1)).Want(200, "")
		}
		for _, bad := range []string{
			"Content-Type: text/plain", "Content-Type:", "Content-Type: application/jsonx", "Content-Type: application/json; charset=latin1",
			"Content-Type: multipart/form-data; boundary=x", "Content-Type: application/x-www-form-urlencoded", "Content-Type: text/json",
			"Content-Encoding: gzip", "Content-Encoding: br", "Content-Encoding: identity, gzip",
		} {
			for method, want := range map[string][3]string{
				"POST": {"/v1/tasks", "Accept-Post", "application/json"}, "PUT": {path, "Accept", "application/json"},
				"PATCH": {path, "Accept-Patch", "application/merge-patch+json, application/json"},
			} {
				a := c.Ask(method, want[0], validTitle, bad).Want(415, "UNSUPPORTED_MEDIA_TYPE")
				if a.Header.Get(want[1]) != want[2] {
					c.Errorf("%s: %s is %q, want %q", method, want[1], a.Header.Get(want[1]), want[2])
				}
			}
		}
		c.Ask("POST", "/v1/tasks", validTitle, "Content-Type: application/merge-patch+json").Want(415, "UNSUPPORTED_MEDIA_TYPE")
		c.Ask("POST", "/v1/tasks", validTitle, "Content-Encoding: identity").Want(201, "")
	}},
	{"a compressed body is not even unpacked", func(c Client) {
		var bomb bytes.Buffer
		w := gzip.NewWriter(&bomb)
		w.Write(make([]byte, 10<<20))
		w.Close()
		c.Ask("POST", "/v1/tasks", bomb.String(), "Content-Encoding: gzip").Want(415, "UNSUPPORTED_MEDIA_TYPE")
	}},
	{"a body that could be a page's form changes nothing", func(c Client) {
		c.Ask("POST", "/v1/tasks", validTitle, "Content-Type: text/plain").Want(415, "UNSUPPORTED_MEDIA_TYPE")
		if n := len(c.Ask("GET", "/v1/tasks", "").Want(200, "").Items()); n != 0 {
			c.Errorf("there are %d tasks", n)
		}
	}},
	{"what has no body takes an empty object for none, and no member", func(c Client) {
		path := c.Create(validTitle)
		for _, request := range [][2]string{{"POST", path + "/complete"}, {"POST", path + "/reopen"}, {"DELETE", path}} {
			c.Ask(request[0], request[1], `{"version": 7}`).Want(400, "MALFORMED_REQUEST").Finds("/version")
			c.Ask(request[0], request[1], `x`, "Content-Type: text/plain").Want(400, "MALFORMED_REQUEST")
		}
		c.Ask("DELETE", path, `{}`).Want(204, "")
	}},
	{"a body of GET means nothing", func(c Client) {
		c.Ask("GET", c.Create(validTitle), `{"title": "x"}`).Want(200, "").Has(`{"title": "Buy milk"}`)
	}},
	{"numbers are what they are, not what a float makes of them", func(c Client) {
		path := c.Create(validTitle)
		for _, version := range []string{"1", "1.0", "10e-1"} {
			c.Ask("PATCH", path, `{"version": `+version+`}`).Want(200, "")
		}
		c.Ask("PATCH", path, `{"version": 1.5}`).Want(422, "VALIDATION_FAILED").Finds("/version WRONG_TYPE")
		c.Ask("PATCH", path, `{"version": 9007199254740993}`).Want(412, "PRECONDITION_FAILED")
		c.Ask("PATCH", path, `{"version": 1e99999999999999999999}`).Want(400, "MALFORMED_REQUEST")
	}},
	{"wrong types are told at each member", func(c Client) {
		body := `{"title": 1, "description": [], "completed": 0, "priority": true, "due_date": 5, "due_at": {}, "tags": "a", "version": "1"}`
		c.Ask("PATCH", c.Create(validTitle), body).Want(422, "VALIDATION_FAILED").Finds("/title WRONG_TYPE", "/description WRONG_TYPE",
			"/completed WRONG_TYPE", "/priority WRONG_TYPE", "/due_date WRONG_TYPE", "/due_at WRONG_TYPE", "/tags WRONG_TYPE", "/version WRONG_TYPE")
	}},
}
