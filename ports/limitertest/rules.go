package limitertest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"taskhold/ports"
)

func grantsQuota(ctx context.Context, h Harness) error {
	return holds(ctx, h.Limiter, bucket(ports.Reads), slow.Requests)
}

func namesLimit(ctx context.Context, h Harness) error {
	for policy, limit := range Limits() {
		b := bucket(policy)
		for range limit.Requests + 1 { // the last is refused
			v := h.Limiter.Take(ctx, b)
			if v.Quota != limit.Requests || v.Window != limit.Per {
				return fmt.Errorf("the limit of %s is said to be %d in %s, want %d in %s", policy, v.Quota, v.Window, limit.Requests, limit.Per)
			}
			if v.Reset <= 0 || v.Reset > limit.Per {
				return fmt.Errorf("more of %s is said to come in %s, of a window of %s", policy, v.Reset, limit.Per)
			}
		}
	}
	return nil
}

func remainingIsTrue(ctx context.Context, h Harness) error {
	b := bucket(ports.Reads)
	for want := slow.Requests - 1; want >= 0; want-- {
		if v := h.Limiter.Take(ctx, b); !v.Allowed || v.Remaining != want {
			return fmt.Errorf("a Take that leaves %d is judged %+v", want, v)
		}
	}
	if v := h.Limiter.Take(ctx, b); v.Allowed || v.Remaining != 0 {
		return fmt.Errorf("a Take of what is not there is judged %+v", v)
	}
	return nil
}

func resetIsTrue(ctx context.Context, h Harness) error {
	b := bucket(ports.Denials)
	for range 2 {
		refused, reset, err := drain(ctx, h, b)
		if err != nil {
			return err
		}
		h.Sleep(reset / 2)
		early := h.Limiter.Take(ctx, b).Allowed
		if waited := h.Now().Sub(refused); early && waited < reset {
			return fmt.Errorf("one more is granted %s after a refusal that promises it in %s", waited, reset)
		}
		if early {
			continue // the machine was busy, and half of the time is over twice
		}
		h.Sleep(reset - reset/2)
		if err := take(ctx, h.Limiter, b, true); err != nil {
			return fmt.Errorf("%s after a refusal that promises more by then: %w", reset, err)
		}
	}
	return nil
}

func refusalIsFree(ctx context.Context, h Harness) error {
	b := bucket(ports.Reads)
	if err := holds(ctx, h.Limiter, b, slow.Requests); err != nil {
		return err
	}
	for range 3 * slow.Requests {
		if err := take(ctx, h.Limiter, b, false); err != nil {
			return err
		}
	}
	h.Limiter.Return(ctx, b)
	return holds(ctx, h.Limiter, b, 1)
}

// rateIsKept counts what is granted to somebody who never stops asking.
func rateIsKept(ctx context.Context, h Harness) error {
	b := bucket(ports.Denials)
	const step = 100 * time.Millisecond
	granted, began := 0, h.Now()
	for h.Now().Sub(began) < quick.Per*3/2 {
		for h.Limiter.Take(ctx, b).Allowed {
			if granted++; granted > 100*quick.Requests {
				return fmt.Errorf("there is no end to what is granted")
			}
		}
		h.Sleep(step)
	}
	earned := quick.Requests * int(h.Now().Sub(began)) / int(quick.Per)
	if most := quick.Requests + earned + 1; granted > most {
		return fmt.Errorf("%d are granted in %s, want at most %d", granted, h.Now().Sub(began), most)
	}
	return nil
}

func restRestores(ctx context.Context, h Harness) error {
	b := bucket(ports.Denials)
	for range 2 {
		if _, _, err := drain(ctx, h, b); err != nil {
			return err
		}
		h.Sleep(quick.Per)
		for i := range quick.Requests {
			if err := take(ctx, h.Limiter, b, true); err != nil {
				return fmt.Errorf("%d after a rest of %s: %w", i+1, quick.Per, err)
			}
		}
	}
	return nil
}

// keys are such as a careless limiter would take for each other.
var keys = []string{
	"", "ann", "Ann", "ann ", "an", "n", "ann:read", "read:ann", "\u00fc", "u\u0308",
	"192.0.2.1", "2001:db8::/64", "{ann}", "*", strings.Repeat("x", 255), strings.Repeat("x", 254) + "y",
}

