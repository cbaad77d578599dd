package sqlite

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports/storetest"
)

// victim names the file that a process of this program writes to, until it is
// killed.
const victim = "TASKHOLD_TEST_VICTIM"

func TestMain(m *testing.M) {
	if address := os.Getenv(victim); address != "" {
		fmt.Fprintln(os.Stderr, write(context.Background(), address))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// start opens the store in a file, and closes it when the test ends.
func start(t testing.TB, address string) *Store {
	t.Helper()
	s, err := Open(t.Context(), address, Options{})
	must(t, err)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	must(t, s.Migrate(t.Context()))
	return s
}

func fresh(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "tasks.db")
}

// must ends the test at an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func user(text string) identity.UserID {
	u, err := identity.ParseUserID(text)
	if err != nil {
		panic(err)
	}
	return u
}

// titled makes a task that no store has seen.
func titled(u identity.UserID, title string) task.Task {
	var random [8]byte
	rand.Read(random[:]) // never fails
	now := time.Now()
	t, err := task.New(task.NewID(now, random), u, task.Change{Title: task.Some(title)}, now)
	if err != nil {
		panic(err)
	}
	return t
}

func TestContract(t *testing.T) {
	t.Parallel()
	s := start(t, fresh(t))
	storetest.Run(t, func(testing.TB) storetest.Subject { return s }, storetest.WithFill(fill))
}

// fill is many times faster than a claim for each, which counts those before.
func fill(ctx context.Context, s storetest.Subject, user identity.UserID, keys []string, at time.Time) error {
	list, err := json.Marshal(keys)
	if err != nil {
		return err
	}
	_, err = s.(*Store).writer.ExecContext(ctx, `INSERT INTO replays (user_id, key, claimed_at, status, request, location, etag, body)
		SELECT ?, value, ?, 0, zeroblob(32), '', '', zeroblob(0) FROM json_each(?)`, user.String(), at, string(list))
	return err
}

func TestWhatWasAcknowledgedOutlastsAKilledProgram(t *testing.T) {
	address := fresh(t)
	var acknowledged []string
	for range 2 { // the second begins with what the first left behind
		acknowledged = append(acknowledged, kill(t, address, 60)...)
	}
	s := start(t, address)
	for _, text := range acknowledged {
		id, err := task.ParseID(text)
		must(t, err)
		if got, err := s.Find(t.Context(), user("ann"), id); err != nil || got.Version() != 2 {
			t.Errorf("Find of what was acknowledged = %+v, %v; want version 2", got.Snapshot(), err)
		}
	}
	var wrong int
	must(t, s.writer.QueryRow("SELECT count(*) FROM users WHERE tasks <> (SELECT count(*) FROM tasks WHERE tasks.user_id = users.user_id)").Scan(&wrong))
	if wrong > 0 {
		t.Error("the count of tasks is wrong")
	}
	var verdict string
	must(t, s.writer.QueryRow("PRAGMA integrity_check").Scan(&verdict))
	if verdict != "ok" {
		t.Errorf("the file is damaged: %s", verdict)
	}
}

// kill starts a process that writes, kills it once it has acknowledged n tasks,
// and returns all that it acknowledged.
func kill(t *testing.T, address string, n int) (acknowledged []string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), victim+"="+address)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	for lines := bufio.NewScanner(out); lines.Scan(); {
		acknowledged = append(acknowledged, lines.Text())
		if len(acknowledged) == n {
			must(t, child.Process.Kill())
		}
	}
	if child.Wait() == nil || len(acknowledged) < n {
		t.Fatalf("the program ended by itself after %d tasks", len(acknowledged))
	}
	return acknowledged
}

// write inserts tasks and saves each, and prints the id of those that stand.
func write(ctx context.Context, address string) error {
	s, err := Open(ctx, address, Options{})
	if err != nil {
		return err
	}
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	for {
		t := titled(user("ann"), "milk")
		if err := s.Insert(ctx, t, 1e6); err != nil {
			return err
		}
		t.Complete(time.Now())
		if err := s.Save(ctx, t); err != nil {
			return err
		}
		fmt.Println(t.ID())
	}
}
