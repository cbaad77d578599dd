package httpapi

import "testing"

const app = "https://app.example.com"

func TestOriginsAreAllowedExactly(t *testing.T) {
	named := newWorld(t, func(o *Options) { o.AllowedOrigins = []string{app, "http://localhost:3000"} })
	any := newWorld(t, func(o *Options) { o.AllowedOrigins = []string{"*"} })
	none := newWorld(t)
	local := newWorld(t, func(o *Options) { o.AnyLocalhost = true })
	for _, test := range []struct {
		name, origin string
		world        world
		allowed      string
		credentials  string
	}{
		{"a named one", app, named, app, "true"},
		{"another named one", "http://localhost:3000", named, "http://localhost:3000", "true"},
		{"another scheme", "http://app.example.com", named, "", ""},
		{"another port", app + ":8443", named, "", ""},
		{"a longer name", app + ".evil.example", named, "", ""},
		{"a name before it", "https://evilapp.example.com", named, "", ""},
		{"another case", "https://APP.example.com", named, "", ""},
		{"a slash after it", app + "/", named, "", ""},
		{"two", app + ", " + app, named, "", ""},
		{"null", "null", named, "", ""},
		{"a star", "*", named, "", ""},
		{"none", "", named, "", ""},
		{"anybody, where anybody may", "https://anybody.example", any, "*", ""},
		{"null, where anybody may", "null", any, "*", ""},
		{"no page, where anybody may", "", any, "", ""},
		{"a page, where none may", app, none, "", ""},
		{"a local one, where they may", "http://localhost:5173", local, "http://localhost:5173", "true"},
		{"a local one without a port", "http://localhost", local, "http://localhost", "true"},
		{"a local one with an empty port", "http://localhost:", local, "", ""},
		{"one that only begins so", "http://localhost.evil.example", local, "", ""},
		{"one with a user", "http://localhost:1@evil.example", local, "", ""},
		{"a local one that is encrypted", "https://localhost:5173", local, "", ""},
		{"a local one with a path", "http://localhost:5173/x", local, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, a := range []struct {
				status          int
				method, address string
				headers         []string
			}{
				{200, "GET", "/v1/limits", nil},
				{401, "GET", "/v1/tasks", []string{"Authorization:"}},
				{404, "GET", "/nowhere", nil},
				{405, "PUT", "/v1/tasks", nil},
				{204, "OPTIONS", "/v1/tasks", []string{"Authorization:", "Access-Control-Request-Method: PATCH"}},
			} {
				got := test.world.Ask(a.method, a.address, "", append(a.headers, "Origin: "+test.origin)...)
				if got.StatusCode != a.status {
					t.Errorf("%s %s: %d, want %d", a.method, a.address, got.StatusCode, a.status)
				}
				if origin := got.Header.Get("Access-Control-Allow-Origin"); origin != test.allowed {
					t.Errorf("%s %s: the allowed origin is %q, want %q", a.method, a.address, origin, test.allowed)
				}
				if credentials := got.Header.Get("Access-Control-Allow-Credentials"); credentials != test.credentials {
					t.Errorf("%s %s: credentials are %q, want %q", a.method, a.address, credentials, test.credentials)
				}
			}
		})
	}
}

func TestAPreflightSaysWhatMayBeSent(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.AllowedOrigins = []string{app} })
	ask := func(path string, headers ...string) map[string]string {
		a := w.Ask("OPTIONS", path, "", append(headers, "Authorization:", "Origin: "+app)...).Want(204, "")
		got := map[string]string{}
		for _, name := range []string{"Allow-Methods", "Allow-Headers", "Max-Age", "Expose-Headers"} {
			got[name] = a.Header.Get("Access-Control-" + name)
		}
		return got
	}
	for _, path := range []string{"/v1/tasks", anyTask, "/nowhere"} {
		got := ask(path, "Access-Control-Request-Method: PATCH", "Access-Control-Request-Headers: authorization,if-match")
		if got["Allow-Methods"] != "GET, HEAD, POST, PUT, PATCH, DELETE" || got["Max-Age"] != "7200" || got["Expose-Headers"] != "" {
			t.Errorf("%s: got %v", path, got)
		}
		if got["Allow-Headers"] != allowHeaders {
			t.Errorf("%s: the headers are %q", path, got["Allow-Headers"])
		}
	}
	if got := ask("/v1/tasks"); got["Allow-Methods"] != "" || got["Expose-Headers"] == "" {
		t.Errorf("what is no preflight gets %v", got)
	}
}

func TestPagesMayReadWhatIsMeantForThem(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.AllowedOrigins = []string{app} })
	a := w.Ask("GET", "/v1/tasks", "", "Origin: "+app).Want(200, "")
	const want = "ETag, Location, Link, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, X-Total-Count, Idempotent-Replayed, Preference-Applied"
	if got := a.Header.Get("Access-Control-Expose-Headers"); got != want {
		t.Errorf("they may read %q, want %q", got, want)
	}
}
