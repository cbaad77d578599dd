package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
)

// verdict is what came of a mutant.
type verdict string

const (
	noticed   verdict = "noticed"
	late      verdict = "no end" // noticed, too: the tests ran out of time
	unviable  verdict = "no program"
	explained verdict = "explained"
	survived  verdict = "UNNOTICED"
)

// judge tries mutants of one program.
type judge struct {
	*runner
	tests []*test

	mu      sync.Mutex
	hunters map[string][]*test // by function: who noticed a mutant of it, the latest first
}

func newJudge(r *runner, tests []*test) *judge {
	tests = slices.DeleteFunc(tests, func(t *test) bool { return t.enters == nil })
	return &judge{runner: r, tests: tests, hunters: map[string][]*test{}}
}

// try runs the tests that may notice a mutant, those first that are likely and
// quick, until one does.
func (j *judge) try(ctx context.Context, m mutant) (v verdict, by string) {
	for _, b := range j.batches(m) {
		if v, by := j.hold(ctx, m, b); v != survived {
			j.remember(m, by)
			return v, by.String()
		}
	}
	return survived, ""
}

// hold runs tests over a mutant. A failure counts if it happens again: tests
// that look at the time may fail on a busy machine.
func (j *judge) hold(ctx context.Context, m mutant, tests []*test) (verdict, *test) {
	out, err := j.run(ctx, tests[0].binary, m.id, "", pattern(tests), limit(tests))
	switch {
	case ctx.Err() != nil || err == nil:
		return survived, nil
	case errors.Is(err, errLate):
		return late, tests[0]
	}
	suspects := culprits(tests, out)
	switch _, err = j.run(ctx, tests[0].binary, m.id, "", pattern(suspects), limit(suspects)); {
	case err != nil:
		return noticed, suspects[0]
	case len(suspects) == len(tests):
		return survived, nil
	}
	return j.hold(ctx, m, slices.DeleteFunc(slices.Clone(tests), func(t *test) bool { return t == suspects[0] }))
}

func limit(tests []*test) time.Duration {
	all := grace
	for _, t := range tests {
		all += 4 * t.took
	}
	return all
}

func (j *judge) remember(m mutant, by *test) {
	j.mu.Lock()
	defer j.mu.Unlock()
	others := slices.DeleteFunc(slices.Clone(j.hunters[m.function()]), func(t *test) bool { return t == by })
	j.hunters[m.function()] = append([]*test{by}, others[:min(len(others), 7)]...)
}

// batches are the tests that enter a mutant's function, or all where it is in
// none, as they are run together.
func (j *judge) batches(m mutant) [][]*test {
	j.mu.Lock()
	first := slices.Clone(j.hunters[m.function()])
	j.mu.Unlock()
	var others []*test
	for _, t := range j.tests {
		if (!inFunction(m) || t.enters[m.function()]) && !slices.Contains(first, t) {
			others = append(others, t)
		}
	}
	return append(grouped(first), grouped(others)...)
}

// grouped puts together what one process can run in about the same time, the
// quickest first.
func grouped(tests []*test) [][]*test {
	type kind struct {
		*binary
		parent string
		class  int
	}
	by := map[kind][]*test{}
	for _, t := range tests {
		k := kind{binary: t.binary}
		if parent, _, sub := strings.Cut(t.name, "/"); sub {
			k.parent = parent
		}
		for d := 50 * time.Millisecond; d < t.took; d *= 6 {
			k.class++
		}
		by[k] = append(by[k], t)
	}
	var all [][]*test
	for _, b := range by {
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b []*test) int { return cmp.Compare(limit(a), limit(b)) })
	return all
}

// each does something with all things, some at once.
func each[T any](workers int, things []T, do func(T)) {
	next := make(chan T)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for thing := range next {
				do(thing)
			}
		})
	}
	for _, thing := range things {
		next <- thing
	}
	close(next)
	all.Wait()
}
