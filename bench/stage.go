package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"time"
)

// patience bounds the wait for a program to start or to stop.
const patience = 60 * time.Second

// stage is the folder that everything is written to, and the programs that run
// for a measurement.
type stage struct {
	folder  string
	guard   *guard
	running []*process
}

func newStage(parent string) (*stage, error) {
	folder, err := os.MkdirTemp(parent, "taskhold-bench-")
	if err != nil {
		return nil, err
	}
	s := &stage{folder: folder}
	if s.guard, err = newGuard(folder); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return s, os.Chmod(folder, 0o711)
}

// close ends all that runs, the last first, and removes the folder.
func (s *stage) close() error {
	for _, p := range slices.Backward(s.running) {
		p.stop()
	}
	s.guard.dismiss()
	return os.RemoveAll(s.folder)
}

func (s *stage) path(name string) string { return filepath.Join(s.folder, name) }

// process is a program that runs until it is stopped. What it says goes to a
// file.
type process struct {
	cmd   *exec.Cmd
	log   string
	end   syscall.Signal
	ended chan struct{} // closed when it has
}

// start starts a program in a session of its own, where no Ctrl-C meant for
// this one reaches it. It ends by the signal end.
func (s *stage) start(name string, cmd *exec.Cmd, end syscall.Signal) (*process, error) {
	p := &process{cmd: cmd, log: s.path(name + ".log"), end: end, ended: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close() //nolint:errcheck // the program has its own
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = new(syscall.SysProcAttr)
	}
	cmd.SysProcAttr.Setsid = true
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s.running = append(s.running, p)
	go func() { _ = cmd.Wait(); close(p.ended) }()
	return p, s.guard.watch(cmd.Process.Pid)
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// said returns what the process has said from an offset on.
func (p *process) said(from int64) string {
	text, _ := os.ReadFile(p.log)
	return string(text[min(from, int64(len(text))):])
}

// await returns what the group of the pattern is in what the process says,
// once it does.
func (p *process) await(ctx context.Context, pattern *regexp.Regexp) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for over := false; ; {
		if found := pattern.FindStringSubmatch(p.said(0)); found != nil {
			return found[1], nil
		}
		if over {
			return "", fmt.Errorf("%s ended: %v\n%s", p.cmd.Path, p.cmd.ProcessState, p.said(0))
		}
		select {
		case <-p.ended:
			over = true // what it said last may have come since
		case <-ctx.Done():
			return "", fmt.Errorf("%s did not say %s: %w", p.cmd.Path, pattern, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop asks the process to end, and kills it if it does not.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(p.end) // it may have ended
	select {
	case <-p.ended:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}
