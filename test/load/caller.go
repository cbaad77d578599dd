package load

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// caller sends requests of one user.
type caller struct {
	load        *Load
	name, token string
	http        *http.Client
}

func newCaller(l *Load, name string) caller {
	return caller{
		load: l, name: name, token: l.Token(name),
		http: &http.Client{Timeout: l.Timeout, Transport: &http.Transport{MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute}},
	}
}

// answer is a reply that was read to its end.
type answer struct {
	status   int
	text     string
	replayed bool
}

func (a answer) task() (t task) {
	_ = json.Unmarshal([]byte(a.text), &t) // what is no task has no id
	return t
}

// current is the task as a refusal shows it.
func (a answer) current() task {
	var problem struct{ Current task }
	_ = json.Unmarshal([]byte(a.text), &problem)
	return problem.Current
}

const retryPause = 100 * time.Millisecond

// ask sends a request, with a key for writes and a version for edits, until
// it is answered if clients retry, else once. It reports whether it was.
func (c *caller) ask(ctx context.Context, method, path, body, key, version string) (answer, bool) {
	for first := true; ctx.Err() == nil; first = false {
		began := time.Now()
		a, failure := c.try(ctx, method, path, body, key, version)
		if failure == "" {
			c.load.answered(method, a.status, time.Since(began), first)
			return a, true
		}
		c.load.failed(failure)
		if !c.load.Retry {
			return a, false
		}
		time.Sleep(retryPause)
	}
	return answer{}, false
}

// try sends a request once. A failure is what a client sends it again for.
func (c *caller) try(ctx context.Context, method, path, body, key, version string) (a answer, failure string) {
	request, err := http.NewRequestWithContext(ctx, method, c.load.URL+path, strings.NewReader(body))
	if err != nil {
		return a, err.Error()
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	for name, value := range map[string]string{"Idempotency-Key": key, "If-Match": version} {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return a, "no reply"
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return a, "half a reply"
	}
	a = answer{response.StatusCode, string(text), response.Header.Get("Idempotent-Replayed") != ""}
	switch a.status {
	case http.StatusOK, http.StatusCreated, http.StatusPreconditionFailed, http.StatusNotFound:
		return a, ""
	}
	return a, strconv.Itoa(a.status)
}
