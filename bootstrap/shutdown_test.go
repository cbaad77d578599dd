package bootstrap_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"taskhold/adapters/postgres/postgrestest"
)

// lockTasks keeps every statement from the table of tasks until free is called.
func lockTasks(t *testing.T, url string) (free func()) {
	t.Helper()
	session := postgrestest.Connect(t, url)
	session.Exec("BEGIN; LOCK TABLE tasks")
	return func() { session.Exec("COMMIT") }
}

// held counts the statements that wait for a lock.
const held = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

type ending struct {
	status int
	body   string
}

// waiting is a request that a lock holds up.
func waiting(t *testing.T, server *program, url string) <-chan ending {
	t.Helper()
	answered := make(chan ending, 1)
	go func() {
		status, body := call(t, "GET", server.base+"/v1/tasks", "")
		answered <- ending{status, body}
	}()
	session := postgrestest.Connect(t, url)
	eventually(t, func() bool { return session.Count(held) > 0 })
	return answered
}

func TestARunningRequestIsAnsweredBeforeTheEnd(t *testing.T) {
	url := postgrestest.Empty(t)
	server := start(t, environOf(url), "serve")
	free := lockTasks(t, url)
	answered := waiting(t, server, url)
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	address := strings.TrimPrefix(server.base, "http://")
	eventually(t, func() bool { // takes no more connections
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
	free()
	if got := <-answered; got.status != http.StatusOK {
		t.Errorf("the running request was answered with %d %s", got.status, got.body)
	}
	if err := server.Wait(); err != nil {
		t.Errorf("it ended with %v:\n%s", err, server.output)
	}
}

func TestARequestThatOutlastsTheShutdownIsToldSo(t *testing.T) {
	url := postgrestest.Empty(t)
	server := start(t, append(environOf(url), "SHUTDOWN_TIMEOUT=300ms"), "serve")
	lockTasks(t, url)
	answered := waiting(t, server, url)
	began := time.Now()
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := <-answered; got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, `"UNAVAILABLE"`) {
		t.Errorf("the aborted request was answered with %d %s", got.status, got.body)
	}
	_ = server.Wait()
	if code, took := server.ProcessState.ExitCode(), time.Since(began); code != 1 || took > 8*time.Second {
		t.Errorf("it ended with %d after %v, want 1:\n%s", code, took, server.output)
	}
}

func TestASecondSignalEndsTheProgramAtOnce(t *testing.T) {
	url := postgrestest.Empty(t)
	server := start(t, environOf(url), "serve")
	lockTasks(t, url)
	answered := waiting(t, server, url)
	began := time.Now()
	for range 2 {
		if err := server.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		eventually(t, func() bool { return strings.Contains(server.output.String(), `"stopping"`) })
	}
	_ = server.Wait()
	if took := time.Since(began); server.ProcessState.Success() || took > 8*time.Second {
		t.Errorf("it ended with %v after %v:\n%s", server.ProcessState, took, server.output)
	}
	if got := <-answered; got.status != 0 {
		t.Errorf("the running request was answered with %d", got.status)
	}
}

// ask sends a request by a connection that is kept, and returns the reply's
// status and whether the server closes the connection.
func ask(t *testing.T, conn net.Conn, reader *bufio.Reader, path string) (status int, closes bool) {
	t.Helper()
	if _, err := conn.Write([]byte("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Close
}

// A load balancer needs a while to see that a replica is not ready. Until then
// it sends requests, which are served, and the connections that it keeps are
// given up one reply at a time.
func TestAfterASignalItServesOnForTheDelay(t *testing.T) {
	const delay = 2 * time.Second
	server := start(t, append(environOf("sqlite:"+filepath.Join(t.TempDir(), "tasks.db")), "SHUTDOWN_DELAY="+delay.String()), "serve")
	address := strings.TrimPrefix(server.base, "http://")
	kept, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	reader := bufio.NewReader(kept)
	if status, closes := ask(t, kept, reader, "/readyz"); status != 200 || closes {
		t.Fatalf("before the signal: %d, closes is %v", status, closes)
	}
	began := time.Now()
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return strings.Contains(server.output.String(), `"stopping"`) })
	eventually(t, func() bool { status, _ := call(t, "GET", server.base+"/readyz", ""); return status == 503 })
	if status, body := call(t, "POST", server.base+"/v1/tasks", `{"title": "milk"}`); status != 201 {
		t.Errorf("in the delay POST = %d %s", status, body)
	}
	if status, closes := ask(t, kept, reader, "/livez"); status != 200 || !closes {
		t.Errorf("in the delay: %d, closes is %v", status, closes)
	}
	if err := server.Wait(); err != nil {
		t.Errorf("it ended with %v:\n%s", err, server.output)
	}
	if took := time.Since(began); took < delay || took > delay+10*time.Second {
		t.Errorf("it ended after %v", took)
	}
}
