package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// cluster is a PostgreSQL of one measurement. It keeps what is committed: every
// commit waits for the disk.
type cluster struct {
	*process
	bin      string // PostgreSQL's programs
	password string
	port     int
}

// What is not PostgreSQL's default, for a machine with a few GB. Full page
// writes after a checkpoint would fall on whoever is measured next.
var clusterSettings = []string{
	"listen_addresses=127.0.0.1", "max_connections=100", "shared_buffers=512MB",
	"max_wal_size=8GB", "checkpoint_timeout=1h",
}

func (s *stage) startCluster(ctx context.Context) (*cluster, error) {
	bin, err := postgresPrograms()
	if err != nil {
		return nil, err
	}
	owner, err := postgresOwner()
	if err != nil {
		return nil, err
	}
	c := &cluster{bin: bin, password: rand.Text()}
	folder := s.path("postgres")
	if err := s.initialize(ctx, c, folder, owner); err != nil {
		return nil, err
	}
	if c.port, err = freePort(); err != nil {
		return nil, err
	}
	args := []string{"-D", filepath.Join(folder, "data"), "-p", strconv.Itoa(c.port), "-k", folder}
	for _, setting := range clusterSettings {
		args = append(args, "-c", setting)
	}
	cmd := exec.Command(filepath.Join(bin, "postgres"), args...)
	cmd.Dir, cmd.SysProcAttr = folder, &syscall.SysProcAttr{Credential: owner}
	if c.process, err = s.start("postgres", cmd, syscall.SIGQUIT); err != nil { // at once: nothing is kept
		return nil, err
	}
	err = c.ready(ctx)
	return c, err
}

// initialize makes the files of a cluster, as whom it will run.
func (s *stage) initialize(ctx context.Context, c *cluster, folder string, owner *syscall.Credential) error {
	password := filepath.Join(folder, "password")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(password, []byte(c.password), 0o600); err != nil {
		return err
	}
	if owner != nil {
		for _, path := range []string{folder, password} {
			if err := os.Chown(path, int(owner.Uid), int(owner.Gid)); err != nil {
				return err
			}
		}
	}
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, "initdb"), "--pgdata", filepath.Join(folder, "data"),
		"--username", "postgres", "--auth", "scram-sha-256", "--pwfile", password, "--encoding", "UTF8", "--locale", "C")
	cmd.Dir, cmd.SysProcAttr = folder, &syscall.SysProcAttr{Credential: owner}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

func (c *cluster) url() string { return c.urlOf("postgres") }

func (c *cluster) urlOf(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword("postgres", c.password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)), Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

func (c *cluster) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, c.url())
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-c.ended:
			return fmt.Errorf("postgres ended at once:\n%s", c.said(0))
		case <-ctx.Done():
			return fmt.Errorf("postgres takes no connections: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// do runs one statement and scans what it returns, if that is asked for.
func (c *cluster) do(ctx context.Context, statement string, into ...any) error {
	conn, err := pgx.Connect(ctx, c.url())
	if err != nil {
		return err
	}
	defer conn.Close(ctx) //nolint:errcheck // the statement is done
	if len(into) > 0 {
		return conn.QueryRow(ctx, statement).Scan(into...)
	}
	_, err = conn.Exec(ctx, statement)
	return err
}

// postgresPrograms finds the folder of the newest PostgreSQL that is installed.
func postgresPrograms() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // Debian's
	if err != nil || len(found) == 0 {
		return "", errors.New("PostgreSQL is not installed: there is no initdb")
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return versionIn(a) - versionIn(b) })
	return filepath.Dir(newest), nil
}

func versionIn(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb)))) // 0 for a name that is no number
	return n
}

// postgresOwner chooses whom PostgreSQL runs as, since it refuses to run as
// root; nil is the user of this process.
func postgresOwner() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			owner := new(syscall.Credential)
			_, err := fmt.Sscan(u.Uid+" "+u.Gid, &owner.Uid, &owner.Gid)
			return owner, err
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user called postgres or nobody")
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
