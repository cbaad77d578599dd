//go:build linux || darwin || freebsd

package postgrestest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestADurableClusterKeepsWhatIsCommittedThroughACrash(t *testing.T) {
	t.Parallel()
	c := StartCluster(t, Durable())
	url := c.URL("postgres")
	if got, want := query(t, url, settings), "fsync=on,full_page_writes=on,max_connections=200,synchronous_commit=on"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if err := run(t.Context(), url, "CREATE TABLE notes (id int); INSERT INTO notes VALUES (1), (2)"); err != nil {
		t.Fatal(err)
	}
	open := hold(t, url)
	if _, err := open.Exec(t.Context(), "BEGIN; INSERT INTO notes VALUES (3)"); err != nil {
		t.Fatal(err)
	}

	if err := c.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := open.Exec(t.Context(), "COMMIT"); err == nil {
		t.Error("a connection outlives the crash")
	}
	if err := run(t.Context(), url, "SELECT 1"); err == nil {
		t.Error("the killed cluster takes connections")
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}

	if got := query(t, url, "SELECT id FROM notes ORDER BY id"); got != "1,2" {
		t.Errorf("got notes %s after the crash, want the committed 1,2", got)
	}
	if log := read(t, c.path("log")); !strings.Contains(log, "not properly shut down") {
		t.Errorf("the kill was not a crash to PostgreSQL, whose log is:\n%s", log)
	}
}

const settings = `SELECT name || '=' || setting FROM pg_settings
	WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'max_connections') ORDER BY name`

// blind is a statement that runs for 20 s and does not look whether the postmaster does.
const blind = `DO $$ DECLARE enough timestamptz := clock_timestamp() + interval '20 s';
	BEGIN WHILE clock_timestamp() < enough LOOP END LOOP; END $$`

