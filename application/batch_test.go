package application_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"taskhold/domain/fault"
	"taskhold/domain/task"
	"taskhold/ports"
)

// mixed is a batch whose last but one operation fails.
func mixed(made task.Task) []ports.Operation {
	return []ports.Operation{
		{Verb: ports.Create, Change: task.Change{Title: task.Some("tea")}},
		{Verb: ports.Edit, ID: made.ID(), Match: task.MatchVersions(1), Change: task.Change{Title: task.Some("bread")}},
		{Verb: ports.Edit, ID: made.ID(), Match: task.MatchVersions(7), Change: task.Change{Title: task.Some("salt")}},
		{Verb: ports.Delete, ID: made.ID()},
	}
}

func TestBatchCarriesOutWhatItCan(t *testing.T) {
	h := newHouse(t)
	made := h.create(t, "milk")
	out := h.Batch(t.Context(), h.user, mixed(made))
	if len(out) != 4 || out[0].Err != nil || out[1].Err != nil || out[3].Err != nil {
		t.Fatalf("Batch = %v", out)
	}
	if !errors.Is(out[2].Err, fault.Stale) {
		t.Errorf("the third = %v, want it stale", out[2].Err)
	}
	if out[0].Task.Snapshot().Title != "tea" || out[1].Task.Version() != 2 || out[3].Verb != ports.Delete {
		t.Errorf("Batch = %v", out)
	}
}

func TestAtomicBatchIsAllOrNothing(t *testing.T) {
	h := newHouse(t)
	made := h.create(t, "milk")
	out, err := h.BatchAtomically(t.Context(), h.user, mixed(made))
	var failed *ports.BatchError
	if !errors.As(err, &failed) || failed.Index != 2 || !errors.Is(err, fault.Stale) || out != nil {
		t.Fatalf("BatchAtomically = %v, %v; want the third stale", out, err)
	}
	if h.stored(t, made.ID()) != made {
		t.Error("a part of it was done")
	}
	good := mixed(made)
	good[2].Match = task.MatchVersions(2)
	out, err = h.BatchAtomically(t.Context(), h.user, good)
	if err != nil || len(out) != 4 || out[2].Task.Version() != 3 {
		t.Errorf("BatchAtomically = %v, %v", out, err)
	}
	page, err := h.List(t.Context(), h.user, ports.Query{Limit: 10})
	if err != nil || len(page.Tasks) != 1 || page.Tasks[0].Title != "tea" {
		t.Errorf("List = %v, %v; want tea alone", page, err)
	}
}

func TestUnknownVerbIsAMistake(t *testing.T) {
	h := newHouse(t)
	out := h.Batch(t.Context(), h.user, []ports.Operation{{}})
	var known *fault.Error
	if out[0].Err == nil || errors.As(out[0].Err, &known) {
		t.Errorf("the zero operation = %v, want an error that is no fault", out[0].Err)
	}
}

// creation answers a keyed request to create a task.
func (h house) creation(title string) func(context.Context, ports.Tasks) (ports.Reply, error) {
	return func(ctx context.Context, tasks ports.Tasks) (ports.Reply, error) {
		made, err := tasks.Create(ctx, h.user, task.Change{Title: task.Some(title)})
		if err != nil {
			return ports.Reply{}, err
		}
		return ports.Reply{Status: 201, ETag: `"1"`, Body: []byte(made.ID().String())}, nil
	}
}

func (h house) count(t *testing.T) int {
	t.Helper()
	page, err := h.List(t.Context(), h.user, ports.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Tasks)
}

