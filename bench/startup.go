package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"time"
)

const starts = 5

// measureStartup prints how long Taskhold takes from exec to its first answer
// when its schema is up to date, and how large the program is.
func (b *bench) measureStartup(ctx context.Context) error {
	if err := b.prepare(ctx); err != nil {
		return err
	}
	program, err := os.Stat(b.taskhold)
	if err != nil {
		return err
	}
	fmt.Printf("\nStart: from exec to the first answer of a list, the middle one of %d; the program has %.1f MB\n\n", starts, megabytes(program.Size()))
	fmt.Print("| | ms |\n|---|---|\n")
	for _, s := range b.subjects {
		var database string
		switch s.name {
		case "postgres":
			database = b.cluster.url()
		case "sqlite":
			database = b.sqlite()
		default:
			continue
		}
		var met []float64
		for range starts {
			took, err := b.startOnce(ctx, database, s.traffic.callers[0])
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			met = append(met, took.Seconds()*1000)
		}
		fmt.Printf("| %s | %s |\n", titles[s.name], spread(met, "%.0f"))
	}
	return nil
}

// startOnce starts a Taskhold, waits until it lists and stops it.
func (b *bench) startOnce(ctx context.Context, database string, user *caller) (time.Duration, error) {
	port, err := freePort()
	if err != nil {
		return 0, err
	}
	began := time.Now()
	p, err := b.serve("started", database, port)
	if err != nil {
		return 0, err
	}
	defer func() {
		p.stop()
		b.running = slices.DeleteFunc(b.running, func(other *process) bool { return other == p })
	}()
	return b.firstAnswer(ctx, p, net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), user, began)
}

// firstAnswer asks again as soon as nobody listens, but is not answered, or is refused.
func (b *bench) firstAnswer(ctx context.Context, p *process, address string, user *caller, began time.Time) (time.Duration, error) {
	c := &connection{address: address}
	defer c.close()
	for {
		err := c.carry(errand{op: list, user: user}, time.Now().Add(longestAnswer))
		took := time.Since(began)
		if err == nil {
			return took, nil
		}
		select {
		case <-p.ended:
			return 0, errors.New("it ended at once:\n" + p.said(0))
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(time.Millisecond):
		}
		if took > patience {
			return 0, fmt.Errorf("no answer in %v: %w", patience, err)
		}
	}
}
