package limitertest_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"taskhold/ports"
	"taskhold/ports/limitertest"
)

// limiter keeps the contract in the plainest way: what was taken comes back one
// by one. Each fault of it breaks a rule.
type limiter struct {
	fault
	mu   sync.Mutex
	full map[ports.Bucket]time.Time // when the bucket will be full
}

// fault is how a limiter does one thing otherwise; nil is as it should be.
type fault struct {
	bucket  func(ports.Bucket) ports.Bucket
	context func(context.Context) bool // whether to count
	debt    func(debt, each time.Duration, l limitertest.Limit) time.Duration
	refuse  func(debt, each time.Duration) time.Duration // the debt after a refusal
	verdict func(ports.Verdict) ports.Verdict
	back    func(debt, each time.Duration) time.Duration // the debt after a return
	off     ports.Verdict
	racy    func(taking bool) bool
	saves   bool // what is more than the quota
}

func (l *limiter) Take(ctx context.Context, b ports.Bucket) ports.Verdict {
	limit, on := limitertest.Limits()[b.Policy]
	if !on {
		if l.off != (ports.Verdict{}) {
			return l.off
		}
		return ports.Verdict{Allowed: true}
	}
	if l.context != nil && !l.context(ctx) {
		return ports.Verdict{Allowed: true}
	}
	each := limit.Per / time.Duration(limit.Requests)
	v := ports.Verdict{Quota: limit.Requests, Window: limit.Per}
	l.change(true, b, func(debt time.Duration) time.Duration {
		if l.debt != nil {
			debt = l.debt(debt, each, limit)
		}
		if v.Allowed = debt+each <= limit.Per; v.Allowed {
			debt += each
		} else if l.refuse != nil {
			debt = l.refuse(debt, each)
		}
		spent := (debt + each - 1) / each
		v.Remaining, v.Reset = limit.Requests-int(spent), debt-(spent-1)*each
		return debt
	})
	if l.verdict != nil {
		return l.verdict(v)
	}
	return v
}

func (l *limiter) Return(_ context.Context, b ports.Bucket) {
	limit, on := limitertest.Limits()[b.Policy]
	if !on {
		return
	}
	each := limit.Per / time.Duration(limit.Requests)
	l.change(false, b, func(debt time.Duration) time.Duration {
		if l.back != nil {
			return l.back(debt, each)
		}
		return max(0, debt-each)
	})
}