func TestOnceAnswersARepeatedRequestAlike(t *testing.T) {
	h := newHouse(t)
	first, replayed, err := h.Once(t.Context(), h.user, ports.Key{Text: "k", Request: [32]byte{1}}, h.creation("milk"))
	if err != nil || replayed {
		t.Fatalf("Once = %v, %v, %v", first, replayed, err)
	}
	again, replayed, err := h.Once(t.Context(), h.user, ports.Key{Text: "k", Request: [32]byte{1}}, h.creation("milk"))
	if err != nil || !replayed || string(again.Body) != string(first.Body) || again.Status != 201 || again.ETag != `"1"` {
		t.Errorf("Once again = %v, %v, %v; want %v replayed", again, replayed, err, first)
	}
	if _, _, err := h.Once(t.Context(), h.user, ports.Key{Text: "k", Request: [32]byte{2}}, h.creation("tea")); !errors.Is(err, ports.ErrKeyReused) {
		t.Errorf("Once for another request = %v, want ErrKeyReused", err)
	}
	if n := h.count(t); n != 1 {
		t.Errorf("%d tasks, want 1", n)
	}
}

func TestOnceKeepsNothingOfAFailure(t *testing.T) {
	h := newHouse(t)
	boom := errors.New("boom")
	key := ports.Key{Text: "k", Request: [32]byte{1}}
	_, _, err := h.Once(t.Context(), h.user, key, func(ctx context.Context, tasks ports.Tasks) (ports.Reply, error) {
		if _, err := h.creation("milk")(ctx, tasks); err != nil {
			t.Error(err)
		}
		return ports.Reply{}, boom
	})
	if !errors.Is(err, boom) || h.count(t) != 0 {
		t.Errorf("Once = %v with %d tasks, want boom and none", err, h.count(t))
	}
	if _, replayed, err := h.Once(t.Context(), h.user, key, h.creation("milk")); err != nil || replayed {
		t.Errorf("Once after the failure = %v, replayed %v; want it as new", err, replayed)
	}
}

func TestOnceKeepsARefusalWithoutItsChanges(t *testing.T) {
	h := newHouse(t)
	made := h.create(t, "milk")
	runs := 0
	act := func(ctx context.Context, tasks ports.Tasks) (ports.Reply, error) {
		runs++
		if _, err := tasks.BatchAtomically(ctx, h.user, mixed(made)); !errors.Is(err, fault.Stale) {
			t.Errorf("BatchAtomically = %v, want it stale", err)
		}
		return ports.Reply{Status: 412}, nil
	}
	for range 2 {
		r, _, err := h.Once(t.Context(), h.user, ports.Key{Text: "k"}, act)
		if err != nil || r.Status != 412 {
			t.Errorf("Once = %v, %v; want 412", r, err)
		}
	}
	if runs != 1 || h.count(t) != 1 || h.stored(t, made.ID()) != made {
		t.Errorf("%d runs, %d tasks; want one run that changed nothing", runs, h.count(t))
	}
}

func TestTwinsOfAKeyAreOneRequest(t *testing.T) {
	const twins = 50
	var (
		h        = newHouse(t)
		start    = make(chan struct{})
		wg       sync.WaitGroup
		replayed atomic.Int32
		bodies   sync.Map
	)
	for range twins {
		wg.Go(func() {
			<-start
			r, again, err := h.Once(t.Context(), h.user, ports.Key{Text: "k"}, h.creation("milk"))
			if err != nil {
				t.Error(err)
				return
			}
			if again {
				replayed.Add(1)
			}
			bodies.Store(string(r.Body), true)
		})
	}
	close(start)
	wg.Wait()
	different := 0
	bodies.Range(func(any, any) bool { different++; return true })
	if h.count(t) != 1 || different != 1 || replayed.Load() != twins-1 {
		t.Errorf("%d tasks, %d different replies, %d replayed; want 1, 1, %d", h.count(t), different, replayed.Load(), twins-1)
	}
}

func TestKeysOfTwoUsersAreTwo(t *testing.T) {
	h := newHouse(t)
	other := h
	other.user = parseUser(t, "bob")
	for _, who := range []house{h, other} {
		if _, replayed, err := h.Once(t.Context(), who.user, ports.Key{Text: "k"}, who.creation("milk")); err != nil || replayed {
			t.Errorf("%v: replayed %v, %v; want a request of its own", who.user, replayed, err)
		}
	}
}
