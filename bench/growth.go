package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// grown is a database of its own size.
type grown struct {
	title string
	world world
}

// grownWorlds are those of -growth, whose users have as many tasks each as
// everywhere, and one of users who have many.
func (b *bench) grownWorlds() []grown {
	var all []grown
	for _, tasks := range b.growth {
		w := world{users: tasks / b.world.each, each: b.world.each}
		all = append(all, grown{fmt.Sprintf("%d tasks, %d for each user", w.users*w.each, w.each), w})
	}
	if b.heavy > 0 {
		w := world{users: b.tasks / b.heavy, each: b.heavy}
		all = append(all, grown{fmt.Sprintf("%d tasks, %d for each user", w.users*w.each, w.each), w})
	}
	return all
}

// measureGrowth prints what a request costs on databases of different sizes,
// which stand beside each other in one cluster.
func (b *bench) measureGrowth(ctx context.Context) (err error) {
	if b.cluster == nil {
		if b.cluster, err = b.startCluster(ctx); err != nil {
			return err
		}
	}
	var subjects []*subject
	for i, g := range b.grownWorlds() {
		s, err := b.newGrown(ctx, fmt.Sprintf("grown_%d", i), g)
		if err != nil {
			return fmt.Errorf("%s: %w", g.title, err)
		}
		subjects = append(subjects, s)
	}
	met, err := b.measureAll(ctx, subjects, (*subject).closed)
	if err != nil {
		return err
	}
	fmt.Print(met.growthTable(subjects))
	return met.wrong()
}

func (b *bench) newGrown(ctx context.Context, database string, g grown) (*subject, error) {
	if err := b.cluster.do(ctx, "CREATE DATABASE "+database); err != nil {
		return nil, err
	}
	url := b.cluster.urlOf(database)
	if err := b.fill(ctx, url, g.world); err != nil {
		return nil, err
	}
	s := &subject{name: g.title, cluster: b.cluster}
	var err error
	if s.server, err = b.startTaskhold(ctx, database, url); err != nil {
		return nil, err
	}
	s.traffic, err = b.trafficOf(g.world.sample())
	return s, err
}

// growthTable compares each with the first.
func (r *results) growthTable(subjects []*subject) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nGrowth: closed loop of %d connections, each database in turn, beside the first\n\n", closedConns)
	b.WriteString("| | requests/s | server µs | of the first | database µs | of the first | p50 ms | of the first | wrong | refused |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|\n")
	first := subjects[0].name
	for _, s := range subjects {
		all := r.rounds[s.name]
		fmt.Fprintf(&b, "| %s | %.0f |", s.name, median(all, round.rate))
		for _, of := range []struct {
			value  func(round) float64
			format string
		}{{round.work, "%.0f"}, {round.databaseWork, "%.0f"}, {round.half, "%.1f"}} {
			fmt.Fprintf(&b, " "+of.format+" | %s |", median(all, of.value), r.ratio(s.name, first, of.value))
		}
		fmt.Fprintf(&b, " %s |\n", failures(all))
	}
	return b.String()
}

// databaseWork is PostgreSQL's processor time for a request in microseconds.
func (r round) databaseWork() float64 { return r.each(r.database) }

// half is the p50 in milliseconds.
func (r round) half() float64 {
	return percentile(sorted(r.latencies), 50).Seconds() * float64(time.Second/time.Millisecond)
}