// change replaces the debt of a bucket: how far it is from being full.
func (l *limiter) change(taking bool, b ports.Bucket, next func(debt time.Duration) time.Duration) {
	if l.bucket != nil {
		b = l.bucket(b)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var debt time.Duration
	if full, known := l.full[b]; known && (l.saves || time.Until(full) > 0) {
		debt = time.Until(full)
	}
	if l.racy != nil && l.racy(taking) {
		l.mu.Unlock()
		time.Sleep(time.Nanosecond) // until all callers have read
		l.mu.Lock()
	}
	l.full[b] = time.Now().Add(next(debt))
}

func newLimiter(f fault) *limiter {
	return &limiter{fault: f, full: map[ports.Bucket]time.Time{}}
}

// harness counts by a clock that a test can put forward.
func harness(f fault) limitertest.Harness {
	l := newLimiter(f)
	return limitertest.Harness{Limiter: l, Replica: l, Now: time.Now, Sleep: time.Sleep}
}

func TestALimiterThatKeepsTheContractPasses(t *testing.T) {
	for _, rule := range limitertest.Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if err := rule.Check(t.Context(), harness(fault{})); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// broken has, for each rule, limiters that break it, by what they do.
var broken = map[string]map[string]func() limitertest.Harness{
	"a bucket grants its quota at once and then refuses": {
		"grants one more": with(fault{debt: func(debt, each time.Duration, _ limitertest.Limit) time.Duration { return debt - each }}),
		"grants one less": with(fault{debt: func(debt, each time.Duration, _ limitertest.Limit) time.Duration { return max(debt, each) }}),
		"never refuses":   with(fault{verdict: func(v ports.Verdict) ports.Verdict { v.Allowed = true; return v }}),
	},
	"a verdict names the quota and the window": {
		"names no window":          with(fault{verdict: func(v ports.Verdict) ports.Verdict { v.Window = 0; return v }}),
		"names no quota":           with(fault{verdict: func(v ports.Verdict) ports.Verdict { v.Quota = 0; return v }}),
		"names no reset":           with(fault{verdict: func(v ports.Verdict) ports.Verdict { v.Reset = 0; return v }}),
		"names a reset too far":    with(fault{verdict: func(v ports.Verdict) ports.Verdict { v.Reset += v.Window; return v }}),
		"names nothing in refusal": with(fault{verdict: func(v ports.Verdict) ports.Verdict { return ports.Verdict{Allowed: v.Allowed} }}),
	},
	"what is said to remain is granted": {
		"forgets the one it has just granted": with(fault{verdict: func(v ports.Verdict) ports.Verdict { v.Remaining = min(v.Remaining+1, v.Quota); return v }}),
		"counts on below nothing":             with(fault{verdict: belowNothing}),
	},
	"after the reset of a refusal one more is granted": {
		"promises too soon": with(fault{verdict: func(v ports.Verdict) ports.Verdict { v.Reset -= 10 * time.Millisecond; return v }}),
		"promises too late": with(fault{verdict: func(v ports.Verdict) ports.Verdict { v.Reset = v.Window; return v }}),
	},
	"a refusal spends nothing": {
		"counts refusals": with(fault{refuse: func(debt, each time.Duration) time.Duration { return debt + each }}),
	},
	"time grants no more than the rate": {
		"grants all as soon as one would be": with(fault{debt: func(debt, each time.Duration, l limitertest.Limit) time.Duration {
			if debt <= l.Per-each {
				return 0
			}
			return debt
		}}),
		"has no end": with(fault{debt: func(time.Duration, time.Duration, limitertest.Limit) time.Duration { return 0 }}),
	},
	"after a window of rest the whole quota is back": {
		"keeps one back": with(fault{debt: func(debt, each time.Duration, l limitertest.Limit) time.Duration {
			if debt == 0 && l.Per < time.Minute {
				return each
			}
			return debt
		}}),
	},
	"keys count apart, byte for byte": {
		"folds case":            with(fault{bucket: keyed(strings.ToLower)}),
		"trims space":           with(fault{bucket: keyed(func(k string) string { return strings.ReplaceAll(k, " ", "") })}),
		"looks at the end only": with(fault{bucket: keyed(func(k string) string { return k[max(0, len(k)-26):] })}),
		"cuts long keys":        with(fault{bucket: keyed(func(k string) string { return k[:min(len(k), 254)] })}),
	},
	"policies count apart": {
		"counts all together": with(fault{bucket: func(b ports.Bucket) ports.Bucket { b.Policy = 0; return b }}),
	},
	"a policy that is off allows and has no quota": {
		"refuses what is off":          with(fault{off: ports.Verdict{Quota: 1}}),
		"makes a quota of what is off": with(fault{off: ports.Verdict{Allowed: true, Quota: 1}}),
	},
	"a return gives back one": {
		"gives nothing back": with(fault{back: func(debt, _ time.Duration) time.Duration { return debt }}),
		"gives all back":     with(fault{back: func(time.Duration, time.Duration) time.Duration { return 0 }}),
	},
	"returns never give more than the quota": {
		"saves up what is returned": with(fault{saves: true, back: func(debt, each time.Duration) time.Duration { return debt - each }}),
	},
	"a return is for its own bucket alone": {
		"returns to every policy": func() limitertest.Harness {
			h := harness(fault{})
			h.Limiter = everywhere{h.Limiter}
			return h
		},
	},
	"of many callers at once no two get the same one": {
		"looks before it counts": with(fault{racy: func(taking bool) bool { return taking }}),
	},
	"takes and returns at once lose nothing": {
		"loses returns": with(fault{racy: func(taking bool) bool { return !taking }}),
	},
	"whoever hangs up is counted": {
		"does not count them": with(fault{context: func(ctx context.Context) bool { return ctx.Err() == nil }}),
	},
	"replicas count together": {
		"count each for itself": func() limitertest.Harness {
			h := harness(fault{})
			h.Replica = newLimiter(fault{})
			return h
		},
	},
}

func with(f fault) func() limitertest.Harness {
	return func() limitertest.Harness { return harness(f) }
}

func keyed(change func(string) string) func(ports.Bucket) ports.Bucket {
	return func(b ports.Bucket) ports.Bucket {
		b.Key = change(b.Key)
		return b
	}
}

func belowNothing(v ports.Verdict) ports.Verdict {
	if !v.Allowed {
		v.Remaining = -1
	}
	return v
}

// everywhere returns to the buckets of all policies.
type everywhere struct{ ports.Limiter }

func (e everywhere) Return(ctx context.Context, b ports.Bucket) {
	for b.Policy = range limitertest.Limits() {
		e.Limiter.Return(ctx, b)
	}
}

func TestEveryRuleObjectsToALimiterThatBreaksIt(t *testing.T) {
	for _, rule := range limitertest.Rules() {
		for what, open := range broken[rule.Name] {
			t.Run(rule.Name+"/"+what, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					if err := rule.Check(t.Context(), open()); err == nil {
						t.Error("the rule does not object")
					}
				})
			})
		}
		if len(broken[rule.Name]) == 0 {
			t.Errorf("no broken limiter is shown to the rule %q", rule.Name)
		}
	}
	if len(broken) != len(limitertest.Rules()) {
		t.Errorf("broken limiters are shown to %d rules of %d", len(broken), len(limitertest.Rules()))
	}
}