func keysAreApart(ctx context.Context, h Harness) error {
	unique := bucket(ports.Reads).Key
	for _, key := range keys {
		b := ports.Bucket{Policy: ports.Reads, Key: key + unique}
		if err := holds(ctx, h.Limiter, b, slow.Requests); err != nil {
			return fmt.Errorf("the key %.20q: %w", key, err)
		}
	}
	return nil
}

func policiesAreApart(ctx context.Context, h Harness) error {
	reads := bucket(ports.Reads)
	denials := ports.Bucket{Policy: ports.Denials, Key: reads.Key}
	if _, _, err := drain(ctx, h, denials); err != nil {
		return err
	}
	if err := holds(ctx, h.Limiter, reads, slow.Requests); err != nil {
		return err
	}
	h.Sleep(quick.Per)
	return take(ctx, h.Limiter, denials, true)
}

func offAllows(ctx context.Context, h Harness) error {
	const last = ports.Policy(255) // no policy at all is one that is off
	for _, policy := range []ports.Policy{ports.Writes, 0, last} {
		b := bucket(policy)
		for range 2 * slow.Requests {
			if v := h.Limiter.Take(ctx, b); v != (ports.Verdict{Allowed: true}) {
				return fmt.Errorf("a Take of a policy that is off is judged %+v", v)
			}
		}
		h.Limiter.Return(ctx, b)
	}
	return nil
}

func returnGivesBack(ctx context.Context, h Harness) error {
	b := bucket(ports.Reads)
	if err := holds(ctx, h.Limiter, b, slow.Requests); err != nil {
		return err
	}
	for n := range slow.Requests {
		for range n {
			h.Limiter.Return(ctx, b)
		}
		if err := holds(ctx, h.Limiter, b, n); err != nil {
			return fmt.Errorf("an empty bucket to which %d were returned: %w", n, err)
		}
	}
	return nil
}

func returnsStopAtQuota(ctx context.Context, h Harness) error {
	for _, taken := range []int{0, 1, slow.Requests} {
		b := bucket(ports.Reads)
		for range taken {
			h.Limiter.Take(ctx, b)
		}
		for range 3 * slow.Requests {
			h.Limiter.Return(ctx, b)
		}
		if err := holds(ctx, h.Limiter, b, slow.Requests); err != nil {
			return fmt.Errorf("a bucket with %d taken and more returned: %w", taken, err)
		}
	}
	return nil
}

func returnIsApart(ctx context.Context, h Harness) error {
	spent := bucket(ports.Reads)
	if err := holds(ctx, h.Limiter, spent, slow.Requests); err != nil {
		return err
	}
	for _, other := range []ports.Bucket{bucket(ports.Reads), {Policy: ports.Denials, Key: spent.Key}, {Policy: ports.Writes, Key: spent.Key}} {
		h.Limiter.Take(ctx, other)
		h.Limiter.Return(ctx, other)
	}
	return take(ctx, h.Limiter, spent, false)
}

func hangingUpCounts(ctx context.Context, h Harness) error {
	over, cancel := context.WithCancel(ctx)
	cancel()
	b := bucket(ports.Reads)
	if err := holds(over, h.Limiter, b, slow.Requests); err != nil {
		return err
	}
	if err := take(ctx, h.Limiter, b, false); err != nil {
		return err
	}
	h.Limiter.Return(over, b)
	return holds(ctx, h.Limiter, b, 1)
}

func replicasShare(ctx context.Context, h Harness) error {
	if h.Replica == nil {
		return nil
	}
	b := bucket(ports.Reads)
	for i := range slow.Requests {
		l := []ports.Limiter{h.Limiter, h.Replica}[i%2]
		if v := l.Take(ctx, b); !v.Allowed || v.Remaining != slow.Requests-1-i {
			return fmt.Errorf("by turns, Take %d is judged %+v", i+1, v)
		}
	}
	for _, l := range []ports.Limiter{h.Limiter, h.Replica} {
		if err := take(ctx, l, b, false); err != nil {
			return fmt.Errorf("of a bucket that the replicas have emptied together: %w", err)
		}
	}
	h.Replica.Return(ctx, b)
	return holds(ctx, h.Limiter, b, 1)
}
