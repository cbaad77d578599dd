package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"taskhold/adapters/httpapi/apitest"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// documented is one operation of a document: a method of a path.
type documented struct {
	method, path string
	statuses     []int
}

// documentedIn returns the operations of a document, whose paths begin with a
// base.
func documentedIn(t *testing.T, name, base string) (all []documented) {
	t.Helper()
	var document struct {
		Paths map[string]map[string]json.RawMessage
	}
	text, err := files.ReadFile(name)
	if err := errors.Join(err, json.Unmarshal(text, &document)); err != nil {
		t.Fatal(err)
	}
	for path, methods := range document.Paths {
		for method, text := range methods {
			var operation struct{ Responses map[string]any }
			_ = json.Unmarshal(text, &operation) // parameters of a path are no operation
			one := documented{method: strings.ToUpper(method), path: strings.TrimSuffix(base+path, "/")}
			for key := range operation.Responses {
				status, err := strconv.Atoi(key)
				if err != nil {
					t.Errorf("%s %s lists %q", method, path, key)
				}
				one.statuses = append(one.statuses, status)
			}
			if method != "parameters" {
				all = append(all, one)
			}
		}
	}
	return all
}

// bodies are what operations are sent that read a body.
var bodies = map[string]string{
	"POST /v1/tasks":       `{"title": "x"}`,
	"POST /api/tasks":      `{"title": "x"}`,
	"PUT /v1/tasks/{id}":   milk,
	"PUT /api/tasks/{id}":  `{"title": "x"}`,
	"POST /v1/tasks/batch": `{"operations": [{"op": "patch", "id": "{id}", "if_match": "\"1\"", "patch": {"title": "x"}}]}`,
}

// asking is a request to be: {id} stands for a task, {user} for who asks.
type asking struct {
	method, path, body string
	id                 string
	headers            []string
}

// ask is a request that is as it should be, of a user who has a task.
func (o documented) ask(t *testing.T, store ports.Tasks, user string) asking {
	t.Helper()
	who, _ := identity.ParseUserID(user)
	stored, err := store.Create(t.Context(), who, task.Change{Title: task.Some("milk")})
	if err != nil {
		t.Fatal(err)
	}
	body, known := bodies[o.method+" "+o.path]
	if !known && o.method != "GET" && o.method != "HEAD" {
		body = `{}`
	}
	return asking{method: o.method, path: strings.Replace(o.path, "{slug}", "not-found", 1), body: body, id: stored.ID().String()}
}

// way is how to be answered with a status: what the server is like, and what
// is asked of it. None of either is an ordinary server and an ordinary request.
type way struct {
	server func(*Options)
	ask    func(asking) asking
}

// headed asks with headers that change the answer.
func headed(headers ...string) way {
	return way{ask: func(a asking) asking { a.headers = slices.Clone(headers); return a }}
}

// ways are those of each status, whatever the operation.
var ways = map[int]way{
	200: {server: func(o *Options) { o.Dialect = &Dialect{Delete: "200"} }},
	201: {},
	204: {},
	207: {ask: func(a asking) asking {
		a.body = strings.Replace(a.body, `{`, `{"atomic": false, `, 1)
		return a
	}},
	304: headed(`If-None-Match: "1"`),
	400: headed("+Authorization: Bearer another"),
	401: headed("Authorization:"),
	403: {withCookies, headed("Authorization:", plain+"="+tokenOf("{user}")).ask},
	404: {ask: func(a asking) asking {
		a.path = strings.Replace(a.path, "/api/tasks", "/api/another/tasks", 1)
		a.path = strings.Replace(a.path, "not-found", "none", 1)
		a.id = strings.TrimPrefix(anyTask, "/v1/tasks/")
		return a
	}},
	406: headed("Accept: text/html"),
	409: {broken(ports.ErrKeyBusy), headed("Idempotency-Key: k").ask},
	412: {ask: func(a asking) asking {
		a.body = strings.Replace(a.body, `"\"1\""`, `"\"9\""`, 1)
		if !strings.HasSuffix(a.path, "/batch") {
			a.headers = []string{`If-Match: "9"`}
		}
		return a
	}},
	413: {ask: func(a asking) asking { a.body += strings.Repeat(" ", maxBatchBody); return a }},
	415: headed("Content-Type: text/plain"),
	422: headed("Idempotency-Key: used"),
	429: {server: func(o *Options) { o.Limiter = newPurse(0) }},
	431: headed("X-Padding: " + strings.Repeat("x", 17<<10)),
	500: {server: func(o *Options) {
		broken(errSecret)(o)
		o.Ready = func(context.Context) error { panic(errSecret) }
	}},
	503: {server: func(o *Options) {
		broken(ports.ErrUnavailable)(o)
		o.Ready = func(context.Context) error { return ports.ErrUnavailable }
	}},
	504: {server: func(o *Options) {
		broken(nil)(o)
		o.RequestTimeout = time.Millisecond
	}},
}

