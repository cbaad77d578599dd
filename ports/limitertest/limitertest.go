// Package limitertest is the contract of [ports.Limiter], as rules. Every
// limiter runs it; what is not a rule here is not promised.
//
// A rule returns an error instead of failing a test, so that this package's own
// test can show broken limiters to the rules and see each rule object.
package limitertest

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"taskhold/ports"
)

// Harness is what the rules need of an adapter.
type Harness struct {
	// Limiter is the one to judge. It keeps to Limits, and it need not be new:
	// every rule has keys of its own.
	Limiter ports.Limiter
	// Replica counts together with Limiter. It is nil where nothing can.
	Replica ports.Limiter
	// Now and Sleep are the clock by which both of them count.
	Now   func() time.Time
	Sleep func(time.Duration)
}

// Limit is so many requests in a time.
type Limit struct {
	Requests int
	Per      time.Duration
}

// The limits of the two policies that are on.
var (
	slow  = Limit{Requests: 5, Per: time.Hour} // nothing more is granted while a rule runs
	quick = Limit{Requests: 4, Per: 2 * time.Second}
)

// Limits are what the limiter to judge has to be set to. A policy that is not
// here is off.
func Limits() map[ports.Policy]Limit {
	return map[ports.Policy]Limit{ports.Reads: slow, ports.Denials: quick}
}

// A Rule is one promise of the contract.
type Rule struct {
	Name  string
	Check func(ctx context.Context, h Harness) error
}

// Rules returns the whole contract.
func Rules() []Rule {
	return []Rule{
		{"a bucket grants its quota at once and then refuses", grantsQuota},
		{"a verdict names the quota and the window", namesLimit},
		{"what is said to remain is granted", remainingIsTrue},
		{"after the reset of a refusal one more is granted", resetIsTrue},
		{"a refusal spends nothing", refusalIsFree},
		{"time grants no more than the rate", rateIsKept},
		{"after a window of rest the whole quota is back", restRestores},
		{"keys count apart, byte for byte", keysAreApart},
		{"policies count apart", policiesAreApart},
		{"a policy that is off allows and has no quota", offAllows},
		{"a return gives back one", returnGivesBack},
		{"returns never give more than the quota", returnsStopAtQuota},
		{"a return is for its own bucket alone", returnIsApart},
		{"of many callers at once no two get the same one", callersAreApart},
		{"takes and returns at once lose nothing", nothingIsLost},
		{"whoever hangs up is counted", hangingUpCounts},
		{"replicas count together", replicasShare},
	}
}

// Run checks every rule against a harness from open. They may share one.
func Run(t *testing.T, open func(testing.TB) Harness) {
	t.Helper()
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			if err := rule.Check(t.Context(), open(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

// bucket is one that nobody has taken from.
func bucket(p ports.Policy) ports.Bucket { return ports.Bucket{Policy: p, Key: rand.Text()} }

// take takes and wants to be allowed, or not.
func take(ctx context.Context, l ports.Limiter, b ports.Bucket, allowed bool) error {
	if v := l.Take(ctx, b); v.Allowed != allowed {
		return fmt.Errorf("a Take of %s is judged %+v, want Allowed to be %t", b.Policy, v, allowed)
	}
	return nil
}

// holds wants a bucket of slow to hold exactly n, and empties it.
func holds(ctx context.Context, l ports.Limiter, b ports.Bucket, n int) error {
	for i := range n {
		if err := take(ctx, l, b, true); err != nil {
			return fmt.Errorf("%d of %d: %w", i+1, n, err)
		}
	}
	if err := take(ctx, l, b, false); err != nil {
		return fmt.Errorf("after %d: %w", n, err)
	}
	return nil
}

// drain takes until it is refused. It returns a time just before that, and
// after how long the refusal promises more.
func drain(ctx context.Context, h Harness, b ports.Bucket) (time.Time, time.Duration, error) {
	const enough = 10_000
	for range enough {
		before := h.Now()
		if v := h.Limiter.Take(ctx, b); !v.Allowed {
			return before, v.Reset, nil
		}
	}
	return time.Time{}, 0, fmt.Errorf("%d Takes of %s are all allowed", enough, b.Policy)
}
