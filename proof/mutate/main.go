// Mutate breaks a package one line at a time and reports what no test notices.
// The work tree is never touched: each broken file is laid over its own while
// the tests are built.
//
//	go run ./mutate -package domain/task
//	go run ./mutate -package adapters/gormstore -sample 100 -seed 7 -budget 20m
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

type settings struct {
	root, pkg string
	sample    int
	seed      uint64
	budget    time.Duration
	limit     time.Duration
}

func main() {
	var s settings
	flag.StringVar(&s.root, "root", "..", "the folder of the module")
	flag.StringVar(&s.pkg, "package", "domain/task", "the package to break")
	flag.IntVar(&s.sample, "sample", 0, "how many mutants to try; 0 for all")
	flag.Uint64Var(&s.seed, "seed", uint64(time.Now().UnixNano()), "of the order in which they are tried")
	flag.DurationVar(&s.budget, "budget", time.Hour, "how long to go on")
	flag.DurationVar(&s.limit, "limit", 2*time.Minute, "how long the tests of one package may take")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, s)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings) error {
	root, err := filepath.Abs(s.root)
	if err != nil {
		return err
	}
	mutants, err := mutantsOf(root, s.pkg)
	if err != nil {
		return err
	}
	rand.New(rand.NewPCG(s.seed, 0)).Shuffle(len(mutants), func(i, j int) { mutants[i], mutants[j] = mutants[j], mutants[i] })
	if s.sample > 0 && s.sample < len(mutants) {
		fmt.Printf("%d of %d mutants\n", s.sample, len(mutants))
		mutants = mutants[:s.sample]
	}
	j, err := newJudge(root, s.pkg, s.limit)
	if err != nil {
		return err
	}
	defer j.close()
	if unbroken := j.try(ctx, mutant{}); unbroken != survived {
		return fmt.Errorf("the tests do not pass as things are: %s", unbroken)
	}
	counts, until := map[verdict]int{}, time.Now().Add(s.budget)
	for _, m := range mutants {
		if ctx.Err() != nil || time.Now().After(until) {
			break
		}
		v := j.try(ctx, m)
		counts[v]++
		if v == survived || v == late {
			fmt.Printf("%s: %s\n", v, m)
		}
	}
	fmt.Printf("%s, seed %d, %d mutants: noticed %d, by the time that passed %d, unnoticed %d, no programs %d\n",
		s.pkg, s.seed, len(mutants), counts[noticed], counts[late], counts[survived], counts[unviable])
	return nil
}
