package apitest

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"strings"
)

var serviceRules = []rule{
	{"the service says that it is well, without a token", func(c Client) {
		for _, path := range []string{"/livez", "/readyz", "/health"} {
			if a := c.Ask("GET", path, "", "Authorization:", "Accept: text/html").Want(200, ""); a.Text != `{"status":"ok"}` {
				c.Errorf("%s answers %s", path, a.Text)
			}
			c.Ask("HEAD", path, "").Want(200, "")
		}
	}},
	{"every limit is told as data", func(c Client) {
		c.Ask("GET", "/v1/limits", "", "Authorization:").Want(200, "").Has(`{"task": {"title_max": 200, "description_max": 10000, "tags_max": 20, "tag_max": 50},
			"page": {"limit_default": 50, "limit_max": 200, "q_max": 100}, "batch": {"operations_max": 100, "body_bytes": 1048576},
			"idempotency": {"key_max": 255, "retention_seconds": 86400, "live_keys_max": 10000}}`)
		c.Ask("GET", "/v1/limits", "", "Accept: text/html").Want(406, "NOT_ACCEPTABLE")
	}},
	{"the document is served in both forms", func(c Client) {
		a := c.Ask("GET", "/openapi.json", "", "Authorization:").Want(200, "")
		if a.JSON["openapi"] != "3.1.1" || a.Header.Get("Content-Type") != "application/json" {
			c.Errorf("got %.100s", a.Text)
		}
		a = c.Ask("GET", "/openapi.yaml", "").Want(200, "")
		if !strings.HasPrefix(a.Text, "openapi: 3.1") || a.Header.Get("Content-Type") != "application/yaml" {
			c.Errorf("got %.100s", a.Text)
		}
	}},
	{"the page runs nothing that is not from here", func(c Client) {
		a := c.Ask("GET", "/docs", "", "Authorization:").Want(200, "")
		policy := a.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy+";", part+";") {
				c.Errorf("the policy %q lacks %s", policy, part)
			}
		}
		if strings.Contains(a.Text, "://") {
			c.Errorf("the page names another host: %s", a.Text)
		}
	}},
	{"the parts of the page are compressed for who can unpack them, and need not be sent twice", func(c Client) {
		for path, kind := range map[string]string{
			"/docs/init.js": "text/javascript", "/docs/page.css": "text/css", "/docs/swagger-ui.css": "text/css", "/docs/swagger-ui-bundle.js": "text/javascript",
		} {
			plain := c.Ask("GET", path, "", "Accept-Encoding: identity").Want(200, "")
			if !strings.HasPrefix(plain.Header.Get("Content-Type"), kind) || plain.Header.Get("Content-Encoding") != "" {
				c.Errorf("%s has the headers %v", path, plain.Header)
			}
			if got := unpack(c, c.Ask("GET", path, "", "Accept-Encoding: gzip, br").Want(200, "")); got != plain.Text {
				c.Errorf("%s is another when compressed", path)
			}
			c.Ask("GET", path, "", "If-None-Match: "+plain.Header.Get("ETag")).Want(304, "")
		}
	}},
	{"every problem has its page", func(c Client) {
		var codes []string
		for _, schema := range document(c, "components", "schemas", "ProblemCode")["enum"].([]any) {
			codes = append(codes, schema.(string))
		}
		for _, code := range codes {
			a := c.Ask("GET", "/problems/"+strings.ReplaceAll(strings.ToLower(code), "_", "-"), "", "Authorization:").Want(200, "")
			if !strings.Contains(a.Text, code) || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
				c.Errorf("the page of %s is %s", code, a.Text)
			}
		}
		c.Ask("GET", "/problems/nonsense", "").Want(404, "NOT_FOUND")
		c.Ask("GET", "/problems/NOT-FOUND", "").Want(404, "NOT_FOUND")
	}},
	{"every operation of the document is there", func(c Client) {
		for path, item := range document(c, "paths") {
			path = strings.NewReplacer("{id}", "x", "{slug}", "x").Replace(path)
			for method := range item.(map[string]any) {
				if method != "parameters" {
					if a := c.Ask(strings.ToUpper(method), path, "", "Authorization:"); a.StatusCode == 405 || a.isUnrouted() {
						c.Errorf("%s %s: %d", method, path, a.StatusCode)
					}
				}
			}
		}
	}},
}

func unpack(c Client, a Answer) string {
	if a.Header.Get("Content-Encoding") == "" {
		return a.Text
	}
	r, err := gzip.NewReader(strings.NewReader(a.Text))
	if err != nil {
		c.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		c.Fatal(err)
	}
	return string(text)
}

// document is a part of the OpenAPI document.
func document(c Client, at ...string) map[string]any {
	part := map[string]any{}
	if err := json.Unmarshal([]byte(c.Ask("GET", "/openapi.json", "").Text), &part); err != nil {
		c.Fatal(err)
	}
	for _, name := range at {
		part = part[name].(map[string]any)
	}
	return part
}
