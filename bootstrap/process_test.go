package bootstrap_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"taskhold/adapters/betterauth"
	"taskhold/adapters/postgres/postgrestest"
	"taskhold/bootstrap"
	"taskhold/domain/identity"
)

// TestMain lets this binary be the program: whoever asks for a process gets
// one that is killed and restarted for real.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "curl" {
		os.Exit(curl(os.Args[1:]))
	}
	if os.Getenv("TASKHOLD_TEST_PROCESS") != "" {
		os.Exit(bootstrap.Main(os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
	}
	os.Exit(postgrestest.Run(m))
}

// program is a command that runs.
type program struct {
	*exec.Cmd
	base   string // of its API, once it listens
	output *lines
}

// lines is what a program writes, line by line.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func prepare(t *testing.T, environ []string, args ...string) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{Cmd: exec.Command(self, args...), output: new(lines)}
	p.Env = append([]string{"TASKHOLD_TEST_PROCESS=1", "API_HOST=127.0.0.1", "API_PORT=0", "ADMIN_ADDR=off"}, environ...)
	p.Stdout, p.Stderr = p.output, p.output
	return p
}

var listening = regexp.MustCompile(`"address": ?"([^"]+)"`)

// start runs a server and returns when it listens.
func start(t *testing.T, environ []string, args ...string) *program {
	t.Helper()
	return launch(t, prepare(t, environ, args...))
}

// launch starts a server that was prepared and returns when it listens.
func launch(t *testing.T, p *program) *program {
	t.Helper()
	reader, writer := io.Pipe()
	p.Stderr = io.MultiWriter(p.output, writer)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.Process.Kill()
		_ = p.Wait()
		_ = writer.Close()
	})
	address := make(chan string, 1)
	go func() {
		for scan := bufio.NewScanner(reader); scan.Scan(); {
			if found := listening.FindStringSubmatch(scan.Text()); found != nil {
				address <- found[1]
			}
		}
	}()
	select {
	case at := <-address:
		p.base = "http://" + at
	case <-time.After(20 * time.Second):
		t.Fatalf("it does not listen:\n%s", p.output)
	}
	return p
}

// await returns what a pattern finds in the output.
func (p *program) await(t *testing.T, pattern *regexp.Regexp) string {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if found := pattern.FindStringSubmatch(p.output.String()); found != nil {
			return found[1]
		}
	}
	t.Fatalf("%v is not in the output:\n%s", pattern, p.output)
	return ""
}

func run(t *testing.T, environ []string, args ...string) (output string, code int) {
	t.Helper()
	p := prepare(t, environ, args...)
	err := p.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return p.output.String(), p.ProcessState.ExitCode()
}

func tokenOf(t *testing.T, name string) string {
	t.Helper()
	user, err := identity.ParseUserID(name)
	if err != nil {
		t.Fatal(err)
	}
	token, err := betterauth.Mint(secret, user, time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// call returns the status and the body of a request as ann; the status 0 if
// there was no reply.
func call(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	return callWith(t, method, url, body, "")
}

// callWith is call with an idempotency key.
func callWith(t *testing.T, method, url, body, key string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	request.Header.Set("Authorization", "Bearer "+tokenOf(t, "ann"))
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(text)
}

// stores are the DATABASE_URLs of empty databases, by engine.
func stores(t *testing.T) map[string]string {
	return map[string]string{
		"PostgreSQL": postgrestest.Empty(t),
		"SQLite":     "sqlite:" + filepath.Join(t.TempDir(), "tasks.db"),
	}
}

func environOf(url string) []string {
	return []string{"DATABASE_URL=" + url, "BETTER_AUTH_SECRET=" + secret}
}

func TestAcknowledgedTasksSurviveAKill(t *testing.T) {
	for engine, url := range stores(t) {
		t.Run(engine, func(t *testing.T) {
			server := start(t, environOf(url), "serve")
			acknowledged := make(map[string]bool)
			var mu sync.Mutex
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					for {
						status, body := call(t, "POST", server.base+"/v1/tasks", `{"title": "milk"}`)
						if status != http.StatusCreated {
							return // killed
						}
						mu.Lock()
						acknowledged[idIn(body)] = true
						mu.Unlock()
					}
				})
			}
			time.Sleep(500 * time.Millisecond)
			if err := server.Process.Signal(syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			wg.Wait()
			if len(acknowledged) < 10 {
				t.Fatalf("only %d tasks were acknowledged:\n%s", len(acknowledged), server.output)
			}
			again := start(t, environOf(url), "serve")
			stored := all(t, again.base)
			for id := range acknowledged {
				if !stored[id] {
					t.Errorf("task %s was acknowledged and is lost", id)
				}
			}
			if extra := len(stored) - len(acknowledged); extra < 0 || extra > 8 {
				t.Errorf("%d tasks stored, %d acknowledged by 8 clients", len(stored), len(acknowledged))
			}
		})
	}
}

func idIn(body string) string {
	var task struct{ ID string }
	_ = json.Unmarshal([]byte(body), &task)
	return task.ID
}

// all walks every page.
func all(t *testing.T, base string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for next := "/v1/tasks?limit=200"; next != ""; {
		status, body := call(t, "GET", base+next, "")
		var page struct {
			Items  []struct{ ID string }
			Cursor string `json:"next_cursor"`
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil || status != http.StatusOK {
			t.Fatalf("GET %s = %d %s", next, status, body)
		}
		for _, item := range page.Items {
			found[item.ID] = true
		}
		next = ""
		if page.Cursor != "" {
			next = "/v1/tasks?limit=200&cursor=" + page.Cursor
		}
	}
	return found
}

func TestSignalsStopTheProgramInOrder(t *testing.T) {
	for name, signal := range map[string]syscall.Signal{"SIGTERM": syscall.SIGTERM, "SIGINT": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			server := start(t, environOf("sqlite:"+filepath.Join(t.TempDir(), "tasks.db")), "serve")
			if status, body := call(t, "GET", server.base+"/readyz", ""); status != http.StatusOK {
				t.Fatalf("GET /readyz = %d %s", status, body)
			}
			if err := server.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if err := server.Wait(); err != nil {
				t.Errorf("%s ended it with %v:\n%s", name, err, server.output)
			}
		})
	}
}

func TestTenReplicasStartAtOnce(t *testing.T) {
	for engine, url := range stores(t) {
		t.Run(engine, func(t *testing.T) {
			var wg sync.WaitGroup
			replicas := make([]*program, 10)
			for i := range replicas {
				wg.Go(func() { replicas[i] = start(t, environOf(url), "serve") })
			}
			wg.Wait()
			for i, replica := range replicas {
				if status, body := call(t, "POST", replica.base+"/v1/tasks", fmt.Sprintf(`{"title": "of %d"}`, i)); status != http.StatusCreated {
					t.Errorf("replica %d: POST = %d %s", i, status, body)
				}
			}
			if stored := all(t, replicas[0].base); len(stored) != len(replicas) {
				t.Errorf("one replica sees %d tasks of %d", len(stored), len(replicas))
			}
		})
	}
}

func shell(t *testing.T, script string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script)
	if _, err := exec.LookPath("curl"); err != nil {
		cmd.Env = append(os.Environ(), "PATH="+folderWithCurl(t)+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return string(output)
}
