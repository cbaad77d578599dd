package apitest

import (
	"strings"
)

var requestRules = []rule{
	{"without credentials the answer says how to sign in, and no more", func(c Client) {
		for _, header := range []string{"Authorization:", "Authorization: Basic YTpi", "Authorization: Token x", "Authorization: Bearer-x y"} {
			a := c.Ask("GET", "/v1/tasks", "", header).Want(401, "UNAUTHENTICATED")
			if a.Header.Get("WWW-Authenticate") != `Bearer realm="todo"` {
				c.Errorf("%s: %q", header, a.Header.Get("WWW-Authenticate"))
			}
		}
	}},
	{"a bad token is told from none", func(c Client) {
		for _, header := range []string{
			"Authorization: Bearer x.y.z", "Authorization: Bearer", "Authorization: Bearer\t" + c.token,
			"Authorization: Bearer \t" + c.token, "Authorization: Bearer " + c.token + " x",
		} {
			a := c.Ask("GET", "/v1/tasks", "", header).Want(401, "UNAUTHENTICATED")
			if a.Header.Get("WWW-Authenticate") != `Bearer realm="todo", error="invalid_token", error_description="The access token is invalid"` {
				c.Errorf("%s: %q", header, a.Header.Get("WWW-Authenticate"))
			}
		}
	}},
	{"the scheme is of any case and any number of spaces follows", func(c Client) {
		for _, scheme := range []string{"Bearer ", "bearer ", "BEARER ", "Bearer    "} {
			c.Ask("GET", "/v1/tasks", "", "Authorization: "+scheme+c.token).Want(200, "")
		}
	}},
	{"two tokens are a request that cannot be read", func(c Client) {
		for _, headers := range [][]string{
			{"+Authorization: Bearer " + c.token}, {"+Authorization: Basic x"}, {"Authorization: Bearer a, Bearer b"},
		} {
			a := c.Ask("GET", "/v1/tasks", "", headers...).Want(400, "MALFORMED_REQUEST")
			if a.Header.Get("WWW-Authenticate") != `Bearer realm="todo", error="invalid_request"` {
				c.Errorf("%q: %q", headers, a.Header.Get("WWW-Authenticate"))
			}
		}
	}},
	{"a token is read nowhere but in its header", func(c Client) {
		c.Ask("GET", "/v1/limits?access_token="+c.token, "", "Authorization:").Want(200, "")
		c.Ask("GET", noSuchTask+"?access_token="+c.token, "", "Authorization:", "Cookie: token="+c.token).Want(401, "UNAUTHENTICATED")
	}},
	{"a request keeps the harmless name that its client gave it", func(c Client) {
		for sent, kept := range map[string]bool{
			"abcDEF.1-2_3": true, strings.Repeat("x", 128): true, "short": false, strings.Repeat("x", 129): false,
			"with space": false, "<script>": false, "newline\u0085": false, "quote\"quote": false, "ümläute!": false,
		} {
			got := c.Ask("GET", noSuchTask, "", "X-Request-Id: "+sent).Want(404, "NOT_FOUND").Header.Get("X-Request-Id")
			if (got == sent) != kept || !kept && len(got) != 36 {
				c.Errorf("sent %q, got %q", sent, got)
			}
		}
	}},
	{"nobody can guess the names of requests", func(c Client) {
		seen := map[string]bool{}
		for range 50 {
			id := c.Ask("GET", "/livez", "").Header.Get("X-Request-Id")
			if prefix := id[:8]; seen[prefix] {
				c.Errorf("%s begins like another", id)
			} else {
				seen[prefix] = true
			}
		}
	}},
	{"a reply comes in a form that the client accepts, or not at all", func(c Client) {
		path := c.Create(validTitle)
		for accept, ok := range map[string]bool{
			"": true, "*/*": true, "application/*": true, "application/json": true, "text/html, */*;q=0.1": true, "application/json; charset=utf-8": true,
			"application/problem+json": true, "nonsense": true, "text/html": false, "application/xml, text/plain": false, "*/*;q=0": false,
			"application/json;q=0, application/problem+json;q=0.0, */*": false, "application/*;q=0, */*": false,
		} {
			a := c.Ask("GET", path, "", "Accept: "+accept)
			if ok {
				a.Want(200, "")
			} else {
				a.Want(406, "NOT_ACCEPTABLE")
			}
		}
		c.Ask("GET", path, "", "Accept: text/html", "+Accept: application/json").Want(200, "")
	}},
	{"a method that an address does not have is told which it has", func(c Client) {
		path := c.Create(validTitle)
		for address, allow := range map[string]string{
			"/v1/tasks": "GET, HEAD, OPTIONS, POST", path: "DELETE, GET, HEAD, OPTIONS, PATCH, PUT", "/v1/tasks/batch": "OPTIONS, POST",
			path + "/complete": "OPTIONS, POST", path + "/reopen": "OPTIONS, POST", "/v1/limits": "GET, HEAD, OPTIONS",
			"/livez": "GET, HEAD, OPTIONS", "/openapi.json": "GET, HEAD, OPTIONS", "/problems/not-found": "GET, HEAD, OPTIONS",
		} {
			for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO", "get"} {
				if strings.Contains(allow, method) {
					continue
				}
				a := c.Ask(method, address, "", "Authorization:").Want(405, "METHOD_NOT_ALLOWED")
				if a.Header.Get("Allow") != allow {
					c.Errorf("%s %s: Allow is %q, want %q", method, address, a.Header.Get("Allow"), allow)
				}
			}
			if a := c.Ask("OPTIONS", address, "", "Authorization:").Want(204, ""); a.Header.Get("Allow") != allow {
				c.Errorf("OPTIONS %s: Allow is %q, want %q", address, a.Header.Get("Allow"), allow)
			}
		}
	}},
	{"an address is exact", func(c Client) {
		path := c.Create(validTitle)
		for _, address := range []string{
			"/", "/v1", "/v1/", "/v1/tasks/", "/V1/tasks", "/v1/Tasks", "//v1/tasks", "/v1//tasks", "/v1/./tasks", "/v1/x/../tasks", "/v1%2ftasks", "/v1/task%73",
			path + "/", path + "/Complete", path + "/complete/", path + "/x", "/v2/tasks", "/livez/", "/docs/", "/docs/../openapi.yaml", "/docs/problems.json", "/metrics", "/debug/pprof/", "/.env", "/nope?x=<script>",
		} {
			a := c.Ask("GET", address, "", "Authorization:").Want(404, "NOT_FOUND")
			if strings.Contains(a.Text, "script") {
				c.Errorf("the address is told back: %s", a.Text)
			}
		}
	}},
	{"a method in a header is no method", func(c Client) {
		path := c.Create(validTitle)
		c.Ask("GET", path+"?_method=DELETE", "", "X-HTTP-Method-Override: DELETE", "X-Method-Override: DELETE").Want(200, "")
		c.Get(path)
	}},
}
