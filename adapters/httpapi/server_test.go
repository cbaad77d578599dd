package httpapi

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestAServerNeedsWhatItCannotDoWithout(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"no tasks":      func(o *Options) { o.Tasks = nil },
		"no verifier":   func(o *Options) { o.Verifier = nil },
		"no cursor key": func(o *Options) { o.CursorKey = nil },
		"a short key":   func(o *Options) { o.CursorKey = o.CursorKey[:31] },
	} {
		o := Options{Tasks: newTasks(1), Verifier: tokens{}, CursorKey: make([]byte, 32)}
		change(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s: it is made nevertheless", name)
		}
	}
}

func TestTheServerIsReadyWhileItsStoreIs(t *testing.T) {
	var gone error
	var j journal
	w := newWorld(t, observing(&j), func(o *Options) {
		o.Ready = func(ctx context.Context) error {
			if _, bounded := ctx.Deadline(); !bounded {
				t.Error("the check may take for ever")
			}
			return gone
		}
	})
	for _, path := range []string{"/readyz", "/health"} {
		gone = nil
		w.Ask("GET", path, "").Want(200, "")
		gone = errSecret
		a := w.Ask("GET", path, "").Want(503, "UNAVAILABLE")
		if a.Header.Get("Retry-After") == "" || strings.Contains(a.Text, "secret") {
			t.Errorf("the refusal is %v %s", a.Header, a.Text)
		}
		if !errors.Is(j.last(t).Cause, errSecret) {
			t.Errorf("operators are told %v", j.last(t).Cause)
		}
	}
	w.Ask("GET", "/livez", "").Want(200, "")
}

func TestADrainingServerSaysSoAndServesOn(t *testing.T) {
	w := newWorld(t)
	w.server.Drain()
	w.Ask("GET", "/readyz", "").Want(503, "UNAVAILABLE")
	w.Ask("GET", "/livez", "").Want(200, "")
	w.Create(`{"title": "x"}`)
}

func TestShutdownLetsARunningRequestFinish(t *testing.T) {
	running, goOn := make(chan struct{}), make(chan struct{})
	w := newWorld(t, editing(func(ctx context.Context) error {
		close(running)
		<-goOn
		return ctx.Err()
	}))
	path, status := w.Create(`{"title": "x"}`), make(chan int, 1)
	go func() { status <- w.Ask("PATCH", path, `{"title": "y"}`).StatusCode }()
	<-running
	stopped := make(chan error, 1)
	go func() { stopped <- w.server.Shutdown(t.Context()) }()
	for !w.server.draining.Load() {
		time.Sleep(time.Millisecond)
	}
	close(goOn)
	if got := <-status; got != 200 {
		t.Errorf("the request was answered with %d", got)
	}
	if err := errors.Join(<-stopped, <-w.done); err != nil {
		t.Error(err)
	}
}

func TestShutdownAbortsWhatDoesNotFinishInTime(t *testing.T) {
	running := make(chan struct{})
	w := newWorld(t, editing(func(ctx context.Context) error {
		close(running)
		<-ctx.Done()
		return ctx.Err()
	}))
	status := make(chan int, 1)
	go func() { status <- w.Ask("PATCH", anyTask, `{}`).StatusCode }()
	<-running
	patience, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := w.server.Shutdown(patience); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown says %v", err)
	}
	if got := <-status; got != 503 {
		t.Errorf("the request was answered with %d", got)
	}
}

func TestARequestThatTakesTooLongIsGivenUp(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.RequestTimeout = 50 * time.Millisecond }, editing(func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}))
	w.Ask("PATCH", anyTask, `{}`).Want(504, "TIMEOUT")
}

func TestTheTimeToSendARequestIsTheClients(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.RequestTimeout = time.Second }, editing(func(ctx context.Context) error { return ctx.Err() }))
	body, writer := io.Pipe()
	go func() {
		io.WriteString(writer, "{")
		time.Sleep(1500 * time.Millisecond)
		io.WriteString(writer, "}")
		writer.Close()
	}()
	request, _ := http.NewRequest("PATCH", w.URL+w.Create(`{"title": "x"}`), body)
	request.Header = http.Header{"Authorization": {"Bearer " + tokenOf(w.ID)}, "Content-Type": {"application/json"}}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != 200 {
		t.Errorf("got %d", response.StatusCode)
	}
}

func TestASlowClientIsCutOff(t *testing.T) {
	var j journal
	s := newServer(t, observing(&j))
	s.app.Server().ReadTimeout = 300 * time.Millisecond
	w := serve(t, s)
	for name, text := range map[string]string{
		"in the request line": "GET /v1/ta",
		"in the headers":      "GET /v1/limits HTTP/1.1\r\nHost: secret",
		"in a short body":     "POST /v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{",
		"in a long body":      "POST /v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + strings.Repeat("x", 100_000),
		"in a chunk":          "POST /v1/tasks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
		"between chunks":      "POST /v1/tasks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
	} {
		status, text, closed := send(t, w.URL, text)
		if status != 408 || !closed || !strings.Contains(text, `"code":"REQUEST_TIMEOUT"`) || strings.Contains(text, "secret") {
			t.Errorf("%s: got %d %s, closed is %v", name, status, text, closed)
		}
		if e := j.last(t); e.Status != 408 || e.Cause != nil {
			t.Errorf("%s: operators are told %+v", name, e)
		}
	}
}

// send sends bytes and reads one reply, and whether the connection was closed
// after it.
func send(t *testing.T, url, text string) (status int, body string, closed bool) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, text)
	conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	r := bufio.NewReader(conn)
	response, err := http.ReadResponse(r, nil) //nolint:bodyclose // it is the connection that is closed
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.ReadByte()
	return response.StatusCode, string(content), errors.Is(err, io.EOF)
}
