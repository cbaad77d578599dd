package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// verdict is what came of a mutant.
type verdict string

const (
	noticed  verdict = "noticed"
	late     verdict = "noticed by the time that passed"
	unviable verdict = "does not compile"
	survived verdict = "unnoticed"
)

// witnesses are the packages whose tests look at a package, those first that
// are quick. Who is not here is looked at by its own tests alone.
var witnesses = map[string][]string{
	"domain/fault":       {"domain/fault", "domain/task", "adapters/httpapi"},
	"domain/identity":    {"domain/identity", "adapters/betterauth", "adapters/httpapi"},
	"domain/task":        {"domain/task", "adapters/memory", "application", "adapters/httpapi"},
	"application":        {"application", "adapters/memory", "adapters/httpapi"},
	"adapters/gormstore": {"adapters/gormstore", "adapters/sqlite"},
}

// judge tries mutants.
type judge struct {
	root, dir string
	packages  []string
	limit     time.Duration
}

func newJudge(root, pkg string, limit time.Duration) (*judge, error) {
	dir, err := os.MkdirTemp("", "taskhold-mutate-")
	if err != nil {
		return nil, err
	}
	packages := witnesses[pkg]
	if packages == nil {
		packages = []string{pkg}
	}
	return &judge{root, dir, packages, limit}, nil
}

func (j *judge) close() { _ = os.RemoveAll(j.dir) }

// try runs the tests over a mutant, package after package, until one notices.
// The zero mutant is the program as it is.
func (j *judge) try(ctx context.Context, m mutant) verdict {
	overlay, err := j.lay(m)
	if err != nil {
		return unviable
	}
	for _, pkg := range j.packages {
		program := filepath.Join(j.dir, "test")
		build := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", program, "./"+pkg)
		build.Dir = j.root
		if build.Run() != nil {
			return unviable
		}
		if v := j.run(ctx, program, filepath.Join(j.root, pkg)); v != survived {
			return v
		}
	}
	return survived
}

// run runs a test program, which may well go on for ever.
func (j *judge) run(ctx context.Context, program, dir string) verdict {
	ctx, cancel := context.WithTimeout(ctx, j.limit)
	defer cancel()
	test := exec.CommandContext(ctx, program, "-test.failfast")
	test.Dir = dir
	test.Cancel = func() error { return test.Process.Signal(os.Interrupt) }
	test.WaitDelay = 5 * time.Second
	switch err := test.Run(); {
	case ctx.Err() != nil:
		return late
	case err != nil:
		return noticed
	}
	return survived
}

// lay writes the mutant's file and the overlay that puts it in its place.
func (j *judge) lay(m mutant) (string, error) {
	replace := map[string]string{}
	if m.file != "" {
		path := filepath.Join(j.root, m.file)
		source, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		broken := filepath.Join(j.dir, "broken.go")
		if err := os.WriteFile(broken, m.apply(source), 0o600); err != nil {
			return "", err
		}
		replace[path] = broken
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	overlay := filepath.Join(j.dir, "overlay.json")
	if err := errors.Join(err, os.WriteFile(overlay, text, 0o600)); err != nil {
		return "", fmt.Errorf("write the overlay: %w", err)
	}
	return overlay, nil
}
