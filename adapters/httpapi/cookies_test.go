package httpapi

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"taskhold/adapters/httpapi/apitest"
)

const (
	plain  = "Cookie: better-auth.session_data"
	secure = "Cookie: __Secure-better-auth.session_data"

	noToken  = `Bearer realm="todo"`
	badToken = `Bearer realm="todo", error="invalid_token", error_description="The access token is invalid"`
	oldToken = `Bearer realm="todo", error="invalid_token", error_description="The access token expired"`
)

func withCookies(o *Options) {
	o.SessionCookie, o.AllowedOrigins, o.Dialect = true, []string{app}, new(Dialect)
}

// anonymously asks without the client's own token.
func anonymously(w world, method, path, body string, headers ...string) apitest.Answer {
	w.Helper()
	return w.Ask(method, path, body, append([]string{"Authorization:"}, headers...)...)
}

func TestACookieSignsIn(t *testing.T) {
	w := newWorld(t, withCookies)
	for _, test := range []struct {
		name    string
		headers []string
		user    string
	}{
		{"as it is", []string{plain + "=token-of-bob"}, "bob"},
		{"with the name that it has under https", []string{secure + "=token-of-bob"}, "bob"},
		{"among others", []string{"Cookie: a=1; better-auth.session_token=x.y; better-auth.session_data=token-of-bob; b"}, "bob"},
		{"without spaces between", []string{"Cookie: a=1;better-auth.session_data=token-of-bob;b=2"}, "bob"},
		{"in the second of two lines", []string{"Cookie: a=1", "+" + plain + "=token-of-bob"}, "bob"},
		{"percent-encoded", []string{plain + "=token%2Dof%2Db%C3%B6b%25"}, "böb%"},
		{"with a plus, which is one", []string{plain + "=token-of-b+b"}, "b+b"},
		{"with an equals sign", []string{plain + "=token-of-b=b"}, "b=b"},
		{"in chunks", []string{plain + ".0=token; better-auth.session_data.1=-of-; better-auth.session_data.2=bob"}, "bob"},
		{"in chunks in another order", []string{plain + ".2=bob; better-auth.session_data.0=token; better-auth.session_data.1=-of-"}, "bob"},
		{"in chunks of two lines", []string{plain + ".1=-of-bob", "+" + plain + ".0=token"}, "bob"},
		{"in chunks that are percent-encoded", []string{plain + ".0=token%2D; better-auth.session_data.1=of-bob"}, "bob"},
		{"in chunks under https", []string{secure + ".0=token; __Secure-better-auth.session_data.1=-of-bob"}, "bob"},
		{"in chunks beside what is none", []string{plain + ".0=token-of-bob; better-auth.session_data.01=x; better-auth.session_data.x=y; better-auth.session_data.-1=z"}, "bob"},
		{"in chunks beside a cookie that was taken away", []string{plain + "=; better-auth.session_data.0=token-of-bob"}, "bob"},
		{"whole beside old chunks", []string{plain + "=token-of-bob; better-auth.session_data.0=token-of-eve"}, "bob"},
		{"no chunk after a gap", []string{plain + ".0=token-of-bob; better-auth.session_data.2=eve"}, "bob"},
		{"the encrypted page's before another", []string{plain + "=token-of-eve; __Secure-better-auth.session_data=token-of-bob"}, "bob"},
		{"the encrypted page's chunks before another", []string{plain + "=token-of-eve; __Secure-better-auth.session_data.0=token-of-bob"}, "bob"},
	} {
		t.Run(test.name, func(t *testing.T) {
			made := anonymously(w, "POST", "/v1/tasks", `{"title": "x"}`, append(test.headers, "Origin: "+app)...).Want(http.StatusCreated, "")
			if made.JSON["user_id"] != test.user {
				t.Errorf("the task is of %v, want %s", made.JSON["user_id"], test.user)
			}
		})
	}
}

