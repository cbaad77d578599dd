package system_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"taskhold/adapters/system"
	"taskhold/domain/identity"
	"taskhold/ports"
)

func TestClockNeverRepeatsItself(t *testing.T) {
	var (
		clock system.Clock
		mu    sync.Mutex
		seen  = map[time.Time]bool{}
		wg    sync.WaitGroup
	)
	for range 8 {
		wg.Go(func() {
			var last time.Time
			for range 2_000 {
				now := clock.Now()
				if !now.After(last) || now.Nanosecond()%1000 != 0 || now.Location() != time.UTC {
					t.Errorf("Now = %v after %v, want later, in UTC and whole microseconds", now, last)
					return
				}
				last = now
				mu.Lock()
				if seen[now] {
					t.Errorf("two readings of %v", now)
				}
				seen[now] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

func TestIDsSortByCreationAndDiffer(t *testing.T) {
	at := time.UnixMicro(1_795_382_766_123_456)
	var ids system.IDs
	a, b, later := ids.NewTaskID(at), ids.NewTaskID(at), ids.NewTaskID(at.Add(time.Microsecond))
	if a == b {
		t.Errorf("one id twice: %v", a)
	}
	if a.Compare(later) >= 0 || b.Compare(later) >= 0 {
		t.Errorf("%v and %v do not come before %v", a, b, later)
	}
}

func TestTurnsAreTakenOneByOne(t *testing.T) {
	var (
		turns   system.Turns
		ann     = parse(t, "ann")
		running atomic.Int32
		wg      sync.WaitGroup
	)
	for range 50 {
		wg.Go(func() {
			done, err := turns.Take(t.Context(), ann, "k")
			if err != nil {
				t.Error(err)
				return
			}
			if n := running.Add(1); n != 1 {
				t.Errorf("%d have the turn at once", n)
			}
			running.Add(-1)
			done()
		})
	}
	wg.Wait()
}

func TestTurnsOfOthersDoNotWait(t *testing.T) {
	var turns system.Turns
	for _, who := range []struct{ user, key string }{{"ann", "k"}, {"bob", "k"}, {"ann", "l"}} {
		if _, err := turns.Take(t.Context(), parse(t, who.user), who.key); err != nil {
			t.Fatalf("%v: %v", who, err)
		}
	}
}

func TestTwinGivesUpAfterTwoSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns system.Turns
		done, err := turns.Take(t.Context(), parse(t, "ann"), "k")
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := turns.Take(t.Context(), parse(t, "ann"), "k"); !errors.Is(err, ports.ErrKeyBusy) {
			t.Errorf("a second turn = %v, want ErrKeyBusy", err)
		}
		if waited := time.Since(began); waited != 2*time.Second {
			t.Errorf("waited %v, want 2s", waited)
		}
		done()
		if _, err := turns.Take(t.Context(), parse(t, "ann"), "k"); err != nil {
			t.Errorf("after the first was done: %v", err)
		}
	})
}

func TestTwinLeavesWithItsRequest(t *testing.T) {
	var turns system.Turns
	if _, err := turns.Take(t.Context(), parse(t, "ann"), "k"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := turns.Take(ctx, parse(t, "ann"), "k"); !errors.Is(err, context.Canceled) {
		t.Errorf("Take = %v, want the end of the request", err)
	}
}

func parse(t *testing.T, s string) identity.UserID {
	t.Helper()
	user, err := identity.ParseUserID(s)
	if err != nil {
		t.Fatal(err)
	}
	return user
}
