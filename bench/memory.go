package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

const (
	listsEach = 10 // that a connection is served before memory is looked at
	atOnce    = 64 // connections that ask at the same time, so that nobody is refused
)

// measureMemory prints what each server holds while connections are open that
// have been served.
func (b *bench) measureMemory(ctx context.Context) error {
	if err := b.prepare(ctx); err != nil {
		return err
	}
	fmt.Printf("\nMemory in MB at so many open connections, each of which was served %d lists, %d at a time\n\n", listsEach, atOnce)
	fmt.Println(memoryHead(b.special.memory))
	var wrong error
	for _, s := range b.subjects {
		cells := "| " + titles[s.name] + " |"
		for _, n := range b.special.memory {
			memory, err := s.memoryAt(ctx, n)
			if memory == 0 {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			wrong = errors.Join(wrong, err)
			cells += fmt.Sprintf(" %.0f |", megabytes(memory))
		}
		fmt.Println(cells)
	}
	return wrong
}

func memoryHead(counts []int) string {
	head := "| |"
	for _, n := range counts {
		head += fmt.Sprintf(" %d |", n)
	}
	return head + "\n|" + strings.Repeat("---|", len(counts)+1)
}

// memoryAt returns what the server holds, and an error besides if an answer
// was wrong.
func (s *subject) memoryAt(ctx context.Context, n int) (int64, error) {
	all, err := connect(ctx, s.server.address, n)
	defer all.close()
	if err != nil {
		return 0, err
	}
	turns := make(chan struct{}, atOnce)
	lists := traffic{s.traffic.callers, mix{list: 1}}
	served, err := all.work(ctx, func(_ time.Time, c *connection, mine *tally) {
		for range listsEach {
			turns <- struct{}{}
			sent := time.Now()
			mine.add(sent, sent, c.carry(lists.next(c.random), sent.Add(longestAnswer)))
			<-turns
		}
	})
	if err != nil {
		return 0, err
	}
	memory, err := memoryOf(s.server.pid())
	if err == nil && served.good() < n*listsEach {
		missed := fmt.Errorf("%s: %d of %d lists were refused or wrong", s.name, n*listsEach-served.good(), n*listsEach)
		err = errors.Join(missed, served.first)
	}
	return memory, err
}
