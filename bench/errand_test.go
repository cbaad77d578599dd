package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

const secret = "a secret of the tests, of at least 32 bytes"

func oneCaller(t *testing.T) *caller {
	t.Helper()
	all, err := callers(world{users: 8, each: 2 * pageSize}.crowd(1), secret)
	if err != nil || len(all) != 2 {
		t.Fatalf("callers = %d, %v; want 2", len(all), err)
	}
	return all[0]
}

func TestRequestsAreWhatTheAPITakes(t *testing.T) {
	u := oneCaller(t)
	random := rand.New(rand.NewPCG(1, 2))
	open, done := u.kept[1], u.kept[0]
	for _, c := range []struct {
		errand errand
		want   string
		body   string
	}{
		{u.errand(list, random), "GET /v1/tasks?limit=50", ""},
		{errand{op: get, user: u, id: open.id}, "GET /v1/tasks/" + open.id, ""},
		{u.errand(create, random), "POST /v1/tasks", newTask},
		{errand{op: change, user: u, id: open.id, task: open}, "POST /v1/tasks/" + open.id + "/complete", ""},
		{errand{op: change, user: u, id: done.id, task: done}, "POST /v1/tasks/" + done.id + "/reopen", ""},
		{errand{op: remove, user: u, id: open.id}, "DELETE /v1/tasks/" + open.id, ""},
	} {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(c.errand.appendRequest(nil))))
		if err != nil {
			t.Fatalf("%s: %v", c.want, err)
		}
		body, err := io.ReadAll(r.Body)
		if got := r.Method + " " + r.RequestURI; got != c.want || string(body) != c.body || err != nil {
			t.Errorf("got %s with %q, %v; want %s with %q", got, body, err, c.want, c.body)
		}
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		var claims jwt.RegisteredClaims
		if _, err := jwt.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return []byte(secret), nil }); err != nil || claims.Subject != u.id {
			t.Errorf("%s: the token is of %q, want %q: %v", c.want, claims.Subject, u.id, err)
		}
	}
}

func TestAnswersThatAreNotTheUsersAreWrong(t *testing.T) {
	u := oneCaller(t)
	mine, other := `{"user_id":"`+u.id+`","id":"1","completed":true}`, `{"user_id":"somebody","id":"1","completed":true}`
	changed := &callersTask{id: "1"}
	for name, c := range map[string]struct {
		errand errand
		status int
		body   string
		want   string // in the error; none if empty
	}{
		"a page of the user's":     {errand{op: list, user: u}, 200, strings.Repeat(mine, 50), ""},
		"a page with another's":    {errand{op: list, user: u}, 200, strings.Repeat(mine, 49) + other, "50 tasks, of which 49"},
		"a page with one too many": {errand{op: list, user: u}, 200, strings.Repeat(mine, 51), "want 50"},
		"a short page":             {errand{op: list, user: u}, 200, strings.Repeat(mine, 49), "want 50"},
		"the task":                 {errand{op: get, user: u, id: "1"}, 200, mine, ""},
		"another task":             {errand{op: get, user: u, id: "2"}, 200, mine, `task "1", want "2"`},
		"another's task":           {errand{op: get, user: u, id: "1"}, 200, other, "of which 0"},
		"no task":                  {errand{op: get, user: u, id: "1"}, 404, "", "status 404, want 200"},
		"a created one":            {errand{op: create, user: u}, 201, mine, ""},
		"a created one as 200":     {errand{op: create, user: u}, 200, mine, "want 201"},
		"a completed one":          {errand{op: change, user: u, id: "1", task: changed}, 200, mine, ""},
		"one that is as it was": {
			errand{op: change, user: u, id: "1", task: &callersTask{id: "1", done: true}}, 200, mine, "nothing changed",
		},
		"a deleted one":            {errand{op: remove, user: u, id: "1"}, 204, "", ""},
		"one that is still there":  {errand{op: remove, user: u, id: "1"}, 204, mine, "want 0"},
		"a server that is full":    {errand{op: get, user: u, id: "1"}, 503, "", "refused"},
		"a user who asks too much": {errand{op: get, user: u, id: "1"}, 429, "", "refused"},
	} {
		err := c.errand.check(c.status, []byte(c.body))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %q", name, err, c.want)
		}
		if errors.Is(err, errRefused) != (c.status == 503 || c.status == 429) {
			t.Errorf("%s: %v is taken for a refusal, or is none", name, err)
		}
	}
	if !changed.done {
		t.Error("a completed task is not remembered as such")
	}
	if id, ok := u.takeSpare(); !ok || id != "1" {
		t.Errorf("the created task is not there to be deleted: %q", id)
	}
}

func TestNobodyElseTouchesATaskThatChanges(t *testing.T) {
	u := oneCaller(t)
	u.kept = u.kept[:1]
	random := rand.New(rand.NewPCG(1, 2))
	first, second := u.errand(change, random), u.errand(change, random)
	if first.op != change || second.op != get {
		t.Errorf("operations %d and %d, want a change and a get", first.op, second.op)
	}
	first.over()
	second.over()
	if third := u.errand(change, random); third.op != change {
		t.Errorf("operation %d after the change is over, want another", third.op)
	}
}

func TestNoTaskIsDeletedTwice(t *testing.T) {
	u := oneCaller(t)
	random := rand.New(rand.NewPCG(1, 2))
	met := map[string]bool{}
	for e := u.errand(remove, random); e.op == remove; e = u.errand(remove, random) {
		if met[e.id] {
			t.Errorf("task %s is deleted again", e.id)
		}
		met[e.id] = true
	}
	if len(met) != pageSize {
		t.Errorf("%d tasks were deleted, want %d", len(met), pageSize)
	}
	for _, kept := range u.kept {
		if met[kept.id] {
			t.Errorf("task %s was to be kept", kept.id)
		}
	}
}
