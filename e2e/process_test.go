package e2e

import (
	"bytes"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds the wait for a program to start or stop on a busy machine.
const patience = 60 * time.Second

// process is a program under test. It ends with its test or, however the tests
// end, with them.
type process struct {
	name   string
	cmd    *exec.Cmd
	output output
	ended  chan struct{} // closed when the program has ended and all its output is there
}

// start runs a program in a folder, with that environment and nothing else in
// it.
func start(t *testing.T, folder string, environment []string, path string, args ...string) *process {
	t.Helper()
	p := &process{name: filepath.Base(path), cmd: exec.Command(path, args...), ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env = folder, environment
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", p.name, err)
	}
	go func() { _ = p.cmd.Wait(); close(p.ended) }()
	dismiss, err := guard(p.cmd.Process.Pid)
	t.Cleanup(func() {
		p.kill()
		dismiss()
		if t.Failed() {
			t.Logf("%s said:\n%s", p.name, p.output.String())
		}
	})
	if err != nil {
		t.Fatalf("guard %s: %v", p.name, err)
	}
	return p
}

// guard starts a shell that waits for the end of a pipe that only the tests
// hold open, and then kills a process. However the tests end, the system closes
// their pipe.
func guard(pid int) (dismiss func(), err error) {
	shell := exec.Command("/bin/sh", "-c", `read -r dismissed || kill -KILL "$0"`, strconv.Itoa(pid))
	shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no Ctrl-C reaches it
	lifeline, err := shell.StdinPipe()
	if err == nil {
		err = shell.Start()
	}
	if err != nil {
		return func() {}, err
	}
	return func() {
		_, _ = io.WriteString(lifeline, "dismissed\n")
		_ = lifeline.Close()
		_ = shell.Wait()
	}, nil
}

// await returns what the group of the pattern is in the output, once it is
// there.
func (p *process) await(t *testing.T, pattern *regexp.Regexp) string {
	t.Helper()
	deadline := time.After(patience)
	for {
		if found := pattern.FindStringSubmatch(p.output.String()); found != nil {
			return found[1]
		}
		select {
		case <-p.ended:
			t.Fatalf("%s ended: %v", p.name, p.cmd.ProcessState)
		case <-deadline:
			t.Fatalf("%s did not say %s", p.name, pattern)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// kill ends the program as a crash would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.ended
}

// stop asks the program to end, and wants it to do so in good order.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("ask %s to end: %v", p.name, err)
		return
	}
	p.succeed(t)
}

// succeed waits until the program has ended, and wants it to have done well.
func (p *process) succeed(t *testing.T) {
	t.Helper()
	select {
	case <-p.ended:
		if code := p.cmd.ProcessState.ExitCode(); code != 0 {
			t.Errorf("%s ended with %d, want 0", p.name, code)
		}
	case <-time.After(patience):
		t.Errorf("%s does not end", p.name)
	}
}

// output is what a program has said so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
