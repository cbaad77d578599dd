// Mutate breaks packages one line at a time and reports what no test notices.
// All mutants are built into the tests at once, and an environment variable
// says which one a process is; the work tree is never touched.
//
//	go run ./mutate -of core
//	go run ./mutate -of gormstore -only 'list.go:.*filter'
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

// subjects are packages that are tried together. The witnesses are the packages
// whose tests look at them; the last are asked only about what the others let pass.
var subjects = map[string]struct{ packages, witnesses, last string }{
	"core": {
		"domain/fault domain/identity domain/task application",
		"domain/fault domain/identity domain/task application adapters/memory adapters/httpapi", "proof/model",
	},
	"betterauth": {"adapters/betterauth", "adapters/betterauth", "bootstrap"},
	"gormstore":  {"adapters/gormstore", "adapters/gormstore adapters/sqlite", "adapters/postgres"},
}

func main() {
	s := settings{out: os.Stdout}
	root := flag.String("root", "..", "the folder of the module")
	of := flag.String("of", "core", "what to break: core, betterauth or gormstore")
	flag.IntVar(&s.workers, "workers", 2, "how many tests run at once")
	only := flag.String("only", "", "an expression for the mutants to try, as they are printed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := s.prepare(*root, *of, *only)
	if err == nil {
		err = run(ctx, s)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

type settings struct {
	root     string
	packages []string
	stages   [][]string
	only     *regexp.Regexp
	reasons  map[string]string
	workers  int
	out      io.Writer
}

func (s *settings) prepare(root, of, only string) (err error) {
	if s.root, err = filepath.Abs(root); err != nil {
		return err
	}
	if s.only, err = regexp.Compile(only); err != nil {
		return err
	}
	subject, known := subjects[of]
	if !known {
		return fmt.Errorf("there is no subject %q", of)
	}
	s.packages = strings.Fields(subject.packages)
	s.stages = [][]string{strings.Fields(subject.witnesses), strings.Fields(subject.last)}
	s.reasons, err = explain(explanations)
	return err
}

func run(ctx context.Context, s settings) (err error) {
	dir, err := os.MkdirTemp("", "taskhold-mutate-")
	if err != nil {
		return err
	}
	postgres := &server{}
	defer func() { err = errors.Join(err, postgres.stop(), os.RemoveAll(dir)) }()
	url, err := postgres.start()
	if err != nil {
		return err
	}
	return s.try(ctx, dir, append(os.Environ(), "TEST_DATABASE_URL="+url))
}

// try asks the witnesses about every mutant and reports.
func (s settings) try(ctx context.Context, dir string, env []string) error {
	t, err := newTrial(ctx, s, dir, env)
	if err != nil {
		return err
	}
	for _, witnesses := range s.stages {
		if err := t.hear(ctx, witnesses); err != nil {
			return err
		}
	}
	t.report()
	return nil
}
