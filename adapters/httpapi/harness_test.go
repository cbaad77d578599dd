package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"taskhold/adapters/memory"
	"taskhold/adapters/system"
	"taskhold/application"
	"taskhold/domain/identity"
	"taskhold/ports"
)

// tokens vouches for "token-of-ann" as ann, and for nothing else.
type tokens struct{}

func (tokens) Verify(_ context.Context, token string) (identity.UserID, error) {
	switch name, ok := strings.CutPrefix(token, "token-of-"); {
	case ok:
		return identity.ParseUserID(name)
	case token == "expired":
		return identity.UserID{}, errors.Join(ports.ErrTokenExpired, errors.New("it had its day"))
	case token == "no-keys":
		return identity.UserID{}, ports.ErrKeysUnavailable
	}
	return identity.UserID{}, ports.ErrTokenInvalid
}

func newTasks(quota int) ports.Tasks {
	return application.NewTasks(new(memory.Store), new(system.Turns), new(system.Clock), system.IDs{}, quota)
}

// world is a server that listens, over a store in memory.
type world struct {
	*testing.T
	url    string
	server *Server
}

func newWorld(t *testing.T, changes ...func(*Options)) world {
	t.Helper()
	o := Options{Tasks: newTasks(1000), Verifier: tokens{}, CursorKey: bytes.Repeat([]byte{7}, 32)}
	for _, change := range changes {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(ln)
	t.Cleanup(func() { s.Shutdown(t.Context()) })
	return world{t, "http://" + ln.Addr().String(), s}
}

// answer is a reply whose body has been read.
type answer struct {
	*http.Response
	text string
	json map[string]any
}

// ask sends a request of ann, or as the headers say. A header is written
// "Name: value"; "Name:" takes one away.
func (w world) ask(method, path, body string, headers ...string) answer {
	w.Helper()
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer token-of-ann")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ":")
		if value = strings.TrimPrefix(value, " "); value == "" {
			req.Header.Del(name)
			continue
		}
		req.Header.Set(name, value)
	}
	res, err := client.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	a := answer{Response: res, text: string(text)}
	json.Unmarshal(text, &a.json)
	return a
}

var client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (a answer) code() string { code, _ := a.json["code"].(string); return code }

// want checks the status and, of a refusal, the code.
func (a answer) want(t *testing.T, status int, code ...string) answer {
	t.Helper()
	if a.StatusCode != status || strings.Join(code, "") != a.code() {
		t.Fatalf("%s %s: got %d %s, want %d %s", a.Request.Method, a.Request.URL.Path, a.StatusCode, a.text, status, code)
	}
	return a
}

// create makes a task and returns its path.
func (w world) create(body string, headers ...string) string {
	w.Helper()
	a := w.ask("POST", "/v1/tasks", body, headers...).want(w.T, 201)
	return a.Header.Get("Location")
}
