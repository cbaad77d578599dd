package httpapi

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"taskhold/adapters/httpapi/apitest"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// checkFault checks that a refusal is one that every front end can read.
func checkFault(t *testing.T, a apitest.Answer) {
	t.Helper()
	nested, _ := a.JSON["error"].(map[string]any)
	text, _ := a.JSON["detail"].(string)
	switch at, _ := a.JSON["timestamp"].(string); {
	case text == "" || a.JSON["message"] != text || nested["message"] != text:
		t.Errorf("the texts differ: %s", a.Text)
	case a.Code() == "" || a.JSON["error_code"] != a.Code() || nested["code"] != a.Code():
		t.Errorf("the codes differ: %s", a.Text)
	case a.JSON["request_id"] != a.Header.Get("X-Request-Id"):
		t.Errorf("the request is %s, not %s", a.Text, a.Header.Get("X-Request-Id"))
	case !isRecent(at):
		t.Errorf("the time is %s", at)
	case a.Header.Get("Content-Type") != "application/json":
		t.Errorf("the type is %s", a.Header.Get("Content-Type"))
	}
	if _, listed := a.JSON["errors"].([]any); !listed {
		t.Errorf("errors is no array: %s", a.Text)
	}
	const names = "code detail error error_code errors message request_id timestamp"
	if _, has := keys(t, []byte(a.Text)); has != names {
		t.Errorf("a fault has %s, want %s", has, names)
	}
}

func isRecent(text string) bool {
	at, err := task.ParseInstant(text)
	return err == nil && time.Since(at) < time.Minute && len(text) == len("2026-11-22T21:00:00.123456Z")
}

type frontDraft struct {
	method, path, below, body string
	headers                   map[string]string
}

// frontChecks are the ways to be refused, in the order in which they come.
var frontChecks = []struct {
	status int
	code   string
	spoil  func(*frontDraft)
}{
	{431, "HEADERS_TOO_LARGE", func(d *frontDraft) { d.headers["X-Padding"] = strings.Repeat("x", 17<<10) }},
	{404, "NOT_FOUND", func(d *frontDraft) { d.below = "/nowhere" }},
	{405, "METHOD_NOT_ALLOWED", func(d *frontDraft) { d.method = "POST" }},
	{413, "CONTENT_TOO_LARGE", func(d *frontDraft) { d.body += strings.Repeat(" ", 256<<10) }},
	{401, "UNAUTHENTICATED", func(d *frontDraft) { d.headers["Authorization"] = "" }},
	{429, "RATE_LIMITED", func(d *frontDraft) { d.headers["Authorization"] = "Bearer " + tokenOf("spender") }},
	{406, "NOT_ACCEPTABLE", func(d *frontDraft) { d.headers["Accept"] = "text/html" }},
	{415, "UNSUPPORTED_MEDIA_TYPE", func(d *frontDraft) { d.headers["Content-Type"] = "text/plain;charset=UTF-8" }},
	{400, "MALFORMED_REQUEST", func(d *frontDraft) { d.headers["Idempotency-Key"] = "a b" }},
	{404, "NOT_FOUND", func(d *frontDraft) { d.path = strings.Replace(d.path, "/users/", "/users/other-", 1) }},
	{412, "PRECONDITION_FAILED", func(d *frontDraft) { d.headers["If-Match"] = `"9"` }},
	{422, "VALIDATION_FAILED", func(d *frontDraft) {
		d.body = strings.Replace(d.body, `"x"`, `""`, 1)
	}},
}

func TestOfTwoFaultsOfAFrontEndTheEarlierIsTold(t *testing.T) {
	p := newPurse(1 << 20)
	w := newWorld(t, speaking(Dialect{}), limited(p))
	spender := ports.Bucket{Policy: ports.Writes, Key: "spender"}
	p.left[spender] = 0
	id := strings.TrimPrefix(w.Create(milk), "/v1/tasks")
	for i, first := range frontChecks {
		for _, second := range frontChecks[i:] {
			if first.code == "UNAUTHENTICATED" && second.code == "RATE_LIMITED" {
				continue // a token cannot be bad and good
			}
			d := frontDraft{method: "PATCH", path: "/api/users/" + w.ID + "/tasks" + id, body: `{"title": "x"}`, headers: map[string]string{}}
			second.spoil(&d)
			first.spoil(&d)
			var headers []string
			for _, name := range slices.Sorted(maps.Keys(d.headers)) {
				headers = append(headers, name+": "+d.headers[name])
			}
			a := w.Ask(d.method, d.path+d.below, d.body, headers...)
			if a.StatusCode != first.status || a.Code() != first.code {
				t.Errorf("of %s and %s: got %d %s", first.code, second.code, a.StatusCode, a.Code())
				continue
			}
			checkFault(t, a)
		}
	}
	w.Get("/v1/tasks" + id).Has(`{"version": 1}`)
}