// brokenStore fails with err, or keeps everybody waiting if that is nil.
type brokenStore struct{ err error }

func broken(err error) func(*Options) {
	return func(o *Options) { o.Tasks = tasksIn(brokenStore{err}, 1000) }
}

func (b brokenStore) fail(ctx context.Context) error {
	if b.err == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	return b.err
}

func (b brokenStore) Find(ctx context.Context, _ identity.UserID, _ task.ID) (task.Task, error) {
	return task.Task{}, b.fail(ctx)
}

func (b brokenStore) List(ctx context.Context, _ identity.UserID, _ ports.Query) (ports.Page, error) {
	return ports.Page{}, b.fail(ctx)
}

func (b brokenStore) Insert(ctx context.Context, _ task.Task, _ int) error { return b.fail(ctx) }

func (b brokenStore) Save(ctx context.Context, _ task.Task) error { return b.fail(ctx) }

func (b brokenStore) Delete(ctx context.Context, _ identity.UserID, _ task.ID, _ int64) error {
	return b.fail(ctx)
}

func (b brokenStore) Atomically(ctx context.Context, _ identity.UserID, _ func(context.Context, ports.Unit) error) error {
	return b.fail(ctx)
}

// TestEachOperationIsAnsweredWithEachStatusThatItLists: who reads a document
// believes that there is such an answer. That there is no other, the client of
// all these tests sees to.
func TestEachOperationIsAnsweredWithEachStatusThatItLists(t *testing.T) {
	listing := map[int][]documented{}
	for _, o := range append(documentedIn(t, "openapi.json", ""), documentedIn(t, "openapi-api.json", "/api/tasks")...) {
		for _, status := range o.statuses {
			listing[status] = append(listing[status], o)
		}
	}
	if len(listing) < 20 || len(listing[200]) < 25 {
		t.Fatalf("the documents list %v: they were not read", listing)
	}
	for status, operations := range listing {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			store := newTasks(1000)
			s := newServer(t, under(status, store))
			if status == 408 {
				s.app.Server().ReadTimeout = time.Second
			}
			w := serve(t, s)
			var all sync.WaitGroup
			for i, o := range operations {
				user := "user-" + strconv.Itoa(i)
				all.Go(func() {
					if got := o.ask(t, store, user).sent(w.As(t, user), status); got != status {
						t.Errorf("%s %s: got %d", o.method, o.path, got)
					}
				})
			}
			all.Wait()
		})
	}
}

// under is the server of a status.
func under(status int, store ports.Tasks) func(*Options) {
	return func(o *Options) {
		o.Tasks, o.Dialect = store, new(Dialect)
		if change := ways[status].server; change != nil {
			change(o)
		}
	}
}

// sent asks for a status and returns what the answer was.
func (a asking) sent(c apitest.Client, status int) int {
	if change := ways[status].ask; change != nil {
		a = change(a)
	}
	fill := strings.NewReplacer("{id}", a.id, "{user}", c.ID).Replace
	for i, header := range a.headers {
		a.headers[i] = fill(header)
	}
	switch status {
	case 408:
		return c.Begin(a.method, fill(a.path)).StatusCode
	case 422: // for a key of another request
		c.Ask("POST", "/v1/tasks", `{"title": "another"}`, a.headers...).Want(201, "")
	}
	return c.Ask(a.method, fill(a.path), fill(a.body), a.headers...).StatusCode
}
