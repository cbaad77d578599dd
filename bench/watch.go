package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

const (
	watchEvery = 10 * time.Millisecond
	inARow     = 3 // answers of the usual kind that tell that a server is well
)

// watched is one request of a watcher.
type watched struct {
	over time.Time
	took time.Duration
	good bool
}

// watcher sends a server single requests while others load it, and looks at
// its memory.
type watcher struct {
	ended func() // ends it, and returns when it has

	mu   sync.Mutex
	met  []watched
	most int64 // memory
}

// watch watches a server until the watcher is stopped.
func watch(ctx context.Context, s *subject) (*watcher, error) {
	ctx, cancel := context.WithCancel(ctx)
	c := &connection{address: s.server.address, random: rand.New(rand.NewPCG(1, 2))}
	if err := c.open(ctx); err != nil {
		cancel()
		return nil, err
	}
	w, done := new(watcher), make(chan struct{})
	w.ended = func() { cancel(); <-done }
	go func() {
		defer close(done)
		defer c.close()
		for ctx.Err() == nil {
			sent := time.Now()
			err := c.carry(s.traffic.next(c.random), sent.Add(longestAnswer))
			memory, _ := memoryOf(s.server.pid()) // a server that has ended is noticed by its answers
			w.note(watched{time.Now(), time.Since(sent), err == nil}, memory)
			time.Sleep(time.Until(sent.Add(watchEvery)))
		}
	}()
	return w, nil
}

func (w *watcher) stop() { w.ended() }

func (w *watcher) note(one watched, memory int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.met, w.most = append(w.met, one), max(w.most, memory)
}

func (w *watcher) all() []watched {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.met)
}

func (w *watcher) memory() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.most
}

// usual is the p99 of all so far.
func (w *watcher) usual() (time.Duration, error) {
	var took []time.Duration
	for _, one := range w.all() {
		if one.good {
			took = append(took, one.took)
		}
	}
	if len(took) < inARow {
		return 0, errors.New("hardly a single request was answered before the load")
	}
	return percentile(sorted(took), 99), nil
}

// recovered waits until the server has been well again since the end of a
// load, and returns how long that took; mostSettle if it does not happen.
func (w *watcher) recovered(ctx context.Context, end time.Time, usual time.Duration) (time.Duration, error) {
	for ctx.Err() == nil {
		if at, ok := wellAgain(w.all(), end, usual); ok {
			return at.Sub(end), nil
		}
		if time.Since(end) > mostSettle {
			return mostSettle, nil
		}
		time.Sleep(watchEvery)
	}
	return 0, ctx.Err()
}

// wellAgain returns when the first of so many in a row was answered that took
// no longer than is usual.
func wellAgain(met []watched, end time.Time, usual time.Duration) (at time.Time, ok bool) {
	row := 0
	for _, one := range met {
		switch {
		case one.over.Before(end):
		case !one.good || one.took > usual:
			row = 0
		default:
			if row++; row == 1 {
				at = one.over
			}
			if row == inARow {
				return at, true
			}
		}
	}
	return time.Time{}, false
}
