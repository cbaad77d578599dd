package httpapi

import (
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// gate bounds how many requests are worked on at once, and how long others
// wait for their turn: first come, first served. Whoever would wait too long
// is refused at once, so that a queue never holds more than can be worked off
// in that time, however fast the store is at the moment.
//
// It stands before the store and not before the server: the pool of the store
// would have requests wait as well, but each with its token verified and its
// body read, and for one bound of time whatever the length of the queue.
type gate struct {
	places   chan struct{} // holds one for each request that is worked on
	patience time.Duration // the longest to wait
	waiting  atomic.Int64
	held     atomic.Int64 // for how long a place is held: a moving mean, in nanoseconds
	waited   atomic.Int64 // how long whoever got a place last had waited, in nanoseconds
	moved    atomic.Int64 // when a place was last taken at once or given back, since began
	began    time.Time
}

const (
	crowd  = 128 // for each place so many wait at most: what memory is spent on has a bound of its own
	recent = 16  // the moving mean forgets a request after about so many others
)

// newGate returns nil, which is no gate, for no places.
func newGate(places int, patience time.Duration) *gate {
	if places == 0 {
		return nil
	}
	return &gate{places: make(chan struct{}, places), patience: patience, began: time.Now()}
}

// crowded reports whether whoever comes now would wait too long. What is
// reckoned counts only while others do wait long: at the start of a burst it
// says more of the requests before.
func (g *gate) crowded() bool {
	if len(g.places) < cap(g.places) {
		return false
	}
	waiting := g.waiting.Load()
	turns := (waiting + 1) * g.held.Load() / int64(cap(g.places))
	stands := time.Since(g.began) - time.Duration(g.moved.Load()) // nobody got through
	return waiting >= int64(crowd*cap(g.places)) || stands > g.patience ||
		time.Duration(turns) > g.patience && time.Duration(g.waited.Load()) > g.patience/2
}

// enter returns whether there was a place in time, and when it was taken.
func (g *gate) enter(done <-chan struct{}) (since time.Duration, ok bool) {
	select {
	case g.places <- struct{}{}:
		since = time.Since(g.began)
		g.moved.Store(int64(since))
		g.waited.Store(0)
		return since, true
	default:
	}
	if g.crowded() {
		return 0, false
	}
	came := time.Since(g.began)
	g.waiting.Add(1)
	defer g.waiting.Add(-1)
	patience := time.NewTimer(g.patience)
	defer patience.Stop()
	select {
	case g.places <- struct{}{}: // a channel serves first who came first
		since = time.Since(g.began)
		g.waited.Store(int64(since - came))
		return since, true
	case <-patience.C:
	case <-done:
	}
	return 0, false
}

// leave gives back a place that was taken at since.
func (g *gate) leave(since time.Duration) {
	now := time.Since(g.began)
	mean := g.held.Load()
	g.held.Store(mean + (int64(now-since)-mean)/recent) // one of two at the same moment may be forgotten
	g.moved.Store(int64(now))
	<-g.places
}

// turnAway refuses a request before anything is spent on it, if it would wait
// too long. What needs no store is never in the way of anybody.
func (x *exchange) turnAway() error {
	if x.gate == nil || x.route.open || !x.gate.crowded() {
		return nil
	}
	return x.overloaded()
}

// queue waits until the request may be worked on, and sees to it that others
// may be after it.
func (x *exchange) queue() error {
	if x.gate == nil || x.route.open {
		return nil
	}
	since, ok := x.gate.enter(x.ctx.Done())
	switch {
	case x.ctx.Err() != nil && !ok:
		return x.ctx.Err()
	case !ok:
		return x.overloaded()
	}
	before := x.end
	x.end = func() { x.gate.leave(since); before() }
	return nil
}

// overloaded tells clients of different times, or they would all come back at
// the same moment.
func (x *exchange) overloaded() error {
	x.refused = true
	return refuse(codeUnavailable, "There is more to do than can be done at the moment. Try again.").
		retryAfter(1 + rand.IntN(3)) //nolint:gosec // nobody gains by guessing it
}
