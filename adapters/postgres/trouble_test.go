package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"

	"taskhold/adapters/gormstore"
	"taskhold/adapters/postgres/postgrestest"
	"taskhold/domain/fault"
	"taskhold/domain/task"
	"taskhold/ports"
)

func TestStoreIsUnavailableWithoutItsDatabase(t *testing.T) {
	s := start(t, "postgres://joe:secret@127.0.0.1:1/tasks?sslmode=disable", Options{PoolTimeout: 100 * time.Millisecond})
	ann := user(t, "ann")
	milk := titled(t, ann, "milk")
	_, find := s.Find(t.Context(), ann, milk.ID())
	_, list := s.List(t.Context(), ann, ports.Query{Limit: 1})
	_, key := s.Key(t.Context(), "cursor")
	_, purge := s.PurgeReplays(t.Context(), time.Now(), 1)
	for method, err := range map[string]error{
		"Find": find, "List": list, "Key": key, "PurgeReplays": purge,
		"Insert": s.Insert(t.Context(), milk, 1), "Save": s.Save(t.Context(), milk),
		"Delete": s.Delete(t.Context(), ann, milk.ID(), 0),
		"Ping":   s.Ping(t.Context()), "Erase": s.Erase(t.Context(), ann, time.Now()),
		"Atomically": s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
			_, err := u.Claim(ctx, ann, "key", time.Now())
			return err
		}),
	} {
		if !errors.Is(err, ports.ErrUnavailable) {
			t.Errorf("%s = %v, want ErrUnavailable", method, err)
		}
	}
}

func TestTroubleIsToldApart(t *testing.T) {
	s := start(t, postgrestest.Open(t, migrated), Options{})
	for state, want := range map[string]gormstore.Trouble{
		"40001": gormstore.Conflict, "40P01": gormstore.Conflict, "55P03": gormstore.Locked,
		"08006": gormstore.Outage, "25006": gormstore.Outage, "28P01": gormstore.Outage, "3D000": gormstore.Outage,
		"53100": gormstore.Outage, "53300": gormstore.Outage, "57014": gormstore.Outage, "57P01": gormstore.Outage,
		"57P02": gormstore.Outage, "57P03": gormstore.Outage, "58030": gormstore.Outage,
		"22021": gormstore.Failure, "23505": gormstore.Failure, "23514": gormstore.Failure, "42703": gormstore.Failure,
		"42P01": gormstore.Failure, "XX001": gormstore.Failure, "25P02": gormstore.Failure,
	} {
		_, err := s.db.ExecContext(t.Context(), "DO $$ BEGIN RAISE SQLSTATE '"+state+"'; END $$")
		if got := judge(fmt.Errorf("wrapped: %w", err)); err == nil || got != want {
			t.Errorf("%s, %v: trouble %d, want %d", state, err, got, want)
		}
	}
}

func TestWaitForAConnectionIsBounded(t *testing.T) {
	const longest = 150 * time.Millisecond
	s := start(t, postgrestest.Open(t, migrated), Options{PoolSize: 1, PoolTimeout: longest})
	ann := user(t, "ann")
	milk := titled(t, ann, "milk")
	must(t, s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
		must(t, u.Insert(ctx, milk, 1)) // takes the one connection
		began := time.Now()
		if err := s.Ping(ctx); !errors.Is(err, ports.ErrUnavailable) || time.Since(began) > 10*longest {
			t.Errorf("Ping without a free connection = %v after %v", err, time.Since(began))
		}
		brief, cancel := context.WithTimeout(ctx, longest/3)
		defer cancel()
		if err := s.Ping(brief); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, fault.Unavailable) {
			t.Errorf("Ping whose own time is up first = %v, want DeadlineExceeded alone", err)
		}
		return nil
	}))
	must(t, s.Ping(t.Context()))
}

// A unit of work that does nothing yet holds no connection.
func TestIdleUnitHoldsNoConnection(t *testing.T) {
	s := start(t, postgrestest.Open(t, migrated), Options{PoolSize: 1, PoolTimeout: time.Second})
	must(t, s.Atomically(t.Context(), user(t, "ann"), func(ctx context.Context, _ ports.Unit) error { return s.Ping(ctx) }))
}

