package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"taskhold/adapters/httpapi/apitest"
	"taskhold/domain/identity"
	"taskhold/ports"
)

// addresses are the five of one user's tasks.
func addresses(user string) []string {
	user = url.PathEscape(user)
	return []string{"/api/tasks", "/api/v1/tasks", "/api/todos", "/api/" + user + "/tasks", "/api/users/" + user + "/tasks"}
}

const noTask = "/01934f2e-9a00-7000-8000-000000000000"

// asked are all requests that are about one task, and what they get if there
// is none.
var asked = []struct{ method, below, body string }{
	{"GET", "", ""},
	{"PUT", "", `{"title": "x"}`},
	{"PUT", "", `{"title": ""}`},
	{"PATCH", "", `{"title": "x"}`},
	{"PATCH", "", `{}`},
	{"DELETE", "", ""},
	{"PATCH", "/complete", ""},
	{"PATCH", "/toggle", ""},
	{"PATCH", "/status", `{"status": "completed"}`},
	{"PATCH", "/status", `{"status": "x"}`},
	{"POST", "/complete", ""},
	{"DELETE", "/complete", ""},
	{"POST", "/uncomplete", ""},
}

var itsOwn = regexp.MustCompile(`"timestamp":"[^"]+","request_id":"[^"]+"`)

// anonymous is all that a refusal says but when it was made, and for whom.
func anonymous(t *testing.T, a apitest.Answer) string {
	t.Helper()
	if !itsOwn.MatchString(a.Text) {
		t.Errorf("%s lacks its time and its name", a.Text)
	}
	a.Header.Del("Date")
	a.Header.Del("X-Request-Id")
	return fmt.Sprint(a.Status, a.Header, itsOwn.ReplaceAllString(a.Text, "")) // in the order of the names
}

// TestAnothersTaskIsAsAbsentAsNone asks for every kind of thing that is not
// the user's in every way, and wants one answer.
func TestAnothersTaskIsAsAbsentAsNone(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}))
	ann, bob := w.Client, w.User(t, "bob")
	id := strings.TrimPrefix(ann.Create(milk), "/v1/tasks")
	want := anonymous(t, bob.Ask("GET", "/api/tasks"+noTask, "").Want(404, "NOT_FOUND"))
	paths := []string{}
	for _, base := range addresses(bob.ID) {
		paths = append(paths, base+id, base+strings.ToUpper(id), base+"/7", base+"/tasks", base+"/%2e%2e", base+"/..%2f"+ann.ID+"%2ftasks%2f"+id[1:], base+id+"%00")
	}
	for _, base := range addresses(ann.ID)[3:] {
		paths = append(paths, base+id, base+noTask, base+"/7")
	}
	for i, path := range paths {
		for j, r := range asked {
			header := []string{"Accept: */*", `If-Match: "1"`, "Idempotency-Key: " + rand.Text()}[(i+j)%3]
			a := bob.Ask(r.method, path+r.below+[]string{"", "/"}[(i+j)%2], r.body, header).Want(404, "NOT_FOUND")
			if got := anonymous(t, a); got != want {
				t.Errorf("%s %s%s %s with %s: got %s, want %s", r.method, path, r.below, r.body, header, got, want)
			}
		}
	}
	ann.Get("/v1/tasks" + id).Has(milk).Has(`{"version": 1}`)
}

// TestAnothersListIsNone is about addresses that name somebody else.
func TestAnothersListIsNone(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}))
	ann, bob := w.Client, w.User(t, "bob")
	ann.Create(milk)
	want := anonymous(t, bob.Ask("GET", "/api/tasks"+noTask, "").Want(404, "NOT_FOUND"))
	for _, name := range []string{
		ann.ID, strings.ToUpper(bob.ID), bob.ID + "%20", bob.ID + "%00", "%62ob", url.PathEscape(url.PathEscape(bob.ID) + "%2F"),
		"me", "*", "null", "0", ".", "%2e%2e", "..%2f" + bob.ID, bob.ID + "%2ftasks", bob.ID + "+", strings.Repeat("a", 4000), "ann,bob", "%F0%9F%99%82",
	} {
		for _, base := range []string{"/api/" + name + "/tasks", "/api/users/" + name + "/tasks"} {
			for _, a := range []apitest.Answer{
				bob.Ask("GET", base, ""), bob.Ask("GET", base+"/?status=all", ""), bob.Ask("POST", base, `{"title": "x"}`), bob.Ask("POST", base, `{"title": ""}`),
				bob.Ask("POST", base, `{"title": "x"}`, "Idempotency-Key: "+rand.Text()),
			} {
				if got := anonymous(t, a.Want(404, "NOT_FOUND")); got != want {
					t.Errorf("%s: got %s, want %s", a.Request.URL, got, want)
				}
			}
		}
	}
	bob.Ask("GET", "/v1/tasks", "").Has(`{"items": []}`)
	for _, base := range addresses(bob.ID) {
		if a := bob.Ask("GET", base, "").Want(200, ""); a.Text != "[]" || a.Header.Get("X-Total-Count") != "0" {
			t.Errorf("%s lists %s of %s", base, a.Text, a.Header.Get("X-Total-Count"))
		}
	}
}