// unrevised is a port that cannot revise.
type unrevised struct {
	ports.Tasks
	err error
}

func (u unrevised) Revise(context.Context, identity.UserID, task.ID, task.Match, func(task.Snapshot) task.Change) (task.Task, error) {
	return task.Task{}, u.err
}

func TestFaultsOfThisServerLookAlike(t *testing.T) {
	for name, test := range map[string]struct {
		err    error
		status int
		code   string
		text   string
	}{
		"a bug":             {errSecret, 500, "INTERNAL", "The request could not be carried out."},
		"the store is gone": {errors.Join(ports.ErrUnavailable, errSecret), 503, "UNAVAILABLE", ports.ErrUnavailable.Message},
		"many lost races":   {task.ErrStale, 409, "CONFLICT", task.ErrStale.Message},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, speaking(Dialect{}), func(o *Options) { o.Tasks = unrevised{o.Tasks, test.err} })
			id := strings.TrimPrefix(w.Create(milk), "/v1/tasks")
			for _, a := range []apitest.Answer{w.Ask("PUT", "/api/tasks"+id, `{"title": "x"}`), w.Ask("PATCH", "/api/"+w.ID+"/tasks"+id+"/toggle", "")} {
				checkFault(t, a.Want(test.status, test.code))
				if a.JSON["message"] != test.text || strings.Contains(a.Text, "secret") || a.Header.Get("Retry-After") == "" && test.status != 500 {
					t.Errorf("got %s with %v", a.Text, a.Header)
				}
			}
		})
	}
}

// TestWhatCannotBeReadIsRefusedHereToo: lenient is about names and values.
func TestWhatCannotBeReadIsRefusedHereToo(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}))
	id := strings.TrimPrefix(w.Create(milk), "/v1/tasks")
	for _, body := range []string{
		`{`, `[]`, `null`, `"x"`, `{"title": "x",}`, `{"title": "x"} {}`, `{"title": "x", "title": "y"}`, `{"unknown": 1, "unknown": 2}`, "{\"title\": \"\xff\"}", `{"title": "\ud800"}`,
		`{"a": 1e9999999999999999}`, "\ufeff{}", `{"a": ` + strings.Repeat("[", 20) + strings.Repeat("]", 20) + `}`,
	} {
		for _, r := range asked {
			if r.method == "GET" || r.method == "DELETE" && r.below == "" {
				continue
			}
			checkFault(t, w.Ask(r.method, "/api/tasks"+id+r.below, body).Want(400, "MALFORMED_REQUEST"))
		}
		checkFault(t, w.Ask("POST", "/api/tasks", body).Want(400, "MALFORMED_REQUEST"))
	}
	for _, path := range []string{"/api/tasks", "/api/todos/"} {
		w.Ask("POST", path, "").Want(400, "MALFORMED_REQUEST")
	}
	for _, method := range []string{"PUT", "PATCH"} {
		w.Ask(method, "/api/tasks"+id, "").Want(400, "MALFORMED_REQUEST")
	}
	w.Get("/v1/tasks" + id).Has(milk).Has(`{"version": 1}`)
}

func TestABodyIsJSONOrOfNoTypeAtAll(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}))
	for kind, ok := range map[string]bool{
		"": true, "application/json": true, "application/json; charset=utf-8": true, "application/json;charset=UTF-8": true, "text/plain": false, "text/plain;charset=UTF-8": false,
		"application/x-www-form-urlencoded": false, "multipart/form-data; boundary=x": false, "application/json; charset=latin1": false, "text/json": false,
	} {
		a := w.Ask("POST", "/api/tasks", `{"title": "x"}`, "Content-Type: "+kind)
		if ok {
			a.Want(201, "")
		} else {
			checkFault(t, a.Want(415, "UNSUPPORTED_MEDIA_TYPE"))
		}
	}
	w.Ask("POST", "/api/tasks", `{"title": "x"}`, "Content-Encoding: gzip").Want(415, "UNSUPPORTED_MEDIA_TYPE")
	w.Ask("GET", "/api/tasks", "", "Content-Type: text/plain").Want(200, "")
	w.Ask("POST", "/v1/tasks", `{"title": "x"}`, "Content-Type:").Want(415, "UNSUPPORTED_MEDIA_TYPE")
}

