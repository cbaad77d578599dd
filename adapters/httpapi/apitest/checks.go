package apitest

import (
	"maps"
	"slices"
	"strings"
)

// draft is a request to be.
type draft struct {
	method, path, below, body string
	padded                    bool
	headers                   map[string]string
}

// check is one way to be refused.
type check struct {
	status int
	code   string
	spoil  func(*draft)
}

// checks are in the order in which they come.
var checks = []check{
	{431, "HEADERS_TOO_LARGE", func(d *draft) { d.headers["X-Padding"] = strings.Repeat("x", 17<<10) }},
	{404, "NOT_FOUND", func(d *draft) { d.below = "/nowhere" }},
	{405, "METHOD_NOT_ALLOWED", func(d *draft) { d.method = "POST" }},
	{413, "CONTENT_TOO_LARGE", func(d *draft) { d.padded = true }},
	{401, "UNAUTHENTICATED", func(d *draft) { d.headers["Authorization"] = "" }},
	{406, "NOT_ACCEPTABLE", func(d *draft) { d.headers["Accept"] = "text/html" }},
	{415, "UNSUPPORTED_MEDIA_TYPE", func(d *draft) { d.headers["Content-Type"] = "text/plain" }},
	{400, "MALFORMED_REQUEST", func(d *draft) { d.headers["Idempotency-Key"] = "a b" }},
	{404, "NOT_FOUND", func(d *draft) { d.path = noSuchTask }},
	{412, "PRECONDITION_FAILED", func(d *draft) { d.headers["If-Match"] = `"9"` }},
	{422, "VALIDATION_FAILED", func(d *draft) { d.body = `{"title": ""}` }},
}

func (d draft) send(c Client) Answer {
	if d.padded {
		d.body += strings.Repeat(" ", 256<<10)
	}
	var headers []string
	for _, name := range slices.Sorted(maps.Keys(d.headers)) {
		headers = append(headers, name+": "+d.headers[name])
	}
	return c.Ask(d.method, d.path+d.below, d.body, headers...)
}

var checkRules = []rule{
	{"of two faults the earlier in the order is told", func(c Client) {
		path := c.Create(validTitle)
		for i, first := range checks {
			for _, second := range checks[i:] {
				d := draft{method: "PATCH", path: path, body: `{"title": "x"}`, headers: map[string]string{}}
				second.spoil(&d)
				first.spoil(&d)
				if a := d.send(c); a.StatusCode != first.status || a.Code() != first.code {
					c.Errorf("of %s and %s: got %d %s", first.code, second.code, a.StatusCode, a.Code())
				}
			}
		}
		c.Get(path).Has(`{"version": 1}`)
	}},
	{"a body that cannot be read comes before a task that is not there", func(c Client) {
		for _, body := range []string{`{`, `{"x": 1}`, `[]`} {
			c.Ask("PATCH", noSuchTask, body).Want(400, "MALFORMED_REQUEST")
			c.Ask("PATCH", "/v1/tasks/nonsense", body).Want(400, "MALFORMED_REQUEST")
		}
	}},
	{"a used key comes before a task that is not there", func(c Client) {
		k := key()
		c.Ask("POST", "/v1/tasks", validTitle, k).Want(201, "")
		c.Ask("PATCH", noSuchTask, `{"title": ""}`, k).Want(422, "IDEMPOTENCY_KEY_REUSED")
	}},
}