// TestAnAddressThatIsNotWellFormedNamesNobody is about escapes that no HTTP
// client of Go's would send.
func TestAnAddressThatIsNotWellFormedNamesNobody(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}))
	for _, name := range []string{w.ID + "%", w.ID + "%2", w.ID + "%zz", "%", w.ID + "|", "\xff"} {
		for _, path := range []string{"/api/" + name + "/tasks", "/api/users/" + name + "/tasks" + noTask} {
			status, body, _ := send(t, w.URL, "GET "+path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "+tokenOf(w.ID)+"\r\n\r\n")
			if status != 404 || !includes(parse(t, body), parse(t, gone404)) {
				t.Errorf("%q: got %d %s", path, status, body)
			}
		}
	}
}

// coded vouches for users whose ids no header could hold.
type coded struct{}

func (coded) Verify(_ context.Context, token string) (identity.UserID, error) {
	user, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return identity.UserID{}, ports.ErrTokenInvalid
	}
	return identity.ParseUserID(string(user))
}

// TestUsersOfAnyIdAreReached are those of issuers with ids of their own form.
func TestUsersOfAnyIdAreReached(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}), func(o *Options) { o.Verifier = coded{} })
	s := *w.Service
	s.Token = func(user string) string { return base64.RawURLEncoding.EncodeToString([]byte(user)) }
	for _, id := range []string{
		"1", "a/b", "org|usr/1", "a b", "a+b", "a%2Fb", "100%", "?q#f", "ünï", "🙂", "..", ".", "a;b=c", "a:b@c", "*", "(x)", ":user_id", `"quoted"`, "tasks/1", strings.Repeat("x", 255),
	} {
		c := s.As(t, id)
		made := c.Ask("POST", "/api/users/"+url.PathEscape(id)+"/tasks", `{"title": "x"}`).Want(201, "").Has(`{"title": "x"}`)
		if made.JSON["user_id"] != id {
			t.Errorf("the task of %q belongs to %v", id, made.JSON["user_id"])
		}
		c.Ask("GET", made.Header.Get("Location"), "").Want(200, "")
		for _, base := range addresses(id) {
			if got := titlesOf(t, c.Ask("GET", base, "")); got != "x" {
				t.Errorf("%s lists %q", base, got)
			}
			c.Ask("PATCH", base+"/"+made.JSON["id"].(string)+"/toggle", "").Want(200, "")
		}
	}
}

// TestReservedNamesAreNoUsers: whoever has such an id is reached all the same.
func TestReservedNamesAreNoUsers(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}))
	for _, id := range reserved {
		c := w.As(t, id)
		made := c.Ask("POST", "/api/users/"+id+"/tasks", `{"title": "x"}`).Want(201, "")
		below := "/" + made.JSON["id"].(string)
		for _, path := range []string{"/api/" + id + "/tasks" + below + below, "/api/" + id + "/tasks" + below + "/x", "/api/" + id + "/tasks/x/y"} {
			c.Ask("GET", path, "").Want(404, "NOT_FOUND").Has(`{"detail": "There is nothing at this address."}`)
		}
		switch path := "/api/" + id + "/tasks"; id {
		case "v1":
			c.Ask("GET", path, "").Want(200, "")
			c.Ask("GET", path+below, "").Want(200, "")
		case "tasks", "todos":
			c.Ask("GET", path, "").Want(404, "NOT_FOUND").Has(`{"detail": "There is no such task."}`) // of the id "tasks"
			c.Ask("POST", path, `{"title": "x"}`).Want(405, "METHOD_NOT_ALLOWED")
			c.Ask("GET", path+below, "").Want(404, "NOT_FOUND").Has(`{"detail": "There is nothing at this address."}`)
		default:
			for _, method := range []string{"GET", "POST", "PUT", "OPTIONS"} {
				c.Ask(method, path, "").Want(404, "NOT_FOUND").Has(`{"detail": "There is nothing at this address."}`)
				c.Ask(method, path+below, "").Want(404, "NOT_FOUND").Has(`{"detail": "There is nothing at this address."}`)
			}
		}
	}
}

