package apitest

import (
	"crypto/rand"
	"strings"
)

// key is a header with a key that nobody has used.
func key() string { return "Idempotency-Key: " + rand.Text() }

var keyRules = []rule{
	{"a repeated request has the first reply and no further effect", func(c Client) {
		k := key()
		first := c.Ask("POST", "/v1/tasks", validTitle, k).Want(201, "")
		again := c.Ask("POST", "/v1/tasks", validTitle, k).Want(201, "")
		if first.Header.Get("Idempotent-Replayed") != "" || again.Header.Get("Idempotent-Replayed") != "true" {
			c.Error("the replay is not marked, or the first reply is")
		}
		for _, name := range []string{"Location", "ETag", "Content-Type"} {
			if first.Header.Get(name) != again.Header.Get(name) || first.Header.Get(name) == "" {
				c.Errorf("%s was %q, is %q", name, first.Header.Get(name), again.Header.Get(name))
			}
		}
		if first.Text != again.Text || first.Header.Get("X-Request-Id") == again.Header.Get("X-Request-Id") {
			c.Errorf("the replay of %s is %s", first.Text, again.Text)
		}
		if n := len(c.Ask("GET", "/v1/tasks", "").Items()); n != 1 {
			c.Errorf("there are %d tasks", n)
		}
	}},
	{"every write takes a key", func(c Client) {
		for _, w := range writes {
			path, k := c.Create(validTitle), key()
			first := c.Ask(w.method, path+w.below, w.body, k).Want(w.status, "")
			c.Create(validTitle)
			again := c.Ask(w.method, path+w.below, w.body, k).Want(w.status, "")
			if again.Header.Get("Idempotent-Replayed") != "true" || again.Text != first.Text {
				c.Errorf("%s%s: got %v %s", w.method, w.below, again.Header, again.Text)
			}
		}
	}},
	{"a replay shows the task as it was then", func(c Client) {
		path, k := c.Create(validTitle), key()
		c.Ask("PATCH", path, `{"title": "first"}`, k).Want(200, "")
		c.Ask("PATCH", path, `{"title": "second"}`).Want(200, "")
		c.Ask("PATCH", path, `{"title": "first"}`, k).Want(200, "").Has(`{"title": "first", "version": 2}`)
		c.Get(path).Has(`{"title": "second"}`)
	}},
	{"the same JSON value is the same request, however it is written", func(c Client) {
		k := key()
		c.Ask("POST", "/v1/tasks", `{"title": "x", "tags": ["ü"]}`, k).Want(201, "")
		a := c.Ask("POST", "/v1/tasks", ` { "tags" : ["\u00fc"], "title":"\u0078" } `, k).Want(201, "")
		if a.Header.Get("Idempotent-Replayed") != "true" {
			c.Error("it was carried out again")
		}
	}},
	{"a key is good for one request", func(c Client) {
		path, k := c.Create(validTitle), key()
		c.Ask("PATCH", path, `{"title": "x"}`, k).Want(200, "")
		for _, other := range []func() Answer{
			func() Answer { return c.Ask("PATCH", path, `{"title": "y"}`, k) },
			func() Answer { return c.Ask("PATCH", path, `{"title": "x"}`, k, `If-Match: "1"`) },
			func() Answer { return c.Ask("PATCH", c.Create(validTitle), `{"title": "x"}`, k) },
			func() Answer { return c.Ask("DELETE", path, "", k) },
			func() Answer { return c.Ask("POST", "/v1/tasks", `{"title": "x"}`, k) },
		} {
			other().Want(422, "IDEMPOTENCY_KEY_REUSED")
		}
		c.Get(path).Has(`{"title": "x", "version": 2}`)
	}},
	{"a key in quotes is the same key", func(c Client) {
		text := rand.Text()
		c.Ask("POST", "/v1/tasks", validTitle, "Idempotency-Key: "+text).Want(201, "")
		a := c.Ask("POST", "/v1/tasks", validTitle, `Idempotency-Key: "`+text+`"`).Want(201, "")
		if a.Header.Get("Idempotent-Replayed") != "true" {
			c.Error("it is another key")
		}
	}},
	{"a malformed key is refused", func(c Client) {
		for _, bad := range []string{" ", `""`, `"a`, `"a"b`, `a b`, "ü", strings.Repeat("k", 256), `"` + strings.Repeat("k", 256) + `"`, `"\x"`, `"\"`} {
			c.Ask("POST", "/v1/tasks", validTitle, "+Idempotency-Key: "+bad).Want(400, "MALFORMED_REQUEST").Finds("Idempotency-Key")
		}
		c.Ask("POST", "/v1/tasks", validTitle, "Idempotency-Key: a", "+Idempotency-Key: a").Want(400, "MALFORMED_REQUEST")
		for _, good := range []string{strings.Repeat("k", 255), `"` + strings.Repeat("k", 254) + `l"`, `"\"\\"`, `a"b`, "~!", "1"} {
			c.Ask("POST", "/v1/tasks", validTitle, "Idempotency-Key: "+good).Want(201, "")
		}
	}},
	{"reading takes no notice of keys", func(c Client) {
		c.Ask("GET", c.Create(validTitle), "", "Idempotency-Key: a b").Want(200, "")
	}},
	{"what a request found is kept, and what is wrong with it is not", func(c Client) {
		path := c.Create(validTitle)
		for _, k := range []struct {
			status     int
			code, path string
			body, with string
			kept       bool
		}{
			{404, "NOT_FOUND", noSuchTask, `{}`, "", true},
			{412, "PRECONDITION_FAILED", path, `{}`, `If-Match: "9"`, true},
			{422, "VALIDATION_FAILED", path, `{"title": ""}`, "", false},
			{400, "MALFORMED_REQUEST", path, `{`, "", false},
		} {
			header := key()
			for i := range 2 {
				a := c.Ask("PATCH", k.path, k.body, header, k.with).Want(k.status, k.code)
				if replayed := a.Header.Get("Idempotent-Replayed") == "true"; replayed != (k.kept && i == 1) {
					c.Errorf("%s, time %d: replayed is %v", k.code, i+1, replayed)
				}
			}
		}
	}},
	{"a key whose request was refused is free for the corrected one", func(c Client) {
		k := key()
		c.Ask("POST", "/v1/tasks", `{"title": ""}`, k).Want(422, "VALIDATION_FAILED")
		c.Ask("POST", "/v1/tasks", validTitle, k).Want(201, "")
	}},
	{"of twins that come together one is carried out", func(c Client) {
		k := key()
		statuses := together(10, func(int) int { return c.Ask("POST", "/v1/tasks", validTitle, k).StatusCode })
		if statuses[201]+statuses[409] != 10 || statuses[201] == 0 {
			c.Errorf("got %v", statuses)
		}
		if n := len(c.Ask("GET", "/v1/tasks", "").Items()); n != 1 {
			c.Errorf("there are %d tasks", n)
		}
	}},
}
