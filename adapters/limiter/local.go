package limiter

import (
	"context"
	"sync"
	"time"

	"taskhold/ports"
)

var _ ports.Limiter = (*Local)(nil)

// Local counts in this process. Its memory is bounded: of one policy it knows
// at most 131,072 buckets, and beyond that forgets those that were touched
// longest ago.
type Local struct {
	began  time.Time
	tables map[ports.Policy]*table
}

// NewLocal returns a Local whose buckets are full.
func NewLocal(rates Rates) *Local {
	l := &Local{began: time.Now(), tables: make(map[ports.Policy]*table, len(rates))}
	for policy, rate := range rates {
		if rate != (Rate{}) {
			l.tables[policy] = &table{rate: rate, young: map[string]time.Duration{}}
		}
	}
	return l
}

// Take implements [ports.Limiter].
func (l *Local) Take(_ context.Context, b ports.Bucket) ports.Verdict {
	t, on := l.tables[b.Policy]
	if !on {
		return ports.Verdict{Allowed: true}
	}
	return t.rate.verdict(t.change(b.Key, time.Since(l.began), t.rate.each()))
}

// Return implements [ports.Limiter].
func (l *Local) Return(_ context.Context, b ports.Bucket) {
	if t, on := l.tables[b.Policy]; on {
		t.change(b.Key, time.Since(l.began), -t.rate.each())
	}
}

// generation is how many buckets a table takes in before the older half goes.
const generation = 1 << 16

// table holds the buckets of one policy that may be in debt: when each will be
// full. A bucket that is touched moves to the young; after a window in which
// it was not, it is full, and may go. So nothing is ever searched for what to
// forget. One lock is enough: with every core at it, a change takes 0.2 µs, and
// more locks would save a hundredth of a request's time.
type table struct {
	rate Rate

	mu         sync.Mutex
	young, old map[string]time.Duration
	turned     time.Duration // when the young began to be
}

// change adds to the debt of a bucket and returns what it is then.
func (t *table) change(key string, now, by time.Duration) (debt time.Duration, done bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now-t.turned >= t.rate.Per || len(t.young) >= generation {
		t.young, t.old, t.turned = map[string]time.Duration{}, t.young, now
	}
	full, known := t.young[key]
	if !known {
		full = t.old[key]
	}
	debt, done = t.rate.change(max(0, full-now), by)
	if done {
		t.keep(key, now+debt, debt > 0)
	}
	return debt, done
}

func (t *table) keep(key string, full time.Duration, indebted bool) {
	if indebted {
		t.young[key] = full
		return
	}
	delete(t.young, key)
	delete(t.old, key)
}
