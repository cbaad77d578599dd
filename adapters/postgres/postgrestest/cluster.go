package postgrestest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// patience bounds the wait for a postmaster to start or stop.
const patience = 30 * time.Second

// Cluster is a PostgreSQL of a test's own, which the test may crash. Its
// methods are not for several goroutines at once.
type Cluster struct {
	folder   string // holds all that the cluster writes
	bin      string // PostgreSQL's programs
	password string // keeps the machine's other users out: who comes in is superuser
	port     int
	durable  bool
	owner    *owner

	postmaster *exec.Cmd
	ended      chan struct{} // closed when the postmaster has
	guard      *exec.Cmd
	lifeline   io.Closer
}

// Option changes how [StartCluster] makes a cluster.
type Option func(*Cluster)

// Durable makes the cluster keep what is committed through any crash, at the
// price of waiting for the disk.
func Durable() Option {
	return func(c *Cluster) { c.durable = true }
}

// StartCluster starts a throwaway cluster that ends with the test, whether or
// not TEST_DATABASE_URL is set. On one that is not [Durable] a crash may undo
// the last commits.
func StartCluster(t testing.TB, options ...Option) *Cluster {
	t.Helper()
	c, err := newCluster(machine.programs, options...)
	if err != nil {
		t.Fatalf("start a PostgreSQL cluster: %v", err)
	}
	t.Cleanup(func() {
		if err := c.remove(); err != nil {
			t.Errorf("remove the PostgreSQL cluster: %v", err)
		}
	})
	return c
}

func newCluster(programs func() (string, error), options ...Option) (*Cluster, error) {
	c := &Cluster{password: rand.Text()}
	for _, option := range options {
		option(c)
	}
	if err := c.make(programs); err != nil {
		return nil, errors.Join(err, c.remove())
	}
	return c, nil
}

func (c *Cluster) make(programs func() (string, error)) (err error) {
	if c.owner, err = runAs(os.Geteuid()); err != nil {
		return err
	}
	if c.bin, err = programs(); err != nil {
		return err
	}
	if c.port, err = freePort(); err != nil {
		return err
	}
	if c.folder, err = c.makeFolder(); err != nil {
		return err
	}
	if err := c.own(); err != nil {
		return err
	}
	if err := c.watch(); err != nil {
		return fmt.Errorf("start the guard: %w", err)
	}
	if err := c.initialize(); err != nil {
		return err
	}
	return c.Start()
}

// makeFolder makes the folder in memory if what it holds may be lost and there
// is room: a database is hundreds of files, whose making takes a disk ten times as long.
func (c *Cluster) makeFolder() (string, error) {
	if !c.durable && roomInMemory() >= 2<<30 {
		if folder, err := os.MkdirTemp(memory, "postgrestest-"); err == nil {
			return folder, nil
		}
	}
	return os.MkdirTemp("", "postgrestest-")
}

// own gives the folder to whom PostgreSQL runs as, with the password in it.
func (c *Cluster) own() error {
	file := c.path("password")
	if err := os.WriteFile(file, []byte(c.password), 0o600); err != nil || c.owner == nil {
		return err
	}
	return errors.Join(c.owner.take(file), c.owner.take(c.folder))
}

// watch starts the guard: a shell that waits for the end of a pipe only this
// process holds open, then ends the postmaster and removes the folder. However
// the process dies, the system closes its pipe.
func (c *Cluster) watch() (err error) {
	const script = `cd /; read -r line; "$0/pg_ctl" stop -D "$1/data" -m immediate
		rm -rf "$1" || { sleep 2; rm -rf "$1"; }` // a second time for an initdb that was still writing
	c.guard = c.command("/bin/sh", "-c", script, c.bin, c.folder)
	if c.lifeline, err = c.guard.StdinPipe(); err != nil {
		return err
	}
	return c.guard.Start()
}

// initialize makes the files of the cluster. Passwords are MD5 because SCRAM makes
// every connection of every test several milliseconds slower, and because this one
// is random and short-lived.
func (c *Cluster) initialize() error {
	out, err := c.command(filepath.Join(c.bin, "initdb"), "--pgdata", c.path("data"), "--no-sync",
		"--username", "postgres", "--auth", "md5", "--pwfile", c.path("password"),
		"--encoding", "UTF8", "--locale", "C").CombinedOutput()
	if err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// URL returns the URL of the database called name, as superuser. The cluster
// has one called postgres from the start.
func (c *Cluster) URL(name string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword("postgres", c.password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)), Path: "/" + name, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Start starts the cluster again after [Cluster.Kill] or [Cluster.Stop], on
// the same data and port, and returns when it takes connections.
func (c *Cluster) Start() error {
	log, err := os.OpenFile(c.path("log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	c.postmaster = c.command(filepath.Join(c.bin, "postgres"), c.arguments()...)
	c.postmaster.Stdout, c.postmaster.Stderr = log, log
	if err := c.postmaster.Start(); err != nil {
		return err
	}
	c.ended = make(chan struct{})
	go func(p *exec.Cmd, ended chan struct{}) { _ = p.Wait(); close(ended) }(c.postmaster, c.ended)
	return c.ready()
}

func (c *Cluster) arguments() []string {
	arguments := []string{
		"-D", c.path("data"), "-p", strconv.Itoa(c.port), "-k", c.folder, "-c", "listen_addresses=127.0.0.1",
		"-c", "max_connections=200", "-c", "shared_buffers=32MB",
	}
	if c.durable {
		return arguments
	}
	return append(arguments, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
		"-c", "max_wal_size=128MB") // memory is dear
}

func (c *Cluster) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, c.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-c.ended:
			log, _ := os.ReadFile(c.path("log"))
			return fmt.Errorf("postgres ended at once:\n%s", log)
		case <-ctx.Done():
			return fmt.Errorf("postgres takes no connections: %w", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Stop shuts the cluster down in order: transactions are rolled back,
// connections closed, and the data is all on disk.
func (c *Cluster) Stop() error {
	if err := c.postmaster.Process.Signal(syscall.SIGINT); err != nil {
		return err
	}
	select {
	case <-c.ended:
		return nil
	case <-time.After(patience):
		return errors.New("postgres does not stop")
	}
}

// Kill ends the postmaster and all its children with SIGKILL, as a crash of
// them all at one moment: nobody is told and nothing more is written.
func (c *Cluster) Kill() error {
	if err := crash(c.postmaster.Process); err != nil {
		return err
	}
	<-c.ended
	return nil
}

// remove lets the guard do its work, and waits for it.
func (c *Cluster) remove() error {
	if c.lifeline != nil {
		_ = c.lifeline.Close()
		_ = c.guard.Wait() // what it could not remove, the next line does
	}
	return os.RemoveAll(c.folder)
}

func (c *Cluster) path(name string) string { return filepath.Join(c.folder, name) }

func (c *Cluster) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = c.folder // the owner may not enter the one of the tests
	detach(cmd, c.owner)
	return cmd
}

// freePort finds a port below the range that systems give to outgoing
// connections, or one of those could take it while a killed cluster is down.
func freePort() (int, error) {
	for range 100 {
		port := 20000 + mathrand.IntN(12000)
		if l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no free port between 20000 and 32000")
}
