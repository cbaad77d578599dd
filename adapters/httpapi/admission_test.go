package httpapi

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"
)

func TestRequestsWaitForTheirTurn(t *testing.T) {
	var mu sync.Mutex
	running, most := 0, 0
	count := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		running += n
		most = max(most, running)
	}
	w := newWorld(t, editing(func(context.Context) error {
		count(1)
		time.Sleep(5 * time.Millisecond)
		count(-1)
		return nil
	}), func(o *Options) { o.AtOnce, o.Patience = 2, time.Minute })
	path := w.Create(`{"title": "x"}`)
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() { w.Ask("PATCH", path, `{}`).Want(200, "") })
	}
	all.Wait()
	if most != 2 {
		t.Errorf("%d requests were worked on at once, want 2", most)
	}
	w.Ask("PATCH", path, `{}`).Want(200, "") // every place was given back
	w.Ask("PATCH", path, `{}`).Want(200, "")
	w.Ask("PATCH", path, `{}`).Want(200, "")
}

func TestWhoWouldWaitTooLongIsRefusedAtOnce(t *testing.T) {
	var j journal
	const patience = 300 * time.Millisecond
	running, goOn := make(chan struct{}, 9), make(chan struct{})
	w := newWorld(t, observing(&j), editing(func(context.Context) error {
		running <- struct{}{}
		<-goOn
		return nil
	}), func(o *Options) { o.AtOnce, o.Patience = 1, patience })
	path := w.Create(`{"title": "x"}`)
	first := make(chan int, 1)
	go func() { first <- w.Ask("PATCH", path, `{}`).StatusCode }()
	<-running

	began := time.Now()
	w.Ask("PATCH", path, `{}`).Want(503, "UNAVAILABLE") // it waited in vain
	if took := time.Since(began); took < patience || took > 40*patience {
		t.Errorf("a request waited for %v, want %v", took, patience)
	}
	began = time.Now()
	for range 20 { // nobody gets through: none of these waits
		a := w.Ask("PATCH", path, `{}`, "Authorization: Bearer not-even-looked-at").Want(503, "UNAVAILABLE")
		if after, err := strconv.Atoi(a.Header.Get("Retry-After")); err != nil || after < 1 || after > 3 {
			t.Errorf("Retry-After is %q, want 1 to 3", a.Header.Get("Retry-After"))
		}
	}
	if took := time.Since(began); took > 18*patience {
		t.Errorf("20 refusals took %v", took)
	}
	if e := j.last(t); !e.Refused || !e.User.IsZero() || e.Cause == nil {
		t.Errorf("operators are told %+v", e)
	}
	for _, open := range []string{"/livez", "/readyz", "/v1/limits"} {
		w.Ask("GET", open, "").Want(200, "")
	}
	w.Ask("GET", "/v1/nothing", "").Want(404, "NOT_FOUND")

	close(goOn)
	if status := <-first; status != 200 {
		t.Errorf("the request that was worked on was answered with %d", status)
	}
	w.Ask("PATCH", path, `{}`).Want(200, "")
	if e := j.last(t); e.Refused {
		t.Errorf("operators are told %+v", e)
	}
}

func TestAQueueIsAsLongAsCanBeWorkedOffInTime(t *testing.T) {
	for name, tc := range map[string]struct {
		held     time.Duration
		waited   time.Duration
		waiting  int64
		full     bool
		crowded  bool
		standing time.Duration
	}{
		"a free place":                         {time.Hour, time.Hour, 1000, false, false, 0},
		"fast requests, and many of them":      {time.Millisecond, time.Second, 500, true, false, 0},
		"fast requests, and more than a crowd": {time.Nanosecond, 0, 512, true, true, 0},
		"slow requests":                        {500 * time.Millisecond, time.Second, 6, true, false, 0},
		"slow requests, and one more":          {500 * time.Millisecond, time.Second, 8, true, true, 0},
		"a burst after slow requests":          {500 * time.Millisecond, 0, 400, true, false, 0},
		"none yet":                             {0, 0, 1, true, false, 0},
		"none that gets through":               {0, 0, 0, true, true, 2 * time.Second},
	} {
		g := newGate(4, time.Second)
		for range 4 {
			if tc.full {
				g.places <- struct{}{}
			}
		}
		g.held.Store(int64(tc.held))
		g.waited.Store(int64(tc.waited))
		g.waiting.Store(tc.waiting)
		g.began = time.Now().Add(-tc.standing)
		if got := g.crowded(); got != tc.crowded {
			t.Errorf("%s: crowded is %v", name, got)
		}
	}
}

func TestAGateLearnsHowLongRequestsTake(t *testing.T) {
	g := newGate(1, time.Second)
	g.began = time.Now().Add(-time.Minute)
	for range 100 {
		g.places <- struct{}{}
		g.leave(time.Since(g.began) - 50*time.Millisecond)
	}
	if got := time.Duration(g.held.Load()); got < 45*time.Millisecond || got > 200*time.Millisecond {
		t.Errorf("requests of 50 ms are thought to take %v", got)
	}
}

func TestAPlaceThatNobodyWaitsForAnyMoreIsFree(t *testing.T) {
	g := newGate(1, time.Hour)
	since, _ := g.enter(nil)
	gone := make(chan struct{})
	close(gone)
	if _, ok := g.enter(gone); ok {
		t.Error("who had gone was let in")
	}
	g.leave(since)
	if _, ok := g.enter(nil); !ok || g.waiting.Load() != 0 {
		t.Errorf("the place is lost, or %d wait for ever", g.waiting.Load())
	}
}
