package memory_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"taskhold/adapters/memory"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
	"taskhold/ports/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(testing.TB) storetest.Subject { return new(memory.Store) })
}

var (
	ann, _ = identity.ParseUserID("ann")
	bob, _ = identity.ParseUserID("bob")
	noon   = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

// nth makes a task that no other is like.
func nth(t testing.TB, user identity.UserID, n int) task.Task {
	t.Helper()
	created := noon.Add(time.Duration(n) * time.Microsecond)
	made, err := task.New(task.NewID(created, [8]byte{}), user, task.Change{Title: task.Some(fmt.Sprintf("task %d", n)), Tags: task.Some([]string{"a"})}, created)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// running runs a unit of work of ann that claims the key "first", and do
// beside it.
func running(t *testing.T, s *memory.Store, do func()) {
	t.Helper()
	claimed, end := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
			_, err := u.Claim(ctx, ann, "first", noon)
			close(claimed)
			<-end
			return err
		}); err != nil {
			t.Error(err)
		}
	})
	<-claimed
	do()
	close(end)
	wg.Wait()
}

func TestNoUserWaitsForAnother(t *testing.T) {
	s := new(memory.Store)
	running(t, s, func() {
		if err := s.Insert(t.Context(), nth(t, bob, 1), 1); err != nil {
			t.Error(err)
		}
		if err := s.Erase(t.Context(), bob, noon); err != nil {
			t.Error(err)
		}
	})
}

func TestReadersDoNotWaitForAUnitOfWork(t *testing.T) {
	s := new(memory.Store)
	running(t, s, func() {
		if _, err := s.List(t.Context(), ann, ports.Query{Limit: 1}); err != nil {
			t.Error(err)
		}
	})
}

func TestAUnitOfWorkThatDoesNothingHoldsNobodyUp(t *testing.T) {
	s := new(memory.Store)
	if err := s.Atomically(t.Context(), ann, func(ctx context.Context, _ ports.Unit) error {
		return s.Insert(ctx, nth(t, ann, 1), 1)
	}); err != nil {
		t.Error(err)
	}
}

func TestWritersOfOneUserWaitAsLongAsTheirContextLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(memory.Store)
		running(t, s, func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			erased := make(chan error)
			go func() { erased <- s.Erase(ctx, ann, noon) }()
			for method, err := range map[string]error{
				"Insert": s.Insert(ctx, nth(t, ann, 1), 1),
				"Save":   s.Save(ctx, nth(t, ann, 1)),
				"Delete": s.Delete(ctx, ann, nth(t, ann, 1).ID(), 0),
				"Erase":  <-erased,
				"Claim": s.Atomically(ctx, ann, func(ctx context.Context, u ports.Unit) error {
					_, err := u.Claim(ctx, ann, "second", noon)
					return err
				}),
			} {
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s = %v, want the end of its context", method, err)
				}
			}
		})
		if err := s.Insert(t.Context(), nth(t, ann, 1), 1); err != nil {
			t.Errorf("Insert afterwards = %v", err)
		}
	})
}

// TestOnlyTheKeyThatIsHeldIsBusy has a unit of work wait for one that holds
// another key: for longer than one waits for a key.
func TestOnlyTheKeyThatIsHeldIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(memory.Store)
		claim := func(key string) error {
			return s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
				_, err := u.Claim(ctx, ann, key, noon)
				return err
			})
		}
		second := make(chan error, 1)
		running(t, s, func() {
			go func() { second <- claim("second") }()
			began := time.Now()
			if err, waited := claim("first"), time.Since(began); !errors.Is(err, ports.ErrKeyBusy) || waited != 2*time.Second {
				t.Errorf("Claim of a key that is held = %v after %v", err, waited)
			}
			time.Sleep(time.Hour)
			select {
			case err := <-second:
				t.Errorf("Claim of another key = %v", err)
			default:
			}
		})
		if err := <-second; err != nil {
			t.Errorf("Claim of another key = %v", err)
		}
	})
}

