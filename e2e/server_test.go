package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// server is the program, running.
type server struct {
	*process
	url string
}

var serverListens = regexp.MustCompile(`"msg":"listening".*"address":"([^"]+)"`)

// serve starts the program on a file of its own, unless the settings name a
// store, and has it end in good order with the test.
func serve(t *testing.T, settings ...string) *server {
	t.Helper()
	environment := append([]string{
		"DATABASE_URL=sqlite:" + filepath.Join(t.TempDir(), "tasks.db"),
		"API_HOST=127.0.0.1", "API_PORT=0", "ADMIN_ADDR=127.0.0.1:0",
	}, settings...)
	s := &server{process: start(t, "", environment, binary, "serve")}
	s.url = "http://" + s.await(t, serverListens)
	t.Cleanup(func() { s.stop(t) })
	return s
}

// serveWithKeys is serve, and waits until a token of the issuer can be judged:
// where the machine is busy, the first fetch of the keys may take too long.
func serveWithKeys(t *testing.T, token string, settings ...string) *server {
	t.Helper()
	s := serve(t, settings...)
	for deadline := time.Now().Add(patience); s.as(token).call(t, "GET", "/v1/tasks", "").status == http.StatusServiceUnavailable; {
		if time.Now().After(deadline) {
			t.Fatalf("the keys are not fetched in %s", patience)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return s
}

// as returns the server as the bearer of a token sees it.
func (s *server) as(token string) client {
	return client{s.url, map[string]string{"Authorization": "Bearer " + token}}
}

// client calls a server with credentials among its headers.
type client struct {
	url     string
	headers map[string]string
}

// reply is an answer of the server, read to its end.
type reply struct {
	status int
	header http.Header
	body   string
}

// task is what the tests look at of a task.
type task struct {
	ID        string `json:"id"`
	UserID    string `json:"user_id"`
	Title     string `json:"title"`
	Priority  string `json:"priority"`
	Completed bool   `json:"completed"`
	Version   int    `json:"version"`
}

// call sends a request, with a JSON body if it is not "".
func (c client) call(t *testing.T, method, path, body string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range c.headers {
		request.Header.Set(name, value)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var text bytes.Buffer
	if _, err := io.Copy(&text, answer.Body); err != nil {
		t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, text.String()}
}

// want calls and wants that status.
func (c client) want(t *testing.T, status int, method, path, body string) reply {
	t.Helper()
	r := c.call(t, method, path, body)
	if r.status != status {
		t.Fatalf("%s %s: got %d, want %d\n%s", method, path, r.status, status, r.body)
	}
	return r
}

func (r reply) task(t *testing.T) task {
	t.Helper()
	return decode[task](t, r)
}

func (c client) list(t *testing.T) []task {
	t.Helper()
	return decode[struct{ Items []task }](t, c.want(t, http.StatusOK, "GET", "/v1/tasks", "")).Items
}

func decode[T any](t *testing.T, r reply) T {
	t.Helper()
	var out T
	if err := json.Unmarshal([]byte(r.body), &out); err != nil {
		t.Fatalf("decode the reply: %v\n%s", err, r.body)
	}
	return out
}