// TestACookieAloneNeedsTheType: what a foreign page can make a browser send is
// a cookie, and a body without a type.
func TestACookieAloneNeedsTheType(t *testing.T) {
	w := newWorld(t, withCookies)
	cookie, origin := "Cookie: "+sessionCookie+"="+tokenOf(w.ID), "Origin: "+app
	w.Ask("POST", "/api/tasks", `{"title": "x"}`, "Authorization:", cookie, origin).Want(201, "")
	w.Ask("POST", "/api/tasks", `{"title": "x"}`, "Authorization:", cookie, origin, "Content-Type:").Want(415, "UNSUPPORTED_MEDIA_TYPE")
	checkFault(t, w.Ask("POST", "/api/tasks", `{"title": "x"}`, "Authorization:", cookie).Want(403, "FORBIDDEN"))
}

// TestWhoseAddressIsNotReadIsRefusedInTheFormOfV1: nobody knows that it is a
// front end.
func TestWhoseAddressIsNotReadIsRefusedInTheFormOfV1(t *testing.T) {
	s := newServer(t, speaking(Dialect{}))
	s.app.Server().ReadTimeout = time.Second
	w := serve(t, s)
	checkFault(t, w.Ask("GET", "/api/tasks", "", "X-Padding: "+strings.Repeat("x", 17<<10)).Want(431, "HEADERS_TOO_LARGE"))
	for _, a := range []apitest.Answer{
		w.Begin("GET", "/api/tasks", "X-Padding: "+strings.Repeat("x", 40<<10)).Want(431, "HEADERS_TOO_LARGE"),
		w.Begin("GET", "/api/tasks").Want(408, "REQUEST_TIMEOUT"),
	} {
		if kind := a.Header.Get("Content-Type"); kind != typeProblem {
			t.Errorf("got %s of type %s", a.Text, kind)
		}
	}
	status, text, _ := send(t, w.URL, "POST /api/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n"+strings.Repeat("x", 100_000))
	if status != 408 || !strings.Contains(text, `"error_code":"REQUEST_TIMEOUT"`) {
		t.Errorf("got %d %s", status, text)
	}
}

func TestAFrontEndMayRetrySafely(t *testing.T) {
	w := newWorld(t, speaking(Dialect{Task: "task"}))
	first := w.Ask("POST", "/api/tasks", `{"title": "x"}`, "Idempotency-Key: k1").Want(201, "")
	again := w.Ask("POST", "/api/tasks", `{"title": "x"}`, "Idempotency-Key: k1").Want(201, "")
	if again.Text != first.Text || again.Header.Get("Idempotent-Replayed") != "true" || again.Header.Get("Location") != first.Header.Get("Location") {
		t.Errorf("got %s with %v, want %s", again.Text, again.Header, first.Text)
	}
	checkFault(t, w.Ask("POST", "/api/tasks", `{"title": "y"}`, "Idempotency-Key: k1").Want(422, "IDEMPOTENCY_KEY_REUSED"))
	w.Ask("POST", "/v1/tasks", `{"title": "x"}`, "Idempotency-Key: k1").Want(422, "IDEMPOTENCY_KEY_REUSED")
	path := first.Header.Get("Location")
	for range 3 {
		if a := w.Ask("PATCH", path+"/toggle", "", "Idempotency-Key: k2").Want(200, ""); !includes(parse(t, a.Text), parse(t, `{"task": `+done+`}`)) {
			t.Errorf("toggled by one key, it is %s", a.Text)
		}
	}
	missing := w.Ask("PATCH", "/api/tasks"+noTask+"/toggle", "", "Idempotency-Key: k3").Want(404, "NOT_FOUND")
	kept := w.Ask("PATCH", "/api/tasks"+noTask+"/toggle", "", "Idempotency-Key: k3").Want(404, "NOT_FOUND")
	if kept.Text != missing.Text || kept.Header.Get("Content-Type") != "application/json" || kept.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("a kept refusal is %s of type %s", kept.Text, kept.Header.Get("Content-Type"))
	}
	for range 2 {
		w.Ask("DELETE", path, "", "Idempotency-Key: k4").Want(204, "")
	}
}