func TestAKeyThatAUnitWithinGaveBackIsNotHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(memory.Store)
		boom := errors.New("boom")
		twin := make(chan error, 1)
		if err := s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
			err := u.Atomically(ctx, ann, func(ctx context.Context, within ports.Unit) error {
				_, err := within.Claim(ctx, ann, "key", noon)
				return errors.Join(err, boom)
			})
			go func() {
				twin <- s.Atomically(ctx, ann, func(ctx context.Context, u ports.Unit) error {
					_, err := u.Claim(ctx, ann, "key", noon)
					return err
				})
			}()
			time.Sleep(time.Hour)
			if !errors.Is(err, boom) {
				return err
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		if err := <-twin; err != nil {
			t.Errorf("Claim of a key that was given back = %v", err)
		}
	})
}

func TestOnlyAKeyThatWasClaimedIsKept(t *testing.T) {
	s := new(memory.Store)
	keep := func(ctx context.Context, u ports.Unit) error { return u.Keep(ctx, ann, "key", ports.Replay{}) }
	if s.Atomically(t.Context(), ann, keep) == nil {
		t.Error("a key was kept that nobody claimed")
	}
}

func TestAGoroutineThatExitsGivesItsTurnBack(t *testing.T) {
	s := new(memory.Store)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
			if err := u.Insert(ctx, nth(t, ann, 1), 1); err != nil {
				t.Error(err)
			}
			runtime.Goexit()
			return nil
		})
	}()
	<-done
	if err := s.Insert(t.Context(), nth(t, ann, 1), 1); err != nil {
		t.Errorf("Insert afterwards = %v", err)
	}
}

func TestAUnitOfWorkMayBeUsedByManyGoroutines(t *testing.T) {
	s := new(memory.Store)
	const n = 20
	if err := s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				if err := u.Insert(ctx, nth(t, ann, i), n); err != nil {
					t.Error(err)
				}
				if _, err := u.List(ctx, ann, ports.Query{Limit: n}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		return nil
	}); err != nil {
		t.Error(err)
	}
	if page, err := s.List(t.Context(), ann, ports.Query{Limit: n, Count: true}); err != nil || page.Total != n {
		t.Errorf("List = %d tasks, %v; want %d", page.Total, err, n)
	}
}

func TestWhatIsListedIsACopy(t *testing.T) {
	s := new(memory.Store)
	if err := s.Insert(t.Context(), nth(t, ann, 1), 1); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		page, err := s.List(t.Context(), ann, ports.Query{Limit: 1})
		if err != nil || page.Tasks[0].Tags[0] != "a" {
			t.Errorf("List = %q, %v", page.Tasks[0].Tags, err)
		}
		page.Tasks[0].Tags[0] = "changed"
	}
}

func TestACallWhoseContextIsDoneDoesNothing(t *testing.T) {
	s := new(memory.Store)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, find := s.Find(ctx, ann, nth(t, ann, 1).ID())
	_, list := s.List(ctx, ann, ports.Query{Limit: 1})
	_, key := s.Key(ctx, "name")
	_, purge := s.PurgeReplays(ctx, noon, 1)
	for method, err := range map[string]error{
		"Find": find, "List": list, "Key": key, "PurgeReplays": purge, "Ping": s.Ping(ctx),
		"Insert": s.Insert(ctx, nth(t, ann, 1), 1), "Erase": s.Erase(ctx, ann, noon),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s = %v, want it cancelled", method, err)
		}
	}
	if err := s.Insert(t.Context(), nth(t, ann, 1), 1); err != nil {
		t.Errorf("Insert afterwards = %v", err)
	}
}

// TestOneUserMayHaveTensOfThousandsOfTasks would take minutes if each insert
// looked at all tasks before it.
func TestOneUserMayHaveTensOfThousandsOfTasks(t *testing.T) {
	s := new(memory.Store)
	const n = 20_000
	for i := range n {
		if err := s.Insert(t.Context(), nth(t, ann, i), n); err != nil {
			t.Fatal(err)
		}
	}
	order := task.Order{By: task.ByTitle}
	page, err := s.List(t.Context(), ann, ports.Query{Order: order, Limit: 2, Count: true})
	if err != nil || page.Total != n || page.Tasks[0].Title != "task 0" || page.Tasks[1].Title != "task 1" {
		t.Errorf("List = %+v, %v", page, err)
	}
}
