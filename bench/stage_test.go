package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestWhatHasEndedIsNotAwaitedInVain(t *testing.T) {
	s := newTestStage(t)
	p, err := s.start("short", exec.Command("/bin/sh", "-c", "echo address=here; exit 3"), syscall.SIGTERM)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p.await(t.Context(), regexp.MustCompile(`address=(\w+)`)); err != nil || got != "here" {
		t.Errorf("await = %q, %v", got, err)
	}
	if _, err := p.await(t.Context(), regexp.MustCompile(`port=(\w+)`)); err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("await of what is never said = %v", err)
	}
}

func TestClosedStageLeavesNothing(t *testing.T) {
	s := newTestStage(t)
	p, err := s.start("long", exec.Command("/bin/sleep", "600"), syscall.SIGTERM)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
	select {
	case <-p.ended:
	default:
		t.Error("a process runs on")
	}
	if _, err := os.Stat(s.folder); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

// As when this process is killed: the system closes the pipe, and nobody says
// that all is well.
func TestGuardEndsWhatItsOwnerLeftBehind(t *testing.T) {
	s := newTestStage(t)
	p, err := s.start("orphan", exec.Command("/bin/sleep", "600"), syscall.SIGTERM)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.guard.pipe.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Error("a process runs on")
	}
	if err := s.guard.shell.Wait(); err != nil {
		t.Errorf("the guard ended with %v", err)
	}
	if _, err := os.Stat(s.folder); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func newTestStage(t *testing.T) *stage {
	t.Helper()
	s, err := newStage(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.close() })
	return s
}
