package httpapi

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"taskhold/domain/identity"
)

// silent is a connection that asks and does not read.
func (w world) silent(t *testing.T, user, path string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+tokenOf(user)+"\r\n\r\n")
	return conn
}

// status asks as one who reads.
func (w world) status(t *testing.T, user, path string) int {
	t.Helper()
	request, _ := http.NewRequest("GET", w.URL+path, nil)
	request.Header.Set("Authorization", "Bearer "+tokenOf(user))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode
}

// until waits for what comes about when the server gets to it.
func until(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not come about")
		}
	}
}

func (l *loads) now() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sum
}

// Two lists of 8 MB are more than the 12 MB that a user may have on the way
// here, and three more than the 20 MB of all.
func TestWhoDoesNotReadLongListsIsSentNoMore(t *testing.T) {
	s := newServer(t, speaking(Dialect{}))
	s.loads.ofUser, s.loads.ofAll = 12<<20, 20<<20
	w := serve(t, s)
	long := `{"title": "x", "description": "` + strings.Repeat("😀", 10_000) + `"}`
	for _, user := range []string{"ann", "bob", "cem"} {
		for range 200 {
			w.As(t, user).Create(long)
		}
	}
	for _, path := range []string{"/v1/tasks?limit=200", "/api/tasks"} {
		ann := w.silent(t, "ann", path)
		until(t, func() bool { return s.loads.now() > 0 })
		if got := w.status(t, "ann", path); got != 503 {
			t.Errorf("%s beside one that is not read: %d", path, got)
		}
		if got := w.status(t, "ann", "/v1/tasks?limit=1"); got != 200 {
			t.Errorf("a short list beside it: %d", got)
		}
		if got := w.status(t, "bob", path); got != 200 {
			t.Errorf("%s of another: %d", path, got)
		}
		bob := w.silent(t, "bob", path)
		until(t, func() bool { return s.loads.now() > 16<<19 })
		until(t, func() bool { return w.status(t, "cem", path) == 503 }) // too much for all together
		ann.Close()
		bob.Close()
		until(t, func() bool { return s.loads.now() == 0 })
		if got := w.status(t, "ann", path); got != 200 {
			t.Errorf("%s afterwards: %d", path, got)
		}
		until(t, func() bool { return s.loads.now() == 0 }) // the connection waits for its next request
	}
}

func TestWhatWasCarriedOutIsToldWhateverItWeighs(t *testing.T) {
	l := newLoads()
	l.ofUser = 1 << 20
	ann, err := identity.ParseUserID("ann")
	if err != nil {
		t.Fatal(err)
	}
	first, second := new(net.TCPConn), new(net.TCPConn)
	if !l.put(first, load{ann, 3 << 20}, true) || l.sum != 3<<20 {
		t.Errorf("of a reply that has to be sent are reckoned %d bytes", l.sum)
	}
	if !l.put(first, load{ann, 3 << 20}, true) || l.sum != 3<<20 {
		t.Errorf("with it once more, %d", l.sum)
	}
	if l.put(second, load{ann, 1 << 20}, false) || !l.put(second, load{ann, lightReply}, false) {
		t.Error("beside it a list is sent, or a light one is not")
	}
	l.takeOff(first, fasthttp.StateActive)
	l.takeOff(second, fasthttp.StateClosed)
	if l.sum != 3<<20 {
		t.Errorf("before it is taken, %d", l.sum)
	}
	l.takeOff(first, fasthttp.StateIdle)
	if l.sum != 0 || len(l.sums)+len(l.on) > 0 || l.some.Load() {
		t.Errorf("once it is taken, %d of %d users on %d connections", l.sum, len(l.sums), len(l.on))
	}
}
