// Command bench measures Taskhold on PostgreSQL and on SQLite beside pgbench,
// which runs the same statements without a server, and beside a bare server of
// the same operations. It starts all that it needs and stops it again.
//
// It reads /proc, so it needs Linux; and the programs of PostgreSQL, pgbench
// among them. docs/performance.md tells how to read what it prints.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

const mostTasks = 10_000_000 // in a database

// options are how a measurement is made.
type options struct {
	tasks, users, rounds int
	duration             time.Duration
	rate                 int
	only                 []string
	mix                  mix
	special
	folder  string
	binary  string
	profile string
}

// names are those of what can be measured, in the order of each round.
var names = []string{"pgbench", "bare", "postgres", "sqlite"}

func readOptions(args []string) (o options, err error) {
	set := flag.NewFlagSet("bench", flag.ContinueOnError)
	set.IntVar(&o.tasks, "seed", 1_000_000, "how many tasks there are before anybody calls")
	set.IntVar(&o.users, "users", 10_000, "how many users have them")
	set.IntVar(&o.rounds, "rounds", 5, "how often each is measured, in turn")
	set.DurationVar(&o.duration, "duration", 10*time.Second, "how long each time")
	set.IntVar(&o.rate, "rate", 0, "requests a second in the open loop; 0 is half of what Taskhold on PostgreSQL did in the closed one")
	only := set.String("only", strings.Join(names, ","), "what to measure")
	o.mix = usual
	set.Var(&o.mix, "mix", "which operations are called, and how often, such as list or list=3,get=1")
	o.declare(set)
	set.StringVar(&o.folder, "dir", os.TempDir(), "where the databases are put: a disk, or a commit would wait for nothing")
	set.StringVar(&o.binary, "binary", "", "a built Taskhold to measure instead of this one, as of another commit")
	set.StringVar(&o.profile, "profile", "", "a file to write a CPU profile of Taskhold on PostgreSQL to, made in a round of its own")
	if err := set.Parse(args); err != nil {
		return o, err
	}
	o.only = strings.Split(*only, ",")
	return o, o.check()
}

func (o options) check() error {
	for _, name := range o.only {
		if !slices.Contains(names, name) {
			return fmt.Errorf("-only knows %s, not %q", strings.Join(names, ", "), name)
		}
	}
	switch {
	case o.users < crowds || o.rounds < 1 || o.duration <= 0 || o.rate < 0:
		return fmt.Errorf("-users is at least %d, -rounds at least 1, -duration and -rate not negative", crowds)
	case o.tasks < 2*pageSize*o.users || o.tasks > mostTasks:
		return fmt.Errorf("-seed is at least %d for each user, so that no list is short, and at most %d", 2*pageSize, mostTasks)
	case o.profile != "" && (o.special.wanted() || !slices.Contains(o.only, "postgres")):
		return errors.New("-profile is of postgres in the comparison, which -only or another flag leaves out")
	}
	return o.special.check(o)
}

func main() {
	o, err := readOptions(os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	err = measure(ctx, o)
	if ctx.Err() != nil {
		err = errors.New("interrupted; all that ran has been stopped")
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// measure makes one measurement and prints it.
func measure(ctx context.Context, o options) (err error) {
	b, err := newBench(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	fmt.Println(b.about())
	if err := b.build(ctx); err != nil {
		return err
	}
	if b.special.wanted() {
		return b.measureSpecial(ctx)
	}
	return b.compare(ctx)
}

// compare measures all beside each other.
func (b *bench) compare(ctx context.Context) error {
	if err := b.prepare(ctx); err != nil {
		return err
	}
	closed, err := b.measureAll(ctx, b.subjects, (*subject).closed)
	if err != nil {
		return err
	}
	fmt.Print(closed.closedTable())
	rate := cmp.Or(b.rate, max(1, closed.pace()/2))
	open, err := b.measureAll(ctx, b.servers(), func(s *subject, ctx context.Context, period time.Duration) (tally, error) {
		return s.open(ctx, rate, period)
	})
	if err != nil {
		return err
	}
	fmt.Print(open.openTable(rate))
	if err := b.writeProfile(ctx); err != nil {
		return err
	}
	return errors.Join(closed.wrong(), open.wrong())
}

// servers are all but pgbench.
func (b *bench) servers() []*subject {
	return slices.DeleteFunc(slices.Clone(b.subjects), func(s *subject) bool { return s.server == nil })
}
