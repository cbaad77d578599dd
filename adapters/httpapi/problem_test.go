package httpapi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"taskhold/adapters/httpapi/apitest"
	"taskhold/domain/fault"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

const anyTask = "/v1/tasks/01934f2e-9a00-7000-8000-000000000000"

func TestEveryKindOfFaultHasAStatus(t *testing.T) {
	for _, kind := range fault.Kinds() {
		if statusOf(kind) == 0 {
			t.Errorf("%v has none", kind)
		}
	}
	if status := statusOf(0); status != 0 {
		t.Errorf("what is no kind has %d", status)
	}
}

func TestEveryFaultHasThePageOfItsStatus(t *testing.T) {
	for _, f := range []*fault.Error{
		task.ErrNotFound, task.ErrStale, task.ErrInvalid, task.ErrQuota, identity.ErrNoUser, identity.ErrErased,
		ports.ErrTokenInvalid, ports.ErrTokenExpired, ports.ErrKeysUnavailable, ports.ErrKeyBusy, ports.ErrKeyReused,
		ports.ErrTooManyKeys, ports.ErrUnavailable,
	} {
		if page := catalogue[f.Code]; page.Status != statusOf(f.Kind) {
			t.Errorf("%s is answered with %d, its page says %d", f.Code, statusOf(f.Kind), page.Status)
		}
	}
}

func TestEveryRefusalHasAPage(t *testing.T) {
	for _, code := range []string{
		codeMalformed, codeParameter, codeCursor, codeNotFound, codeMethod, codeNotAcceptable, codeRequestTimeout, codeTooLarge,
		codeMediaType, codeRateLimited, codeHeadersTooLarge, codeInternal, codeUnavailable, codeTimeout, codeValidationFailed,
	} {
		if p := refuse(code, "x").problem(); p.status == 0 || p.Title == "" {
			t.Errorf("%s has none", code)
		}
	}
}

var errSecret = errors.New("SELECT secret FROM tasks WHERE password = 'x' at /srv/app.go:12")

func TestAFailureIsToldByItsKindAndItsCauseToOperatorsAlone(t *testing.T) {
	for name, test := range map[string]struct {
		err    error
		status int
		code   string
		header string // name and value of one that has to be there
		told   bool   // whether operators are told of the cause
	}{
		"a bug":                     {errSecret, 500, "INTERNAL", "", true},
		"a bare kind":               {fault.Kind(0), 500, "INTERNAL", "", true},
		"a fault of no known kind":  {fault.New(99, "X", "secret"), 500, "INTERNAL", "", true},
		"the store is gone":         {errors.Join(ports.ErrUnavailable, errSecret), 503, "UNAVAILABLE", "Retry-After 5", true},
		"the store waited too long": {errors.Join(ports.ErrUnavailable, context.DeadlineExceeded), 503, "UNAVAILABLE", "Retry-After 5", true},
		"the time is up":            {fmt.Errorf("find: %w (%w)", context.DeadlineExceeded, errSecret), 504, "TIMEOUT", "", true},
		"the server is going":       {fmt.Errorf("find: %w", context.Canceled), 503, "UNAVAILABLE", "Retry-After 5", true},
		"an erased user":            {identity.ErrErased, 401, "UNAUTHENTICATED", `WWW-Authenticate Bearer realm="todo", error="invalid_token", error_description="The access token is invalid"`, true},
		"many lost races":           {task.ErrStale, 409, "CONFLICT", "Retry-After 1", false},
		"no such task":              {fmt.Errorf("find: %w", task.ErrNotFound), 404, "NOT_FOUND", "", false},
		"no room":                   {task.ErrQuota, 422, "QUOTA_EXCEEDED", "", false},
		"too many keys":             {ports.ErrTooManyKeys, 429, "RATE_LIMITED", "Retry-After 3600", false},
	} {
		t.Run(name, func(t *testing.T) {
			var j journal
			w := newWorld(t, failing(test.err), observing(&j))
			a := w.Ask("PATCH", anyTask, `{}`).Want(test.status, test.code)
			if name, value, _ := strings.Cut(test.header, " "); a.Header.Get(name) != value {
				t.Errorf("%s is %q, want %q", name, a.Header.Get(name), value)
			}
			if strings.Contains(strings.ToLower(a.Text+fmt.Sprint(a.Header)), "secret") {
				t.Errorf("the client is told the cause: %s", a.Text)
			}
			if cause := j.last(t).Cause; (cause != nil) != test.told || test.told && !errors.Is(cause, test.err) {
				t.Errorf("operators are told %v, want %v", cause, test.err)
			}
		})
	}
}

func TestAPanicIsAFailureOfOneRequest(t *testing.T) {
	var j journal
	for name, value := range map[string]any{"an error": errSecret, "a text": "secret", "nothing": nil} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, editing(func(context.Context) error { panic(value) }), observing(&j))
			if a := w.Ask("PATCH", anyTask, `{}`).Want(500, "INTERNAL"); strings.Contains(a.Text, "secret") {
				t.Errorf("the client is told: %s", a.Text)
			}
			cause := fmt.Sprint(j.last(t).Cause)
			if !strings.Contains(cause, "problem_test.go") || name == "a text" && strings.Contains(cause, "secret") {
				t.Errorf("operators are told %s", cause)
			}
			w.Ask("GET", "/v1/tasks", "").Want(200, "")
		})
	}
}

