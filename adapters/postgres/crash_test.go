package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"taskhold/adapters/postgres/postgrestest"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

func TestWhatWasAcknowledgedOutlastsACrashOfTheDatabase(t *testing.T) {
	cluster := postgrestest.StartCluster(t, postgrestest.Durable())
	s := start(t, cluster.URL("postgres"), Options{PoolTimeout: time.Second})
	must(t, s.Migrate(t.Context()))
	for round := range 2 {
		u := user(t, fmt.Sprint("user of round ", round))
		const writers, each = 4, 30
		acknowledged := make(chan task.Task, 10_000)
		var crash sync.WaitGroup // until each has written so many
		crash.Add(writers)
		failed := make(chan error, writers)
		for range writers {
			go func() { failed <- writeUntilItFails(t, s, u, each, acknowledged, crash.Done) }()
		}
		crash.Wait()
		must(t, cluster.Kill())
		for range writers {
			if err := <-failed; !errors.Is(err, ports.ErrUnavailable) {
				t.Errorf("when the database crashed a writer got %v, want ErrUnavailable", err)
			}
		}
		must(t, cluster.Start())
		close(acknowledged)
		for want := range acknowledged {
			if got, err := s.Find(t.Context(), u, want.ID()); err != nil || got != want {
				t.Errorf("after the crash Find of what was acknowledged = %v, %v", got.Snapshot(), err)
			}
		}
		wantCounted(t, s)
	}
}

// writeUntilItFails inserts a task in a unit of work with a key, and saves it.
func writeUntilItFails(t *testing.T, s *Store, u identity.UserID, each int, acknowledged chan<- task.Task, done func()) error {
	for n := 1; ; n++ {
		milk := titled(t, u, "milk")
		if err := s.Atomically(t.Context(), u, func(ctx context.Context, unit ports.Unit) error {
			key := milk.ID().String()
			if _, err := unit.Claim(ctx, u, key, time.Now()); err != nil {
				return err
			}
			return errors.Join(unit.Insert(ctx, milk, 1e6), unit.Keep(ctx, u, key, ports.Replay{}))
		}); err != nil {
			return err
		}
		bread := milk
		bread.Complete(time.Now())
		if err := s.Save(t.Context(), bread); err != nil {
			return err
		}
		acknowledged <- bread
		if n == each {
			done()
		}
	}
}

// wantCounted compares each user's count with the tasks that there are.
func wantCounted(t *testing.T, s *Store) {
	t.Helper()
	var wrong int
	must(t, s.pool.QueryRow(t.Context(), `SELECT count(*) FROM users
		WHERE tasks <> (SELECT count(*) FROM tasks WHERE tasks.user_id = users.user_id)`).Scan(&wrong))
	if wrong > 0 {
		t.Errorf("%d users have another number of tasks than is counted", wrong)
	}
}