func TestCookiesThatSignNobodyIn(t *testing.T) {
	w := newWorld(t, withCookies)
	var parts []string
	for i := range 600 {
		parts = append(parts, fmt.Sprintf("better-auth.session_data.%d=t", i))
	}
	huge := strings.Repeat("t", 3900)
	for _, test := range []struct {
		name, cookie, challenge string
	}{
		{"none", "", noToken},
		{"others", "Cookie: better-auth.session_token=token-of-bob", noToken},
		{"an empty one", plain + "=", noToken},
		{"one without a value", plain, noToken},
		{"another case", "Cookie: Better-Auth.Session_Data=token-of-bob", noToken},
		{"a longer name", plain + "x=token-of-bob", noToken},
		{"something before the name", "Cookie: x-better-auth.session_data=token-of-bob", noToken},
		{"another prefix", "Cookie: __Host-better-auth.session_data=token-of-bob", noToken},
		{"no first chunk", plain + ".1=token-of-bob", noToken},
		{"a chunk without a number", plain + ".=token-of-bob", noToken},
		{"a number written in another way", plain + ".00=token-of-bob", noToken},

		{"a bad one", plain + "=forged", badToken},
		{"one that had its day", plain + "=expired", oldToken},
		{"quotes", plain + `="token-of-bob"`, badToken},
		{"a percent sign that encodes nothing", plain + "=token-of-bob%zz", badToken},
		{"encoded twice", plain + "=token%252Dof-bob", badToken},
		{"the same one twice", plain + "=token-of-bob; better-auth.session_data=token-of-bob", badToken},
		{"two", plain + "=token-of-bob; better-auth.session_data=token-of-eve", badToken},
		{"an empty one beside it", plain + "=token-of-bob; better-auth.session_data=", badToken},
		{"two chunks of one number", plain + ".0=token; better-auth.session_data.1=-of-bob; better-auth.session_data.1=-of-eve", badToken},
		{"a gap between chunks", plain + ".0=token; better-auth.session_data.2=-of-bob", badToken},
		{"a bad one of an encrypted page beside a good one", plain + "=token-of-bob; __Secure-better-auth.session_data=forged", badToken},
		{"two of an encrypted page beside a good one", plain + "=token-of-bob" + strings.Repeat("; __Secure-better-auth.session_data=token-of-eve", 2), badToken},
		{"hundreds of chunks", "Cookie: " + strings.Join(parts[:500], "; "), badToken},
		{"a token that is too long", plain + ".0=" + huge + "; better-auth.session_data.1=" + huge + "; better-auth.session_data.2=" + huge + "; better-auth.session_data.3=" + huge[:3000], badToken},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := anonymously(w, "GET", "/v1/tasks", "", test.cookie).Want(http.StatusUnauthorized, "UNAUTHENTICATED")
			if got := a.Header.Get("WWW-Authenticate"); got != test.challenge {
				t.Errorf("the challenge is %s, want %s", got, test.challenge)
			}
		})
	}
	anonymously(w, "GET", "/v1/tasks", "", "Cookie: "+strings.Join(parts, "; ")).Want(http.StatusRequestHeaderFieldsTooLarge, "HEADERS_TOO_LARGE")
	anonymously(w, "GET", "/v1/tasks", "", plain+"=unverifiable").Want(http.StatusServiceUnavailable, "UNAVAILABLE")
}

func TestTenChunksAreReadAndNoMore(t *testing.T) {
	w := newWorld(t, withCookies)
	var parts []string
	for i, part := range append(strings.Split("token-of-b", ""), "ob") {
		parts = append(parts, fmt.Sprintf("better-auth.session_data.%d=%s", i, part))
	}
	made := anonymously(w, "POST", "/v1/tasks", `{"title": "x"}`, "Cookie: "+strings.Join(parts, "; "), "Origin: "+app).Want(http.StatusCreated, "")
	if made.JSON["user_id"] != "b" {
		t.Errorf("the user is %v", made.JSON["user_id"])
	}
}

func TestAnAuthorizationHeaderHidesCookies(t *testing.T) {
	w := newWorld(t, withCookies)
	const good = plain + "=token-of-bob"
	w.Ask("GET", "/v1/tasks", "", "Authorization: Bearer forged", good).Want(http.StatusUnauthorized, "UNAUTHENTICATED")
	w.Ask("GET", "/v1/tasks", "", "Authorization: Basic Ym9iOg==", good).Want(http.StatusUnauthorized, "UNAUTHENTICATED")
	w.Ask("GET", "/v1/tasks", "", "+Authorization: Bearer token-of-eve", good).Want(http.StatusBadRequest, "MALFORMED_REQUEST")
	for _, cookie := range []string{good, plain + "=forged"} {
		made := w.Ask("POST", "/v1/tasks", `{"title": "x"}`, cookie, "Origin: https://evil.example").Want(http.StatusCreated, "")
		if made.JSON["user_id"] != w.ID {
			t.Errorf("beside %s the user is %v, want that of the header", cookie, made.JSON["user_id"])
		}
	}
}

func TestCookiesAreIgnoredUnlessTheyAreOn(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.AllowedOrigins = []string{app} })
	for _, cookie := range []string{plain + "=token-of-bob", secure + "=token-of-bob", plain + "=forged", plain + ".0=token-of-bob"} {
		a := anonymously(w, "GET", "/v1/tasks", "", cookie, "Origin: "+app).Want(http.StatusUnauthorized, "UNAUTHENTICATED")
		if got := a.Header.Get("WWW-Authenticate"); got != noToken {
			t.Errorf("%s: the challenge is %s", cookie, got)
		}
		if got := a.Header.Get("Vary"); got != "Authorization, Origin" {
			t.Errorf("%s: Vary is %s", cookie, got)
		}
		w.Ask("POST", "/v1/tasks", `{"title": "x"}`, cookie).Want(http.StatusCreated, "")
	}
}

func TestRepliesVaryByTheCookieThatMaySignIn(t *testing.T) {
	w := newWorld(t, withCookies)
	for path, want := range map[string]string{"/v1/tasks": "Authorization, Origin, Cookie", "/nowhere": "Authorization, Origin, Cookie"} {
		for _, cookie := range []string{"", plain + "=token-of-bob"} {
			if got := anonymously(w, "GET", path, "", cookie).Header.Get("Vary"); got != want {
				t.Errorf("%s: Vary is %s, want %s", path, got, want)
			}
		}
	}
}