func TestAddressesOfFrontEndsAreExact(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}))
	for _, path := range []string{
		"/api/", "/api/tasks//", "/api//tasks", "/API/tasks", "/api/Tasks", "/api/todo", "/api/v2/tasks/x/y", "/api/v1/todos", "/api/users/tasks", "/api/users//tasks",
		"/api/a/b/tasks", "/api/auth/login", "/api/auth/sign-in/email", "/api/tags", "/api/tasks/x/done", "/api/tasks/x/complete/y", "/api%2ftasks", "/api/task%73",
	} {
		a := w.Ask("GET", path, "", "Authorization:")
		a.Want(404, "NOT_FOUND")
		if isFront([]byte(path)) && !includes(parse(t, a.Text), parse(t, `{"message": "There is nothing at this address."}`)) {
			t.Errorf("%s is answered %s", path, a.Text)
		}
	}
}

// TestATokenIsWantedAtEveryAddress: an address that names a user is no token.
func TestATokenIsWantedAtEveryAddress(t *testing.T) {
	var j journal
	w := newWorld(t, speaking(Dialect{}), observing(&j))
	id := strings.TrimPrefix(w.Create(milk), "/v1/tasks")
	const none, bad, old = `Bearer realm="todo"`, `Bearer realm="todo", error="invalid_token", error_description="The access token is invalid"`,
		`Bearer realm="todo", error="invalid_token", error_description="The access token expired"`
	for header, want := range map[string]string{
		"Authorization:": none, "Authorization: Basic YTpi": none, "Authorization: Bearer": bad, "Authorization: Bearer x.y.z": bad, "Authorization: Bearer\t" + tokenOf(w.ID): bad,
		"Authorization: Bearer null": bad, "Authorization: Bearer undefined": bad, "Authorization: Bearer expired": old,
	} {
		for _, base := range addresses(w.ID) {
			for _, r := range append(asked, struct{ method, below, body string }{"GET", "?access_token=" + tokenOf(w.ID), ""}) {
				a := w.Ask(r.method, base+id+r.below, r.body, header, "Cookie: token="+tokenOf(w.ID)).Want(401, "UNAUTHENTICATED")
				if got := a.Header.Get("WWW-Authenticate"); got != want {
					t.Errorf("%s %s with %s: %s, want %s", r.method, base, header, got, want)
				}
				if told := j.last(t); !told.User.IsZero() {
					t.Errorf("%s is somebody: %v", header, told.User)
				}
			}
			w.Ask("GET", base, "", header).Want(401, "UNAUTHENTICATED")
			w.Ask("POST", base, `{"title": "x"}`, header).Want(401, "UNAUTHENTICATED")
		}
	}
	for _, base := range addresses(w.ID) {
		w.Ask("GET", base, "", "+Authorization: Bearer "+tokenOf("bob")).Want(400, "MALFORMED_REQUEST")
		w.Ask("GET", base, "", "Authorization: bearer   "+tokenOf(w.ID)).Want(200, "")
	}
	w.Get("/v1/tasks" + id).Has(milk).Has(`{"version": 1}`)
}

// TestNobodySetsWhatTheServerSets sends what attackers send.
func TestNobodySetsWhatTheServerSets(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}))
	for _, body := range []string{
		`{"title": "x", "user_id": "bob", "userId": "bob", "USER_ID": "bob", "u\u017fer_id": "bob", "owner": "bob"}`,
		`{"title": "x", "id": "01934f2e-9a00-7000-8000-000000000000", "version": 99, "created_at": "2000-01-01T00:00:00Z", "completed_at": "2000-01-01T00:00:00Z", "updatedAt": 1}`,
	} {
		a := w.Ask("POST", "/api/tasks?user_id=bob", body, "X-User-Id: bob", "X-HTTP-Method-Override: DELETE").Want(201, "").Has(`{"version": 1, "completed_at": null}`)
		if a.JSON["user_id"] != w.ID || a.JSON["id"] == "01934f2e-9a00-7000-8000-000000000000" || a.JSON["created_at"] == "2000-01-01T00:00:00Z" {
			t.Errorf("%s made %s", body, a.Text)
		}
		w.Ask("PUT", a.Header.Get("Location"), body).Want(200, "").Has(`{"version": 1}`)
	}
	w.As(t, "bob").Ask("GET", "/v1/tasks", "").Has(`{"items": []}`)
}

func TestTheRouteThatIsToldNamesNobody(t *testing.T) {
	var j journal
	w := newWorld(t, speaking(Dialect{}), observing(&j))
	for path, route := range map[string]string{
		"/api/tasks" + noTask: "/api/tasks/:id", "/api/" + w.ID + "/tasks": "/api/:user_id/tasks", "/api/users/" + w.ID + "/tasks/": "/api/users/:user_id/tasks/",
		"/api/v1/tasks" + noTask + "/toggle/": "/api/v1/tasks/:id/toggle/", "/api/auth/tasks": "", "/api/x": "",
	} {
		w.Ask("GET", path, "")
		if got := j.last(t).Route; got != route {
			t.Errorf("%s is told as %q, want %q", path, got, route)
		}
	}
}