func TestAConditionIsHeldHereToo(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}))
	id := strings.TrimPrefix(w.Create(milk), "/v1/tasks")
	for _, r := range asked {
		if r.method != "GET" {
			checkFault(t, w.Ask(r.method, "/api/tasks"+id+r.below, r.body, `If-Match: "2"`).Want(412, "PRECONDITION_FAILED"))
		}
	}
	a := w.Ask("PATCH", "/api/tasks"+id+"/toggle", "", `If-Match: "1"`).Want(200, "").Has(done)
	w.Ask("PATCH", "/api/tasks"+id+"/toggle", "", `If-Match: "1"`).Want(412, "PRECONDITION_FAILED")
	w.Ask("PATCH", "/api/tasks"+id+"/complete", `{"completed": true}`, `If-Match: "1"`).Want(200, "").Has(done) // which it is: the first reply was lost
	if etag := a.Header.Get("ETag") + w.Ask("GET", "/api/tasks"+id, "").Header.Get("ETag"); etag != "" {
		t.Errorf("a reply that looks another way in another dialect has the validator %s", etag)
	}
}

func TestEveryAddressSaysWhatItsMethodsAre(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}))
	allow := map[string]string{
		"": "GET, HEAD, OPTIONS, POST", noTask: "DELETE, GET, HEAD, OPTIONS, PATCH, PUT", noTask + "/complete": "DELETE, OPTIONS, PATCH, POST",
		noTask + "/toggle": "OPTIONS, PATCH", noTask + "/status": "OPTIONS, PATCH", noTask + "/uncomplete": "OPTIONS, POST",
	}
	for _, base := range addresses(w.ID) {
		for below, methods := range allow {
			for _, slash := range []string{"", "/"} {
				path := base + below + slash
				if a := w.Ask("OPTIONS", path, "", "Authorization:").Want(204, ""); a.Header.Get("Allow") != methods {
					t.Errorf("%s has the methods %s, want %s", path, a.Header.Get("Allow"), methods)
				}
				if a := w.Ask("TRACE", path, "").Want(405, "METHOD_NOT_ALLOWED"); a.Header.Get("Allow") != methods {
					t.Errorf("%s is refused with the methods %s, want %s", path, a.Header.Get("Allow"), methods)
				}
			}
		}
	}
}

func TestPagesOfAllowedOriginsMayReadTheTotal(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}), func(o *Options) { o.AllowedOrigins = []string{app} })
	for _, path := range []string{"/api/tasks", "/api/tasks/", "/api/bob/tasks", "/api/nowhere"} {
		a := w.Ask("GET", path, "", "Origin: "+app)
		if a.Header.Get("Access-Control-Allow-Origin") != app || a.Header.Get("Access-Control-Allow-Credentials") != "true" || !strings.Contains(a.Header.Get("Access-Control-Expose-Headers"), "X-Total-Count") {
			t.Errorf("%s has the headers %v", path, a.Header)
		}
	}
	a := w.Ask("OPTIONS", "/api/bob/tasks/", "", "Authorization:", "Origin: "+app, "Access-Control-Request-Method: PATCH", "Access-Control-Request-Headers: authorization,content-type").Want(204, "")
	if !strings.Contains(a.Header.Get("Access-Control-Allow-Methods"), "PATCH") || !strings.Contains(a.Header.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("a preflight has the headers %v", a.Header)
	}
}

func TestThisDoorCountsAgainstTheSameLimits(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}), limited(newPurse(2)))
	w.Ask("POST", "/v1/tasks", `{"title": "x"}`).Want(201, "")
	w.Ask("POST", "/api/tasks", `{"title": "x"}`, "Idempotency-Key: k").Want(201, "")
	w.Ask("POST", "/api/tasks", `{"title": "x"}`).Want(429, "RATE_LIMITED")
	for range 2 {
		w.Ask("GET", "/api/tasks", "").Want(200, "")
	}
	checkFault(t, w.Ask("GET", "/api/"+w.ID+"/tasks", "").Want(429, "RATE_LIMITED"))
}
