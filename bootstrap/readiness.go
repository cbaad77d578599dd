package bootstrap

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"taskhold/domain/fault"
)

const (
	// fresh is how long an answer of the store stands for the next.
	fresh = time.Second

	// awake is how long after its last use the store may still be asked. A
	// serverless database goes to sleep when it has not been asked for some
	// minutes, and who only wants to know whether it is there must not keep it
	// from that.
	awake = time.Minute
)

// readiness knows from what requests meet whether the store can serve.
type readiness struct {
	ping     func(context.Context) error
	failing  atomic.Bool
	answered atomic.Int64 // when the store last did, in nanoseconds
	used     atomic.Int64 // when it was last asked for a user's sake
}

// seen is told of every call of the store. That one was refused does not show
// that the store answered: an id that is none is found nowhere, and nobody is
// asked. Nor does the end of a unit of work, which may have asked for nothing;
// its calls are told themselves.
func (r *readiness) seen(operation string, err error) {
	now := time.Now().UnixNano()
	if !slices.Contains([]string{"ping", "key", "purge"}, operation) {
		r.used.Store(now)
	}
	switch {
	case errors.Is(err, fault.Unavailable):
		r.failing.Store(true)
	case err == nil && operation != "unit_of_work":
		r.failing.Store(false)
		r.answered.Store(now)
	}
}

// check returns nil while the store can serve. It asks the store only if the
// last call failed, or if others have asked it lately.
func (r *readiness) check(ctx context.Context) error {
	if !r.failing.Load() && (since(&r.answered) < fresh || since(&r.used) > awake) {
		return nil
	}
	return r.ping(ctx)
}

// usedWithin reports whether somebody asked the store for a user's sake.
func (r *readiness) usedWithin(long time.Duration) bool { return since(&r.used) < long }

func since(at *atomic.Int64) time.Duration { return time.Since(time.Unix(0, at.Load())) }
