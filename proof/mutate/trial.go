package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// trial is of one package's mutants.
type trial struct {
	settings
	*workshop
	*runner
	*loom
	begun time.Time

	mu    sync.Mutex
	fates map[int]verdict
}

func newTrial(ctx context.Context, s settings, dir string, env []string) (*trial, error) {
	files, err := filesOf(s.root, s.packages)
	if err != nil {
		return nil, err
	}
	t := &trial{settings: s, workshop: &workshop{s.root, dir}, runner: &runner{dir: dir, env: env, out: s.out}, begun: time.Now(), fates: map[int]verdict{}}
	t.loom = newLoom(s.root, files, slices.DeleteFunc(mutantsOf(files), func(m mutant) bool { return !s.only.MatchString(m.String()) }))
	broken, err := t.settle(ctx, within(s.packages), t.loom)
	for id := range broken {
		t.fates[id] = unviable
	}
	return t, err
}

// hear asks witnesses about the mutants that nobody has noticed so far.
func (t *trial) hear(ctx context.Context, packages []string) error {
	var open, apart []mutant
	for _, m := range t.mutants {
		switch fate, known := t.fates[m.id]; {
		case known && fate != survived:
		case t.woven(m):
			open = append(open, m)
		default:
			apart = append(apart, m)
		}
	}
	if err := t.together(ctx, packages, open); err != nil {
		return err
	}
	for _, m := range apart {
		v, by := t.alone(ctx, packages, m)
		t.settled(ctx, m, v, by)
	}
	return ctx.Err()
}

// within are packages as the go command takes them.
func within(packages []string) []string {
	var all []string
	for _, pkg := range packages {
		all = append(all, "./"+pkg)
	}
	return all
}

func (t *trial) together(ctx context.Context, packages []string, open []mutant) error {
	if len(open) == 0 {
		return nil
	}
	overlay, err := t.workshop.overlay("woven", t.weave(open)) // no more, for some need a constant to be one
	if err != nil {
		return err
	}
	var tests []*test
	for _, pkg := range packages {
		b, err := t.link(ctx, overlay, pkg)
		if err != nil {
			return err
		}
		found, err := t.learn(ctx, b, t.functions, t.workers)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.settings.out, "%s has %d tests, known after %v\n", pkg, len(found), time.Since(t.begun).Round(time.Second))
		tests = append(tests, found...)
	}
	j := newJudge(t.runner, tests)
	each(t.workers, open, func(m mutant) {
		v, by := j.try(ctx, m)
		t.settled(ctx, m, v, by)
	})
	return ctx.Err()
}

// alone tries a mutant that needs a program of its own.
func (t *trial) alone(ctx context.Context, packages []string, m mutant) (verdict, string) {
	overlay, err := t.workshop.overlay("alone", t.spoilt(m))
	if err != nil {
		return survived, err.Error()
	}
	if _, err := t.goes(ctx, ".", slices.Concat([]string{"build", "-overlay", overlay}, within(t.packages))...); err != nil {
		return unviable, ""
	}
	for _, pkg := range packages {
		b, err := t.link(ctx, overlay, pkg)
		if err != nil {
			return unviable, ""
		}
		for failures := 0; err != nil || failures == 0; failures++ { // as in [judge.hold]
			if _, err = t.run(ctx, b, m.id, "", ".", patience); errors.Is(err, errLate) {
				return late, pkg
			} else if err != nil && failures > 0 {
				return noticed, pkg
			}
		}
	}
	return survived, ""
}

// settled notes and tells what came of a mutant.
func (t *trial) settled(ctx context.Context, m mutant, v verdict, by string) {
	if ctx.Err() != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, known := t.reasons[m.key()]; known && v == survived {
		v = explained
	}
	t.fates[m.id] = v
	fmt.Fprintf(t.settings.out, "%s\t%s\t%s\n", v, m, by)
}
