package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// subject is what is measured: a server, or pgbench.
type subject struct {
	name    string
	pgbench *pgbench // nil for a server
	server  *server
	cluster *cluster // nil for SQLite, which works in the server
	traffic traffic
}

// closed is a period in which each of a few connections is always busy.
func (s *subject) closed(ctx context.Context, period time.Duration) (tally, error) {
	if s.pgbench != nil {
		return s.pgbench.run(ctx, period)
	}
	return closedLoop(ctx, s.server.address, closedConns, s.traffic, period)
}

// open is a period with a constant rate over many connections. pgbench has no
// part in it.
func (s *subject) open(ctx context.Context, rate int, period time.Duration) (tally, error) {
	return openLoop(ctx, s.server.address, s.traffic, pace{openConns, rate, period, longestAnswer})
}

// round is what one period came to.
type round struct {
	tally
	spent
	memory int64 // of the server at the end
}

// loop is a way to load a subject.
type loop func(*subject, context.Context, time.Duration) (tally, error)

// measure makes a round.
func (s *subject) measure(ctx context.Context, load loop, period time.Duration) (r round, err error) {
	before, err := s.spent()
	if err != nil {
		return r, err
	}
	if r.tally, err = load(s, ctx, period); err != nil {
		return r, err
	}
	after, err := s.spent()
	if err != nil {
		return r, err
	}
	r.spent = spent{after.server - before.server, after.database - before.database, after.generator - before.generator}
	if s.server != nil {
		r.memory, err = memoryOf(s.server.pid())
	}
	return r, err
}

// spent is processor time: of the server, of PostgreSQL, and of this process
// with pgbench.
type spent struct{ server, database, generator time.Duration }

// spent is the time so far.
func (s *subject) spent() (t spent, err error) {
	generator, err := readStat(os.Getpid())
	if err != nil {
		return t, err
	}
	t.generator = generator.own + generator.ended
	if s.cluster != nil {
		if t.database, err = cpuOf(s.cluster.pid()); err != nil {
			return t, err
		}
	}
	if s.server != nil {
		t.server, err = cpuOf(s.server.pid())
	}
	return t, err
}

// measureAll measures subjects in turn, again and again, so that what else the
// machine does meets all of them. A first turn warms up and is not counted.
func (o options) measureAll(ctx context.Context, subjects []*subject, load loop) (*results, error) {
	all := &results{rounds: make(map[string][]round)}
	for turn := range o.rounds + 1 {
		for _, s := range subjects {
			period := o.duration
			if turn == 0 {
				period = max(period/4, 200*time.Millisecond)
			}
			r, err := s.measure(ctx, load, period)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.name, err)
			}
			if turn > 0 {
				all.rounds[s.name] = append(all.rounds[s.name], r)
			}
		}
	}
	return all, nil
}
