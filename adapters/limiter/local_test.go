package limiter_test

import (
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"taskhold/adapters/limiter"
	"taskhold/ports"
	"taskhold/ports/limitertest"
)

// limits are those of the contract.
func limits() limiter.Rates {
	rates := limiter.Rates{}
	for policy, limit := range limitertest.Limits() {
		rates[policy] = limiter.Rate(limit)
	}
	return rates
}

func TestLocalKeepsTheContract(t *testing.T) {
	for _, rule := range limitertest.Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := limitertest.Harness{Limiter: limiter.NewLocal(limits()), Now: time.Now, Sleep: time.Sleep}
				if err := rule.Check(t.Context(), h); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestVerdicts(t *testing.T) {
	for name, tc := range map[string]struct {
		rate  limiter.Rate
		taken int           // at once
		then  time.Duration // before the last Take, which is judged
		want  ports.Verdict
	}{
		"the first of many": {
			limiter.Rate{Requests: 600, Per: time.Minute},
			0, 0,
			ports.Verdict{Allowed: true, Quota: 600, Remaining: 599, Window: time.Minute, Reset: 100 * time.Millisecond},
		},
		"what has come back in part shortens the wait for the next": {
			limiter.Rate{Requests: 600, Per: time.Minute},
			2, 30 * time.Millisecond,
			ports.Verdict{Allowed: true, Quota: 600, Remaining: 597, Window: time.Minute, Reset: 70 * time.Millisecond},
		},
		"the last": {
			limiter.Rate{Requests: 60, Per: time.Minute},
			59, 0,
			ports.Verdict{Allowed: true, Quota: 60, Remaining: 0, Window: time.Minute, Reset: time.Second},
		},
		"one too many": {
			limiter.Rate{Requests: 60, Per: time.Minute},
			60, 250 * time.Millisecond,
			ports.Verdict{Quota: 60, Remaining: 0, Window: time.Minute, Reset: 750 * time.Millisecond},
		},
		"one more came back": {
			limiter.Rate{Requests: 60, Per: time.Minute},
			60, time.Second,
			ports.Verdict{Allowed: true, Quota: 60, Remaining: 0, Window: time.Minute, Reset: time.Second},
		},
		"a window that the quota does not divide grants it whole": {
			limiter.Rate{Requests: 7, Per: time.Second},
			6, 0,
			ports.Verdict{Allowed: true, Quota: 7, Remaining: 0, Window: time.Second, Reset: 142857 * time.Microsecond},
		},
		"a quota of one": {
			limiter.Rate{Requests: 1, Per: time.Second},
			1, 0,
			ports.Verdict{Quota: 1, Remaining: 0, Window: time.Second, Reset: time.Second},
		},
		"the finest rate": {
			limiter.Rate{Requests: 1_000_000, Per: time.Second},
			0, 0,
			ports.Verdict{Allowed: true, Quota: 1_000_000, Remaining: 999_999, Window: time.Second, Reset: time.Microsecond},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := limiter.NewLocal(limiter.Rates{ports.Reads: tc.rate})
				b := ports.Bucket{Policy: ports.Reads, Key: "ann"}
				for range tc.taken {
					l.Take(t.Context(), b)
				}
				time.Sleep(tc.then)
				if got := l.Take(t.Context(), b); got != tc.want {
					t.Errorf("got  %+v\nwant %+v", got, tc.want)
				}
			})
		})
	}
}

func TestARateOfZeroIsOff(t *testing.T) {
	l := limiter.NewLocal(limiter.Rates{ports.Reads: {}})
	b := ports.Bucket{Policy: ports.Reads, Key: "ann"}
	l.Return(t.Context(), b)
	if got := l.Take(t.Context(), b); got != (ports.Verdict{Allowed: true}) {
		t.Errorf("got %+v", got)
	}
}

