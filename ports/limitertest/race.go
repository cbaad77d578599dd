package limitertest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"taskhold/ports"
)

// rounds repeat a race, since one that is lost shows only now and then.
const rounds = 20

// together releases its callers at once and waits for them.
func together(callers int, call func(i int)) {
	start := make(chan struct{})
	var done sync.WaitGroup
	for i := range callers {
		done.Go(func() { <-start; call(i) })
	}
	close(start)
	done.Wait()
}

// limiters are all that count together.
func (h Harness) limiters() []ports.Limiter {
	if h.Replica == nil {
		return []ports.Limiter{h.Limiter}
	}
	return []ports.Limiter{h.Limiter, h.Replica}
}

func callersAreApart(ctx context.Context, h Harness) error {
	const callers = 16
	all := h.limiters()
	for range rounds {
		b := bucket(ports.Reads)
		var verdicts [callers]ports.Verdict
		together(callers, func(i int) { verdicts[i] = all[i%len(all)].Take(ctx, b) })
		var left []int
		for _, v := range verdicts {
			if v.Allowed {
				left = append(left, v.Remaining)
			}
		}
		slices.Sort(left)
		if want := []int{0, 1, 2, 3, 4}; !slices.Equal(left, want) {
			return fmt.Errorf("of %d callers at once some are told that these remain: %v, want %v", callers, left, want)
		}
	}
	return nil
}

// nothingIsLost takes and returns two each, of a bucket in which there is place
// for that in any order.
func nothingIsLost(ctx context.Context, h Harness) error {
	all := h.limiters()
	const spent = 3
	for range rounds {
		b := bucket(ports.Reads)
		for range spent {
			h.Limiter.Take(ctx, b)
		}
		together(4, func(i int) {
			l := all[i/2%len(all)]
			if i%2 == 0 {
				l.Take(ctx, b)
			} else {
				l.Return(ctx, b)
			}
		})
		if err := holds(ctx, h.Limiter, b, slow.Requests-spent); err != nil {
			return err
		}
	}
	return nil
}