// writes are all requests that can change something of a task.
func writes(w world, id string) [][2]string {
	var all [][2]string
	for _, r := range append(w.server.taskRoutes(), frontRoutes("/api/tasks")...) {
		if r.method != http.MethodGet {
			all = append(all, [2]string{r.method, strings.Replace(r.path, ":id", id, 1)})
		}
	}
	return all
}

func TestAWriteByCookieNeedsAnOriginThatMayCall(t *testing.T) {
	w := newWorld(t, withCookies, func(o *Options) { o.PublicURL = "https://Tasks.example.com/api" })
	anybody := newWorld(t, withCookies, func(o *Options) { o.AllowedOrigins = []string{"*"} })
	local := newWorld(t, withCookies, func(o *Options) { o.AllowedOrigins, o.AnyLocalhost = nil, true })
	bare := newWorld(t, withCookies, func(o *Options) { o.AllowedOrigins = nil })
	for _, test := range []struct {
		name   string
		world  world
		origin []string
		may    bool
	}{
		{"a named one", w, []string{"Origin: " + app}, true},
		{"that of the public URL", w, []string{"Origin: https://tasks.example.com"}, true},
		{"a local one in dev", local, []string{"Origin: http://localhost:3000"}, true},
		{"none", w, nil, false},
		{"null", w, []string{"Origin: null"}, false},
		{"another", w, []string{"Origin: https://evil.example"}, false},
		{"one that begins so", w, []string{"Origin: " + app + ".evil.example"}, false},
		{"another scheme", w, []string{"Origin: http://app.example.com"}, false},
		{"another port", w, []string{"Origin: " + app + ":8443"}, false},
		{"a neighbour", w, []string{"Origin: https://blog.example.com"}, false},
		{"the public URL itself", w, []string{"Origin: https://tasks.example.com/api"}, false},
		{"a star", w, []string{"Origin: *"}, false},
		{"two", w, []string{"Origin: " + app, "+Origin: " + app}, false},
		{"a named one beside another", w, []string{"Origin: https://evil.example", "+Origin: " + app}, false},
		{"a Referer alone", w, []string{"Referer: " + app + "/"}, false},
		{"anybody's, where anybody may call", anybody, []string{"Origin: https://evil.example"}, false},
		{"a star, where anybody may call", anybody, []string{"Origin: *"}, false},
		{"null, where anybody may call", anybody, []string{"Origin: null"}, false},
		{"that of the Host", bare, []string{"Origin: " + bare.URL}, false},
		{"nothing, where nothing is named", bare, nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := test.world.Create(`{"title": "Mine"}`)
			before := test.world.Get(path).Text
			headers := append([]string{plain + "=" + tokenOf(test.world.ID)}, test.origin...)
			for _, write := range writes(test.world, strings.TrimPrefix(path, "/v1/tasks/")) {
				a := anonymously(test.world, write[0], write[1], "", headers...)
				if may := a.Code() != "FORBIDDEN"; may != test.may || !may && a.StatusCode != http.StatusForbidden {
					t.Errorf("%s %s = %d %s, may it: %t", write[0], write[1], a.StatusCode, a.Text, test.may)
				}
			}
			if after := test.world.Ask("GET", path, "").Text; !test.may && after != before {
				t.Errorf("the task was %s and is %s", before, after)
			}
			for _, method := range []string{"GET", "HEAD"} {
				anonymously(test.world, method, "/v1/tasks", "", headers...).Want(http.StatusOK, "")
			}
		})
	}
}

func TestTheOriginIsLookedAtAfterTheTokenAndBeforeAllElse(t *testing.T) {
	w := newWorld(t, withCookies)
	for _, test := range []struct {
		name, code string
		headers    []string
	}{
		{"a bad token", "UNAUTHENTICATED", []string{plain + "=forged"}},
		{"a wrong media type", "FORBIDDEN", []string{plain + "=token-of-bob", "Content-Type: text/plain"}},
		{"a form", "FORBIDDEN", []string{plain + "=token-of-bob", "Content-Type: application/x-www-form-urlencoded"}},
		{"nothing that is acceptable", "FORBIDDEN", []string{plain + "=token-of-bob", "Accept: text/html"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := anonymously(w, "POST", "/v1/tasks", `{"title": "x"}`, test.headers...)
			if a.Code() != test.code {
				t.Errorf("got %d %s, want %s", a.StatusCode, a.Text, test.code)
			}
		})
	}
}

func TestAPageOfAnAllowedOriginMayReadWithCookies(t *testing.T) {
	w := newWorld(t, withCookies)
	for origin, want := range map[string][]string{app: {app, "true"}, "https://evil.example": {"", ""}} {
		a := anonymously(w, "GET", "/v1/tasks", "", plain+"=token-of-bob", "Origin: "+origin).Want(http.StatusOK, "")
		got := []string{a.Header.Get("Access-Control-Allow-Origin"), a.Header.Get("Access-Control-Allow-Credentials")}
		if !slices.Equal(got, want) {
			t.Errorf("a page of %s is told %q, want %q", origin, got, want)
		}
	}
}