func TestEveryCallIsContentWithOneConnection(t *testing.T) {
	s := start(t, postgrestest.Open(t, migrated), Options{PoolSize: 1, PoolTimeout: time.Second})
	ann := user(t, "ann")
	milk := titled(t, ann, "milk")
	must(t, s.Insert(t.Context(), milk, 1))
	end := task.Order{}.Position(milk.Snapshot())
	page, err := s.List(t.Context(), ann, ports.Query{Limit: 1, Count: true, After: &end})
	if err != nil || page.Total != 1 || len(page.Tasks) != 0 {
		t.Errorf("List after the last = %d tasks of %d, %v", len(page.Tasks), page.Total, err)
	}
	for range 3 { // a refusal looks a second time
		if err := s.Insert(t.Context(), titled(t, ann, "bread"), 1); !errors.Is(err, task.ErrQuota) {
			t.Errorf("Insert over the quota = %v", err)
		}
		if _, err := s.Find(t.Context(), ann, titled(t, ann, "none").ID()); !errors.Is(err, task.ErrNotFound) {
			t.Errorf("Find of nothing = %v", err)
		}
	}
}

func TestCancelledCallsLeaveThePoolWhole(t *testing.T) {
	s := start(t, postgrestest.Open(t, migrated), Options{PoolSize: 2})
	ann := user(t, "ann")
	milk := titled(t, ann, "milk")
	must(t, s.Insert(t.Context(), milk, 1))
	bread := milk
	must(t, bread.Edit(task.Change{Title: task.Some("bread")}, time.Now()))
	for i := range 12 {
		must(t, s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
			must(t, u.Delete(ctx, ann, milk.ID(), 0)) // who saves it waits
			brief, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
			defer cancel()
			save := s.Save
			switch i % 3 {
			case 1:
				save = func(brief context.Context, t task.Task) error {
					return s.Atomically(brief, ann, func(ctx context.Context, u ports.Unit) error { return u.Save(ctx, t) })
				}
			case 2: // one statement is cancelled, not the unit of work
				save = func(brief context.Context, t task.Task) error {
					return s.Atomically(ctx, ann, func(ctx context.Context, u ports.Unit) error {
						_, err := u.List(ctx, ann, ports.Query{Limit: 1})
						return errors.Join(err, u.Save(brief, t))
					})
				}
			}
			if err := save(brief, bread); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, fault.Unavailable) {
				t.Errorf("Save of a task that another holds = %v, want DeadlineExceeded alone", err)
			}
			return u.Insert(ctx, milk, 1)
		}))
	}
	free := s.lockTasks(t)
	for range 6 {
		brief, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, find := s.Find(brief, ann, milk.ID())
		_, list := s.List(brief, ann, ports.Query{Limit: 1})
		cancel()
		if !errors.Is(find, context.DeadlineExceeded) || !errors.Is(list, context.DeadlineExceeded) || errors.Is(list, fault.Unavailable) {
			t.Errorf("Find = %v, List = %v of a table that another holds, want DeadlineExceeded alone", find, list)
		}
	}
	free()
	s.wantWhole(t)
	if got, err := s.Find(t.Context(), ann, milk.ID()); err != nil || got != milk {
		t.Errorf("Find afterwards = %v, %v", got.Snapshot(), err)
	}
}

// lockTasks keeps everybody from the table until free is called.
func (s *Store) lockTasks(t *testing.T) (free func()) {
	t.Helper()
	other, err := pgx.ConnectConfig(t.Context(), s.pool.Config().ConnConfig)
	must(t, err)
	_, err = other.Exec(t.Context(), "BEGIN; LOCK TABLE tasks")
	must(t, err)
	return func() { must(t, other.Close(t.Context())) }
}

// wantWhole wants every connection back.
func (s *Store) wantWhole(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for s.pool.Stat().AcquiredConns() > 0 && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	if n := s.pool.Stat().AcquiredConns(); n > 0 {
		t.Errorf("%d connections were never given back", n)
	}
}

func TestUnitsThatBlockEachOtherAreDoneAgain(t *testing.T) {
	s := start(t, postgrestest.Open(t, migrated), Options{})
	ann := user(t, "ann")
	one, two := titled(t, ann, "one"), titled(t, ann, "two")
	must(t, s.Insert(t.Context(), one, 2))
	must(t, s.Insert(t.Context(), two, 2))
	var (
		met  sync.WaitGroup
		runs = make(chan string, 20)
	)
	met.Add(2)
	change := func(title string, first, second task.Task) error {
		waits := sync.OnceFunc(func() { met.Done(); met.Wait() })
		return s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
			runs <- title
			if err := retitle(ctx, u, first, title); err != nil {
				return err
			}
			waits() // now each holds what the other wants
			return retitle(ctx, u, second, title)
		})
	}
	results := make(chan error, 2)
	go func() { results <- change("a", one, two) }()
	go func() { results <- change("b", two, one) }()
	for range 2 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if len(runs) < 3 {
		t.Errorf("the closures ran %d times: nobody was in the other's way", len(runs))
	}
	for _, started := range []task.Task{one, two} {
		if got, err := s.Find(t.Context(), ann, started.ID()); err != nil || got.Version() != 3 {
			t.Errorf("Find = version %d, %v; want 3, both changes kept", got.Version(), err)
		}
	}
}

