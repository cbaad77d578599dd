package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// binary is the tests of a package, built over all mutants.
type binary struct {
	pkg, dir, program string
	flags             []string // that these tests know and others do not
}

// test is a test, or a subtest of a slow one.
type test struct {
	*binary
	name   string
	took   time.Duration
	enters map[string]bool // functions
}

func (t *test) String() string { return t.pkg + " " + t.name }

// runner runs tests.
type runner struct {
	dir string
	env []string
	out io.Writer
	n   atomic.Int64
}

const (
	patience = 5 * time.Minute        // with a whole package
	quick    = 300 * time.Millisecond // and no need to be taken apart
	grace    = 5 * time.Second        // beyond what tests are known to take
	memory   = 8 << 20                // KiB for a process: some mutants never have enough
)

var errLate = errors.New("the time is over")

// run runs the tests of a binary that a pattern names, ends what they started
// if they take too long, and returns what they wrote.
func (r *runner) run(ctx context.Context, b *binary, chosen int, trace, pattern string, limit time.Duration) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	command := exec.CommandContext(ctx, "/bin/sh", "-c", fmt.Sprintf(`ulimit -v %d; exec "$0" "$@"`, memory),
		b.program, "-test.v", "-test.failfast="+strconv.FormatBool(chosen > 0), "-test.run", pattern)
	command.Args = append(command.Args, b.flags...)
	command.Dir = b.dir
	command.Env = append(slices.Clone(r.env), "MUTATE_CHOSEN="+strconv.Itoa(chosen), "MUTATE_TRACE="+trace)
	out := &head{left: 4 << 20}
	command.Stdout, command.Stderr = out, out
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = time.Second
	err := command.Run()
	if command.Process != nil {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) // what it left behind
	}
	if ctx.Err() != nil {
		return out.Bytes(), errLate
	}
	return out.Bytes(), err
}

// head keeps the beginning of what is written.
type head struct {
	bytes.Buffer
	left int
}

func (h *head) Write(p []byte) (int, error) {
	n := min(len(p), h.left)
	h.left -= n
	h.Buffer.Write(p[:n])
	return len(p), nil
}

// learn returns the tests of a binary, with the time that each takes and the
// functions that it enters. What fails on the unbroken program is left out.
func (r *runner) learn(ctx context.Context, b *binary, functions map[string]int, workers int) ([]*test, error) {
	out, err := r.run(ctx, b, 0, "", ".", patience)
	if errors.Is(err, errLate) {
		return nil, fmt.Errorf("the tests of %s: %w", b.pkg, err)
	}
	found := listed(b, out)
	each(workers, found, func(t *test) {
		for range 2 { // it may fail on a busy machine
			if t.enters == nil {
				r.follow(ctx, t, functions)
			}
		}
		if t.enters == nil {
			fmt.Fprintf(r.out, "left out, since it fails as things are: %s\n", t)
		}
	})
	return found, ctx.Err()
}

var ended = regexp.MustCompile(`(?m)^( *)--- (?:PASS|FAIL|SKIP): (\S+) \(([0-9.]+)s\)$`)

// breakers are tests that break the program themselves, to judge other tests:
// they take long, and see what those see.
var breakers = regexp.MustCompile(`^(TestEveryUserConditionIsNeeded|TestALifeOnABrokenProgramIsNotTheModels)$`)

// listed returns the tests that a run names: the subtests in place of a test
// that is not quick.
func listed(b *binary, out []byte) []*test {
	subtests, took := map[string][]string{}, map[string]time.Duration{}
	for _, line := range ended.FindAllSubmatch(out, -1) {
		name := string(line[2])
		seconds, _ := strconv.ParseFloat(string(line[3]), 64)
		parent, _, sub := strings.Cut(name, "/")
		switch {
		case breakers.MatchString(parent):
		case len(line[1]) == 0:
			took[name] = time.Duration(seconds * float64(time.Second))
		case sub && len(line[1]) == 4:
			subtests[parent] = append(subtests[parent], name)
		}
	}
	var all []*test
	for _, name := range slices.Sorted(maps.Keys(took)) {
		names := []string{name}
		if took[name] > quick && len(subtests[name]) > 0 {
			names = subtests[name]
		}
		for _, n := range names {
			all = append(all, &test{binary: b, name: n})
		}
	}
	return all
}

// follow learns what a test does alone on the unbroken program, unless it fails.
func (r *runner) follow(ctx context.Context, t *test, functions map[string]int) {
	trace := filepath.Join(r.dir, fmt.Sprintf("trace-%d", r.n.Add(1)))
	begin := time.Now()
	if _, err := r.run(ctx, t.binary, 0, trace, pattern([]*test{t}), 2*time.Minute); err != nil {
		return
	}
	t.took, t.enters = time.Since(begin), map[string]bool{}
	text, _ := os.ReadFile(trace) // there is none when no function was entered
	entered := strings.Fields(string(text))
	for function, number := range functions {
		if slices.Contains(entered, strconv.Itoa(number)) {
			t.enters[function] = true
		}
	}
}

// pattern selects tests that are all of one kind, as [grouped] has them.
func pattern(tests []*test) string {
	parent, _, sub := strings.Cut(tests[0].name, "/")
	var names []string
	for _, t := range tests {
		levels := strings.Split(t.name, "/")
		names = append(names, regexp.QuoteMeta(levels[min(1, len(levels)-1)]))
	}
	alternatives := "^(" + strings.Join(names, "|") + ")$"
	if sub {
		return "^" + regexp.QuoteMeta(parent) + "$/" + alternatives
	}
	return alternatives
}

var failed = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`)

// culprits are the tests, of those that were run, that a run says have failed:
// all of them if it does not say.
func culprits(tests []*test, out []byte) []*test {
	var all []*test
	for _, line := range failed.FindAllSubmatch(out, -1) {
		for _, t := range tests {
			if t.name == string(line[1]) {
				all = append(all, t)
			}
		}
	}
	if all == nil {
		return tests
	}
	return all[:1]
}