func denied(i int) ports.Bucket {
	return ports.Bucket{Policy: ports.Denials, Key: strconv.Itoa(i)}
}

func TestAFloodOfKeysTakesBoundedMemory(t *testing.T) {
	l := limiter.NewLocal(limiter.Rates{ports.Denials: {Requests: 60, Per: time.Hour}, ports.Reads: {Requests: 5, Per: time.Hour}})
	ann := ports.Bucket{Policy: ports.Reads, Key: "ann"}
	l.Take(t.Context(), ann)
	most := 0
	for i := range 3 * limiter.MostBuckets {
		if v := l.Take(t.Context(), denied(i)); v.Remaining != 59 {
			t.Fatalf("the first Take of a key is judged %+v", v)
		}
		if i%1000 == 0 {
			most = max(most, l.Buckets())
		}
	}
	if most > limiter.MostBuckets+1 {
		t.Errorf("%d buckets are known, want at most %d", most, limiter.MostBuckets+1)
	}
	if v := l.Take(t.Context(), ann); v.Remaining != 3 {
		t.Errorf("a flood of one policy made another forget: %+v", v)
	}
}

func TestWhatIsInUseIsNotForgotten(t *testing.T) {
	l := limiter.NewLocal(limiter.Rates{ports.Denials: {Requests: 10, Per: time.Hour}})
	for i := range 2 * limiter.MostBuckets {
		l.Take(t.Context(), denied(i))
		if i%(limiter.MostBuckets/4) == 0 {
			l.Take(t.Context(), denied(-1))
		}
	}
	if v := l.Take(t.Context(), denied(-1)); v.Remaining != 1 {
		t.Errorf("after 9 Takes amid a flood the verdict is %+v, want 1 to remain", v)
	}
}

func TestIdleBucketsVanish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limiter.NewLocal(limiter.Rates{ports.Denials: {Requests: 60, Per: time.Minute}})
		for i := range 10_000 {
			l.Take(t.Context(), denied(i))
		}
		for i := range 2 {
			time.Sleep(time.Minute)
			l.Take(t.Context(), denied(i))
		}
		if n := l.Buckets(); n > 2 {
			t.Errorf("%d buckets are known, two minutes after all but two were used", n)
		}
	})
}

func TestAFullBucketIsNotKept(t *testing.T) {
	l := limiter.NewLocal(limiter.Rates{ports.Denials: {Requests: 60, Per: time.Hour}})
	l.Return(t.Context(), denied(1))
	l.Take(t.Context(), denied(2))
	l.Return(t.Context(), denied(2))
	if n := l.Buckets(); n != 0 {
		t.Errorf("%d buckets are known, and all are full", n)
	}
}

// TestATurnForgetsNoDebt takes one a second, of which one a second comes back,
// over many turns of the generations.
func TestATurnForgetsNoDebt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limiter.NewLocal(limiter.Rates{ports.Denials: {Requests: 10, Per: 10 * time.Second}})
		for range 5 {
			l.Take(t.Context(), denied(1))
		}
		for range 1000 {
			if v := l.Take(t.Context(), denied(1)); v.Remaining != 4 {
				t.Fatalf("at %s: %+v, want 4 to remain", time.Now().Format(time.TimeOnly), v)
			}
			time.Sleep(time.Second)
		}
	})
}

func BenchmarkLocal(b *testing.B) {
	for name, users := range map[string]int64{"one user": 1, "many users": 10_000} {
		b.Run(name, func(b *testing.B) {
			l := limiter.NewLocal(limiter.Rates{ports.Reads: {Requests: 600, Per: time.Minute}})
			keys := make([]string, users)
			for i := range keys {
				keys[i] = "user-with-an-id-of-32-bytes-" + strconv.Itoa(i)
			}
			var next atomic.Int64
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					l.Take(b.Context(), ports.Bucket{Policy: ports.Reads, Key: keys[next.Add(1)%users]})
				}
			})
		})
	}
}
