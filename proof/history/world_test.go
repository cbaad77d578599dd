package history

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"taskhold/adapters/postgres/postgrestest"
	"taskhold/bootstrap"
	"taskhold/proof"
)

// TestMain lets this binary be the program, in a process that can be killed.
// It ends with the tests: they hold the other end of its input.
func TestMain(m *testing.M) {
	if os.Getenv("TASKHOLD_PROOF_PROCESS") != "" {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(1)
		}()
		os.Exit(bootstrap.Main(os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
	}
	os.Exit(postgrestest.Run(m))
}

// program is the server in a process of its own.
type program struct {
	*exec.Cmd
	address string
}

var listening = regexp.MustCompile(`"address": ?"([^"]+)"`)

// serve starts the server, and returns when it listens.
func serve(t *testing.T, databaseURL string) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{Cmd: exec.Command(self, "serve")}
	p.Env = append(proof.Environ(databaseURL, "TASKHOLD_PROOF_PROCESS=1", "LOG_LEVEL=info"), "PATH="+os.Getenv("PATH"))
	if _, err := p.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	said, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	var output strings.Builder
	for lines := bufio.NewScanner(said); p.address == ""; {
		if !lines.Scan() {
			t.Fatalf("the server ended:\n%s", output.String())
		}
		output.WriteString(lines.Text() + "\n")
		if found := listening.FindStringSubmatch(lines.Text()); found != nil {
			p.address = found[1]
			go func() {
				for lines.Scan() { // what it says goes on
				}
			}()
		}
	}
	return p
}

func (p *program) kill() {
	_ = p.Process.Kill()
	_ = p.Wait()
}

// client asks as any user.
type client struct {
	base  string
	http  *http.Client
	token func(user string) string
}

func newClient(t *testing.T, base string) client {
	transport := &http.Transport{MaxIdleConnsPerHost: 50}
	t.Cleanup(transport.CloseIdleConnections)
	return client{base, &http.Client{Transport: transport}, func(user string) string { return proof.Token(t, user) }}
}

// request is what is asked.
type request struct {
	user, method, path, body string
	key, match               string
}

// reply is what came back; of none the status is 0.
type reply struct {
	status int
	header http.Header
	body   string
}

// ask waits for a reply as long as patience lasts. It asks once: the body
// cannot be read again, so that the library has nothing to send twice.
func (c client) ask(r request, patience time.Duration) (a reply) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	asked, err := http.NewRequestWithContext(ctx, r.method, c.base+r.path, io.NopCloser(strings.NewReader(r.body)))
	if err != nil {
		return reply{}
	}
	asked.ContentLength = int64(len(r.body))
	for name, value := range map[string]string{
		"Authorization": "Bearer " + c.token(r.user), "Content-Type": "application/json", "Idempotency-Key": r.key, "If-Match": r.match,
	} {
		if value != "" {
			asked.Header.Set(name, value)
		}
	}
	response, err := c.http.Do(asked)
	if err != nil {
		return reply{}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return reply{}
	}
	return reply{response.StatusCode, response.Header, string(body)}
}

// unsure reports whether the request may or may not have been carried out.
func (a reply) unsure() bool { return a.status == 0 || a.status >= 500 }

// insist asks with a key again and again until the reply says what became of
// the request, and returns all replies that did. It gives up with ctx.
func (c client) insist(ctx context.Context, r request) (said []reply) {
	for ctx.Err() == nil {
		a := c.ask(r, time.Second)
		if !a.unsure() && !strings.Contains(a.body, "IDEMPOTENCY_IN_PROGRESS") {
			return append(said, a)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return said
}