// TestACluster shares one between rules that leave it running as it was.
func TestACluster(t *testing.T) {
	t.Parallel()
	c := StartCluster(t)
	here := c.URL("postgres")

	t.Run("is fast", func(t *testing.T) {
		want := "fsync=off,full_page_writes=off,max_connections=200,synchronous_commit=off"
		if got := query(t, here, settings); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	t.Run("sorts text in the locale C", func(t *testing.T) {
		if got := query(t, here, "SELECT datcollate::text FROM pg_database WHERE datname = 'template0'"); got != "C" {
			t.Errorf("got locale %s, want C", got)
		}
	})
	t.Run("refuses who does not know its password", func(t *testing.T) {
		u, _ := url.Parse(here)
		u.User = url.UserPassword("postgres", "guess")
		if err := run(t.Context(), u.String(), "SELECT 1"); err == nil || !strings.Contains(err.Error(), "28P01") {
			t.Errorf("got %v, want that the password is wrong", err)
		}
	})
	t.Run("has a socket in a folder that is its own", func(t *testing.T) {
		u, _ := url.Parse(here)
		u.RawQuery = url.Values{"host": {c.folder}, "port": {u.Port()}}.Encode()
		u.Host = ""
		if got := query(t, u.String(), "SELECT inet_server_addr() IS NULL"); got != "true" {
			t.Errorf("got %s, want a connection without an address", got)
		}
	})
	t.Run("does not run as root", func(t *testing.T) {
		info, err := os.Stat(filepath.Join(c.folder, "data", "postmaster.pid")) // which the server itself has written
		if err != nil || info.Sys().(*syscall.Stat_t).Uid == 0 {
			t.Errorf("got %+v, %v, want any user but 0", info, err)
		}
	})
	t.Run("has no backend left after a kill", func(t *testing.T) {
		busy := hold(t, here)
		ids := []int{c.postmaster.Process.Pid, int(busy.PgConn().PID())}
		go func() { _, _ = busy.Exec(context.Background(), blind) }()
		await(t, "the query runs", func() bool {
			return query(t, here, fmt.Sprintf("SELECT state FROM pg_stat_activity WHERE pid = %d", ids[1])) == "active"
		})
		if err := c.Kill(); err != nil {
			t.Fatal(err)
		}
		if got := running(t, ids...); got != nil {
			t.Errorf("processes %v of %v run on", got, ids)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("starts again after a stop, with its data", func(t *testing.T) {
		if err := run(t.Context(), here, "CREATE TABLE notes ()"); err != nil {
			t.Fatal(err)
		}
		if err := c.Stop(); err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if got := query(t, here, tables); got != "notes" {
			t.Errorf("got tables %q, want notes", got)
		}
	})
}

func TestAStoppedCluster(t *testing.T) {
	t.Parallel()
	c := StartCluster(t)
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	t.Run("can neither be stopped nor killed", func(t *testing.T) {
		if c.Stop() == nil || c.Kill() == nil {
			t.Error("got no error")
		}
	})
	t.Run("says why it does not start", func(t *testing.T) {
		if err := os.WriteFile(c.path("data/postgresql.auto.conf"), []byte("fire = disk\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err == nil || !strings.Contains(err.Error(), `"fire"`) {
			t.Errorf("got %v, want what PostgreSQL says", err)
		}
	})
}

func TestAClusterThatIsNotMadeLeavesNothing(t *testing.T) {
	parent := t.TempDir()
	t.Setenv("TMPDIR", parent)
	if c, err := newCluster(func() (string, error) { return "/nonexistent", nil }, Durable()); err == nil {
		t.Errorf("got a cluster at %s without programs", c.URL("postgres"))
	}
	if got, err := os.ReadDir(parent); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v left, want nothing", got, err)
	}
}

func TestNothingOutlivesATestProcess(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(pid int) error{
		"that is killed":             func(pid int) error { return syscall.Kill(pid, syscall.SIGKILL) },
		"that a terminal interrupts": func(pid int) error { return syscall.Kill(-pid, syscall.SIGINT) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd, folder, postmaster := reexecute(t, "waits")
			if err := end(cmd.Process.Pid); err != nil {
				t.Fatal(err)
			}
			await(t, "the postmaster ends", func() bool { return running(t, postmaster) == nil })
			await(t, "the folder is gone", func() bool { return !exists(folder) })
		})
	}
}

func TestRunReturnsWhenNothingIsLeft(t *testing.T) {
	t.Parallel()
	cmd, folder, postmaster := reexecute(t, "runs")
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if running(t, postmaster) != nil || exists(folder) {
		t.Error("the process of the tests ended before its cluster")
	}
}

func TestOnlyRootHandsPostgreSQLToAnotherUser(t *testing.T) {
	t.Parallel()
	if got, err := runAs(1000); err != nil || got != nil {
		t.Errorf("got %v, %v for user 1000, want nobody else", got, err)
	}
	if got, err := runAs(0); err != nil || got.uid == 0 {
		t.Errorf("got %v, %v for root, want a user that is not root", got, err)
	}
}

// child names, in the environment of this test binary, what it does instead of testing.
const child = "POSTGRESTEST_CHILD"

func TestMain(m *testing.M) {
	if behave, ok := children[os.Getenv(child)]; ok {
		behave(m)
	}
	os.Exit(Run(m))
}

// children are what this test binary does in [reexecute].
var children = map[string]func(*testing.M){
	"waits": func(*testing.M) { report(); time.Sleep(time.Minute) },
	"runs":  func(m *testing.M) { report(); os.Exit(Run(m)) },
}

// report starts the server and prints its folder and postmaster.
func report() {
	os.Unsetenv("TEST_DATABASE_URL")
	if err := process.open(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(process.cluster.folder, process.cluster.postmaster.Process.Pid)
}

// reexecute starts this test binary as the child of that name, in a process
// group of its own, and returns it with what it reports.
func reexecute(t *testing.T, name string) (cmd *exec.Cmd, folder string, postmaster int) {
	t.Helper()
	cmd = exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), child+"="+name)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if _, err := fmt.Fscan(out, &folder, &postmaster); err != nil {
		t.Fatalf("the child reports nothing: %v", err)
	}
	return cmd, folder, postmaster
}

// running returns those of the processes that have not ended.
func running(t *testing.T, ids ...int) (alive []int) {
	t.Helper()
	all, err := processes()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if slices.Contains(ids, p.id) && !p.zombie {
			alive = append(alive, p.id)
		}
	}
	return alive
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited 10 s in vain until %s", what)
		}
	}
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
