package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	poolSize    = 8 // connections of a server to PostgreSQL
	closedConns = 64
	openConns   = 1000
)

// bench is one measurement.
type bench struct {
	*stage
	options
	world    world
	secret   string
	taskhold string // the program
	cluster  *cluster
	subjects []*subject
}

func newBench(o options) (*bench, error) {
	s, err := newStage(o.folder)
	if err != nil {
		return nil, err
	}
	return &bench{stage: s, options: o, world: world{users: o.users, each: o.tasks / o.users}, secret: rand.Text() + rand.Text()}, nil
}

// about says what is measured, and on what.
func (b *bench) about() string {
	load, _ := os.ReadFile("/proc/loadavg")
	before, _, _ := strings.Cut(string(load), " ")
	return fmt.Sprintf("%d tasks of %d users; %s; %d rounds of %v; %d processors, load %s before; %s",
		b.world.users*b.world.each, b.world.users, b.mix, b.rounds, b.duration, runtime.NumCPU(), before, runtime.Version())
}

// prepare starts and fills what is to be measured, unless that is done.
func (b *bench) prepare(ctx context.Context) error {
	if b.subjects != nil {
		return nil
	}
	if b.measures("pgbench") || b.measures("bare") || b.measures("postgres") {
		if err := b.preparePostgres(ctx); err != nil {
			return err
		}
	}
	for number, name := range names {
		if b.measures(name) {
			s, err := b.newSubject(ctx, name, b.world.crowd(number))
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			b.subjects = append(b.subjects, s)
		}
	}
	return nil
}

func (b *bench) measures(name string) bool { return slices.Contains(b.only, name) }

// build makes the programs, but for a Taskhold that was built before; that as
// it is shipped.
func (b *bench) build(ctx context.Context) (err error) {
	if b.taskhold, err = filepath.Abs(b.binary); b.binary == "" {
		b.taskhold = b.path("taskhold")
		err = b.compile(ctx, "..", b.taskhold, "-pgo=production.pgo", "-trimpath", "-ldflags=-s -w")
	}
	if err == nil && b.measures("bare") {
		err = b.compile(ctx, "bare", b.path("bare"))
	}
	return err
}

func (b *bench) compile(ctx context.Context, folder, program string, flags ...string) error {
	cmd := exec.CommandContext(ctx, "go", slices.Concat([]string{"build", "-o", program}, flags, []string{"."})...)
	cmd.Dir, cmd.Env = folder, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", folder, err, out)
	}
	return nil
}

func (b *bench) preparePostgres(ctx context.Context) (err error) {
	if b.cluster, err = b.startCluster(ctx); err != nil {
		return err
	}
	return b.fill(ctx, b.cluster.url(), b.world)
}

// fill puts a world into an empty database of PostgreSQL.
func (b *bench) fill(ctx context.Context, url string, w world) error {
	if err := b.migrate(ctx, url); err != nil {
		return err
	}
	return b.timed(fmt.Sprintf("fill PostgreSQL with %d tasks", w.users*w.each), func() error { return fillPostgres(ctx, url, w) })
}

func (b *bench) migrate(ctx context.Context, url string) error {
	cmd := exec.CommandContext(ctx, b.taskhold, "migrate", "up")
	cmd.Env = []string{"DATABASE_URL=" + url}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("migrate: %w\n%s", err, out)
	}
	return nil
}

// timed says how long something took.
func (b *bench) timed(what string, do func() error) error {
	began := time.Now()
	err := do()
	fmt.Printf("%s: %.1f s\n", what, time.Since(began).Seconds())
	return err
}

// newSubject starts one of names.
func (b *bench) newSubject(ctx context.Context, name string, c crowd) (_ *subject, err error) {
	s := &subject{name: name, cluster: b.cluster}
	switch name {
	case "pgbench":
		s.pgbench, err = b.newPgbench(ctx, c)
		return s, err
	case "bare":
		s.server, err = b.startBare(ctx)
	case "postgres":
		s.server, err = b.startTaskhold(ctx, name, b.cluster.url())
	case "sqlite":
		s.cluster = nil
		s.server, err = b.startSQLite(ctx)
	}
	if err != nil {
		return nil, err
	}
	s.traffic, err = b.trafficOf(c)
	return s, err
}

func (b *bench) trafficOf(c crowd) (t traffic, err error) {
	t.mix = b.mix
	t.callers, err = callers(c, b.secret)
	return t, err
}

// server is a program that serves the API.
type server struct {
	*process
	address string
	admin   string // of Taskhold's profiles
}

// sqlite is the URL of the file.
func (b *bench) sqlite() string { return "sqlite:" + b.path("tasks.db") }

func (b *bench) startSQLite(ctx context.Context) (*server, error) {
	if err := b.migrate(ctx, b.sqlite()); err != nil {
		return nil, err
	}
	if err := b.timed("fill SQLite", func() error { return fillSQLite(ctx, b.path("tasks.db"), b.world) }); err != nil {
		return nil, err
	}
	return b.startTaskhold(ctx, "sqlite", b.sqlite())
}

var (
	listening      = regexp.MustCompile(`"address":"([^"]+)"`)
	adminListening = regexp.MustCompile(`"admin_address":"([^"]+)"`)
)

// startTaskhold starts one that chooses its port.
func (b *bench) startTaskhold(ctx context.Context, name, database string) (*server, error) {
	p, err := b.serve(name, database, 0)
	if err != nil {
		return nil, err
	}
	s := &server{process: p}
	if s.admin, err = p.await(ctx, adminListening); err == nil {
		s.address, err = p.await(ctx, listening)
	}
	return s, err
}

// serve starts Taskhold as in production, a log line for each request included;
// but no user meets a limit.
func (b *bench) serve(name, database string, port int) (*process, error) {
	cmd := exec.Command(b.taskhold, "serve")
	cmd.Env = []string{
		"DATABASE_URL=" + database, "BETTER_AUTH_SECRET=" + b.secret,
		"API_HOST=127.0.0.1", "API_PORT=" + strconv.Itoa(port), "ADMIN_ADDR=127.0.0.1:0", "DB_POOL_SIZE=" + strconv.Itoa(poolSize),
		"RATE_LIMIT_READ=1000000/1m", "RATE_LIMIT_WRITE=1000000/1m", "TASKS_PER_USER=10000000",
	}
	return b.start(name, cmd, syscall.SIGTERM)
}

func (b *bench) startBare(ctx context.Context) (*server, error) {
	cmd := exec.Command(b.path("bare"))
	cmd.Env = []string{"DATABASE_URL=" + b.cluster.url(), "BETTER_AUTH_SECRET=" + b.secret}
	p, err := b.start("bare", cmd, syscall.SIGTERM)
	if err != nil {
		return nil, err
	}
	address, err := p.await(ctx, regexp.MustCompile(`listening on (\S+)`))
	return &server{process: p, address: address}, err
}