func retitle(ctx context.Context, s ports.TaskStore, t task.Task, title string) error {
	stored, err := s.Find(ctx, t.User(), t.ID())
	if err != nil {
		return err
	}
	if err := stored.Edit(task.Change{Title: task.Some(title)}, time.Now()); err != nil {
		return err
	}
	return s.Save(ctx, stored)
}

// An operator may have set another isolation as the default, in which a
// statement fails that waited for another to end.
func TestStatementThatConflictsIsDoneAgain(t *testing.T) {
	address := postgrestest.Open(t, migrated)
	start(t, address, Options{}).sql(t, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = ''serializable''', current_database()); END $$")
	s := start(t, address, Options{})
	ann := user(t, "ann")
	must(t, s.Insert(t.Context(), titled(t, ann, "first"), 3))
	inserted := make(chan error, 1)
	must(t, s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
		must(t, u.Insert(ctx, titled(t, ann, "second"), 3))
		go func() { inserted <- s.Insert(t.Context(), titled(t, ann, "third"), 3) }()
		time.Sleep(200 * time.Millisecond) // until it waits
		return nil
	}))
	must(t, <-inserted)
	if err := s.Insert(t.Context(), titled(t, ann, "fourth"), 3); !errors.Is(err, task.ErrQuota) {
		t.Errorf("Insert over the quota = %v, want ErrQuota", err)
	}
}

func TestMistakeIsNoOutage(t *testing.T) {
	s := start(t, postgrestest.Open(t, migrated), Options{})
	milk := titled(t, user(t, "ann"), "milk")
	must(t, s.Insert(t.Context(), milk, 2))
	err := s.Insert(t.Context(), milk, 2)
	if !errors.Is(err, gorm.ErrDuplicatedKey) || errors.Is(err, fault.Unavailable) {
		t.Errorf("Insert again = %v, want a duplicated key", err)
	}
	s.sql(t, "ALTER TABLE tasks DROP COLUMN version")
	if err := s.Save(t.Context(), milk); err == nil || errors.Is(err, fault.Unavailable) {
		t.Errorf("Save without the column = %v, want an error that is no fault", err)
	}
}

func TestReadOnlyDatabaseIsUnavailableToWriters(t *testing.T) {
	address := postgrestest.Open(t, migrated)
	start(t, address, Options{}).sql(t, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$")
	s := start(t, address, Options{})
	ann, began := user(t, "ann"), time.Now()
	for range 30 {
		if err := s.Insert(t.Context(), titled(t, ann, "milk"), 1); !errors.Is(err, ports.ErrUnavailable) {
			t.Errorf("Insert = %v, want ErrUnavailable", err)
		}
	}
	if _, err := s.List(t.Context(), ann, ports.Query{Limit: 1}); err != nil {
		t.Errorf("List = %v", err)
	}
	if made := s.pool.Stat().NewConnsCount(); made > 3+int64(time.Since(began)/renewEvery) {
		t.Errorf("30 writes in vain take %d connections in %v", made, time.Since(began))
	}
}

func TestErasureWaitsForAUnitThatHoldsAKey(t *testing.T) {
	s := start(t, postgrestest.Open(t, migrated), Options{})
	ann := user(t, "ann")
	milk := titled(t, ann, "milk")
	must(t, s.Insert(t.Context(), milk, 2))
	erased := make(chan error, 1)
	must(t, s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
		_, err := u.Claim(ctx, ann, "key", time.Now())
		must(t, err)
		go func() { erased <- s.Erase(t.Context(), ann, time.Now()) }()
		select {
		case err := <-erased:
			t.Errorf("Erase beside a unit of work = %v, and did not wait", err)
			erased <- err
		case <-time.After(200 * time.Millisecond):
		}
		must(t, u.Insert(ctx, titled(t, ann, "bread"), 2)) // which no erasure may block
		return u.Keep(ctx, ann, "key", ports.Replay{Reply: ports.Reply{Body: []byte("milk")}})
	}))
	must(t, <-erased)
	var left int
	must(t, s.pool.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM replays) + (SELECT count(*) FROM tasks)").Scan(&left))
	if left > 0 {
		t.Errorf("%d rows of the erased user are left", left)
	}
}

func TestKeyThatIsHeldDoesNotKeepOthersFromInserting(t *testing.T) {
	s := start(t, postgrestest.Open(t, migrated), Options{})
	ann := user(t, "ann")
	must(t, s.Insert(t.Context(), titled(t, ann, "milk"), 3))
	must(t, s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
		_, err := u.Claim(ctx, ann, "key", time.Now())
		must(t, err)
		brief, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		return s.Insert(brief, titled(t, ann, "bread"), 3)
	}))
}
