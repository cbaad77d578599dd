// Package limiter bounds how often somebody may do something: [Local] counts in
// the process, [Shared] in Redis for all replicas.
//
// Both count by the generic cell rate algorithm: a bucket is full or in debt,
// its debt is the time until it is full again, and what is taken comes back one
// by one. So the state of a bucket is one instant, a bucket that is full needs
// none, and a client that has used up its quota waits for the next one and not
// for the end of a window, at which all would come back at once.
package limiter

import (
	"time"

	"taskhold/ports"
)

// Rate is so many requests in a time, and that many at once. The zero Rate is
// no limit. The time has at least a microsecond for each request.
type Rate struct {
	Requests int
	Per      time.Duration
}

// Rates are the rates of the policies that are on.
type Rates map[ports.Policy]Rate

// each is the time in which one more is granted. Redis counts microseconds.
func (r Rate) each() time.Duration {
	return (r.Per / time.Duration(r.Requests)).Truncate(time.Microsecond)
}

// most is the debt of an empty bucket.
func (r Rate) most() time.Duration { return r.each() * time.Duration(r.Requests) }

// change adds to a debt, unless it would be more than that of an empty bucket.
func (r Rate) change(debt, by time.Duration) (time.Duration, bool) {
	if debt+by > r.most() {
		return debt, false
	}
	return max(0, debt+by), true
}

// verdict says what a debt leaves.
func (r Rate) verdict(debt time.Duration, allowed bool) ports.Verdict {
	each := r.each()
	spent := (debt + each - 1) / each
	return ports.Verdict{
		Allowed: allowed, Quota: r.Requests, Remaining: r.Requests - int(spent),
		Window: r.Per, Reset: debt - (spent-1)*each,
	}
}