func TestOneFailureInABatchThatIsNotAtomicIsToldToOperators(t *testing.T) {
	var j journal
	w := newWorld(t, failing(errSecret), observing(&j))
	a := w.Ask("POST", "/v1/tasks/batch", `{"atomic": false, "operations": [{"op": "create", "task": {"title": "x"}}]}`).Want(207, "")
	if strings.Contains(a.Text, "secret") || !strings.Contains(a.Text, `"status":500`) {
		t.Errorf("the client is told: %s", a.Text)
	}
	if !errors.Is(j.last(t).Cause, errSecret) {
		t.Errorf("operators are told %v", j.last(t).Cause)
	}
}

func TestAKeyIsFreeAgainAfterAFailure(t *testing.T) {
	failures := 1
	w := newWorld(t, editing(func(context.Context) error {
		if failures--; failures >= 0 {
			return ports.ErrUnavailable
		}
		return nil
	}))
	path := w.Create(`{"title": "x"}`)
	w.Ask("PATCH", path, `{"title": "y"}`, "Idempotency-Key: k").Want(503, "UNAVAILABLE")
	a := w.Ask("PATCH", path, `{"title": "y"}`, "Idempotency-Key: k").Want(200, "")
	if a.Header.Get("Idempotent-Replayed") != "" {
		t.Error("the failure was kept")
	}
}

func TestATwinOfARunningRequestIsToldToComeBack(t *testing.T) {
	running, goOn := make(chan struct{}), make(chan struct{})
	w := newWorld(t, editing(func(context.Context) error {
		close(running)
		<-goOn
		return nil
	}))
	path, first := w.Create(`{"title": "x"}`), make(chan apitest.Answer, 1)
	go func() { first <- w.Ask("PATCH", path, `{"title": "y"}`, "Idempotency-Key: k") }()
	<-running
	twin := w.Ask("PATCH", path, `{"title": "y"}`, "Idempotency-Key: k").Want(409, "IDEMPOTENCY_IN_PROGRESS")
	if twin.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After is %q", twin.Header.Get("Retry-After"))
	}
	close(goOn)
	a := <-first
	a.Want(200, "")
}

func TestTheQuotaOfTasksIsTold(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Tasks = newTasks(2) })
	w.Create(`{"title": "x"}`)
	w.Create(`{"title": "x"}`)
	w.Ask("POST", "/v1/tasks", `{"title": "x"}`).Want(422, "QUOTA_EXCEEDED")
	w.Ask("POST", "/v1/tasks/batch", `{"operations": [{"op": "create", "task": {"title": "x"}}]}`).Want(422, "QUOTA_EXCEEDED").Has(`{"index": 0}`)
}

func TestTokensThatCannotBeUsedAreToldApart(t *testing.T) {
	var j journal
	w := newWorld(t, observing(&j))
	a := w.Ask("GET", "/v1/tasks", "", "Authorization: Bearer expired").Want(401, "UNAUTHENTICATED")
	if got := a.Header.Get("WWW-Authenticate"); got != `Bearer realm="todo", error="invalid_token", error_description="The access token expired"` {
		t.Errorf("the challenge is %s", got)
	}
	if strings.Contains(a.Text, "day") || !errors.Is(j.last(t).Cause, errHadItsDay) {
		t.Errorf("the client is told %s, operators %v", a.Text, j.last(t).Cause)
	}
	a = w.Ask("GET", "/v1/tasks", "", "Authorization: Bearer unverifiable").Want(503, "UNAVAILABLE")
	if a.Header.Get("WWW-Authenticate") != "" || a.Header.Get("Retry-After") == "" {
		t.Errorf("the headers are %v", a.Header)
	}
}

// shared answers every keyed request with the same reply.
type shared struct {
	ports.Tasks
	reply ports.Reply
}

func (s shared) Once(context.Context, identity.UserID, ports.Key, func(context.Context, ports.Tasks) (ports.Reply, error)) (ports.Reply, bool, error) {
	return s.reply, true, nil
}

func TestAKeptReplyIsNotWrittenOver(t *testing.T) {
	kept := []byte(`{"results":[{"status":204}]}`)
	w := newWorld(t, func(o *Options) { o.Tasks = shared{o.Tasks, ports.Reply{Status: 207, Body: kept}} })
	for range 3 {
		a := w.Ask("POST", "/v1/tasks/batch", `{"operations": [{"op": "delete", "id": "x"}]}`, "Idempotency-Key: k").Want(207, "")
		if a.Text != `{"results":[{"status":204}]}` {
			t.Errorf("got %s", a.Text)
		}
		w.Ask("GET", "/v1/tasks", "").Want(200, "")
	}
}
