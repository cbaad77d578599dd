package limiter_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/gomodule/redigo/redis"

	"taskhold/adapters/limiter"
	"taskhold/ports"
	"taskhold/ports/limitertest"
)

// clock is the time of a Redis, which a test puts forward.
type clock struct {
	redis *miniredis.Miniredis
	now   time.Time
}

func newClock(redis *miniredis.Miniredis) *clock {
	c := &clock{redis, time.Now()}
	redis.SetTime(c.now)
	return c
}

func (c *clock) Now() time.Time { return c.now }

func (c *clock) Sleep(d time.Duration) {
	c.now = c.now.Add(d)
	c.redis.SetTime(c.now)
	c.redis.FastForward(d)
}

// changes are what a limiter has observed.
type changes struct {
	mu   sync.Mutex
	errs []error
}

func (c *changes) observe(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.errs = append(c.errs, err)
}

// failures says of each change whether it was for the worse.
func (c *changes) failures() []bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []bool
	for _, err := range c.errs {
		out = append(out, err != nil)
	}
	return out
}

func share(t *testing.T, url string, key string, rates limiter.Rates, observe func(error)) *limiter.Shared {
	t.Helper()
	s, err := limiter.NewShared(url, []byte(key), rates, observe)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// working fails a test if Redis does not answer.
func working(t *testing.T) func(error) {
	return func(err error) { t.Errorf("observed %v", err) }
}

func urlOf(redis *miniredis.Miniredis) string { return "redis://" + redis.Addr() }

// TestSharedKeepsTheContract runs on Redis's double; the tests of e2e have the
// real one.
func TestSharedKeepsTheContract(t *testing.T) {
	limitertest.Run(t, func(testing.TB) limitertest.Harness {
		redis := miniredis.RunT(t)
		c := newClock(redis)
		return limitertest.Harness{
			Limiter: share(t, urlOf(redis), "key", limits(), working(t)),
			Replica: share(t, urlOf(redis), "key", limits(), working(t)),
			Now:     c.Now, Sleep: c.Sleep,
		}
	})
}

func reads(user string) ports.Bucket { return ports.Bucket{Policy: ports.Reads, Key: user} }

func TestRedisIsToldNoUser(t *testing.T) {
	redis := miniredis.RunT(t)
	s := share(t, urlOf(redis), "key", limits(), working(t))
	for _, b := range []ports.Bucket{reads("user-ann"), reads("user-bob"), {Policy: ports.Denials, Key: "192.0.2.1"}} {
		s.Take(t.Context(), b)
	}
	keys := redis.Keys()
	if len(keys) != 3 {
		t.Fatalf("Redis has the keys %q, want 3", keys)
	}
	for _, key := range keys {
		value, _ := redis.Get(key)
		for _, clear := range []string{"ann", "bob", "192.0.2.1"} {
			if strings.Contains(key+value, clear) {
				t.Errorf("Redis has %q: %q, which tells %q", key, value, clear)
			}
		}
	}
	share(t, urlOf(redis), "another key", limits(), working(t)).Take(t.Context(), reads("user-ann"))
	if n := len(redis.Keys()); n != 4 {
		t.Errorf("without the key one can tell whose a bucket is: Redis has %d, want 4", n)
	}
}

func TestRedisForgetsBucketsThatAreFull(t *testing.T) {
	redis := miniredis.RunT(t)
	c := newClock(redis)
	s := share(t, urlOf(redis), "key", limiter.Rates{ports.Reads: {Requests: 60, Per: time.Minute}}, working(t))
	for range 3 {
		s.Take(t.Context(), reads("ann"))
	}
	s.Take(t.Context(), reads("bob"))
	s.Return(t.Context(), reads("bob"))
	if keys := redis.Keys(); len(keys) != 1 {
		t.Fatalf("Redis has the keys %q, want that of ann alone", keys)
	}
	c.Sleep(2900 * time.Millisecond)
	if n := len(redis.Keys()); n != 1 {
		t.Errorf("Redis has %d keys while a bucket is not full", n)
	}
	c.Sleep(101 * time.Millisecond)
	if keys := redis.Keys(); len(keys) != 0 {
		t.Errorf("Redis has the keys %q after all buckets are full", keys)
	}
}

func TestAClockThatIsPutBackLocksNobodyOut(t *testing.T) {
	redis := miniredis.RunT(t)
	c := newClock(redis)
	s := share(t, urlOf(redis), "key", limiter.Rates{ports.Reads: {Requests: 60, Per: time.Minute}}, working(t))
	s.Take(t.Context(), reads("ann"))
	c.Sleep(-24 * time.Hour)
	if v := s.Take(t.Context(), reads("ann")); v.Remaining < 0 || v.Reset > time.Second {
		t.Errorf("a day back the verdict is %+v", v)
	}
	c.Sleep(time.Second)
	if v := s.Take(t.Context(), reads("ann")); !v.Allowed {
		t.Errorf("a second later the verdict is %+v", v)
	}
}

func TestARateThatIsLoweredLocksNobodyOut(t *testing.T) {
	redis := miniredis.RunT(t)
	c := newClock(redis)
	before := share(t, urlOf(redis), "key", limiter.Rates{ports.Reads: {Requests: 5, Per: time.Hour}}, working(t))
	for range 5 {
		before.Take(t.Context(), reads("ann"))
	}
	after := share(t, urlOf(redis), "key", limiter.Rates{ports.Reads: {Requests: 2, Per: 2 * time.Second}}, working(t))
	if v := after.Take(t.Context(), reads("ann")); v.Allowed || v.Reset > time.Second {
		t.Errorf("got %+v, want a refusal for a second", v)
	}
	c.Sleep(time.Second)
	if v := after.Take(t.Context(), reads("ann")); !v.Allowed {
		t.Errorf("a second later: %+v", v)
	}
}

func TestWithoutRedisEachReplicaCountsAlone(t *testing.T) {
	redis := miniredis.RunT(t)
	url := urlOf(redis)
	redis.Close()
	var seen changes
	s := share(t, url, "key", limits(), seen.observe)
	for want := 4; want >= 0; want-- {
		if v := s.Take(t.Context(), reads("ann")); !v.Allowed || v.Remaining != want {
			t.Fatalf("without Redis a Take that leaves %d is judged %+v", want, v)
		}
	}
	if v := s.Take(t.Context(), reads("ann")); v.Allowed {
		t.Error("without Redis nothing is counted")
	}
	s.Return(t.Context(), reads("ann"))
	if v := s.Take(t.Context(), reads("ann")); !v.Allowed {
		t.Error("without Redis a return gives nothing back")
	}
	if v := share(t, url, "key", limits(), seen.observe).Take(t.Context(), reads("ann")); v.Remaining != 4 {
		t.Errorf("a replica without Redis knows of another: %+v", v)
	}
}

func TestARedisThatComesBackIsUsedAgain(t *testing.T) {
	redis := miniredis.RunT(t)
	var seen changes
	s := share(t, urlOf(redis), "key", limits(), seen.observe)
	s.Take(t.Context(), reads("ann"))
	redis.Close()
	for range 3 {
		s.Take(t.Context(), reads("ann"))
	}
	if got, want := seen.failures(), []bool{true}; !slices.Equal(got, want) {
		t.Fatalf("after the loss of Redis, observed failures: %v, want %v", got, want)
	}
	if err := redis.Restart(); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); len(seen.failures()) < 2; time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > 30*time.Second {
			t.Fatal("Redis is there again, and is not used")
		}
		s.Take(t.Context(), reads("somebody else"))
	}
	if got, want := seen.failures(), []bool{true, false}; !slices.Equal(got, want) {
		t.Errorf("observed failures: %v, want %v", got, want)
	}
	if v := s.Take(t.Context(), reads("ann")); v.Remaining != 3 {
		t.Errorf("what Redis has counted before is lost: %+v", v)
	}
}

// TestARedisThatHangsHoldsUpAlmostNobody has one that takes calls and never
// answers.
func TestARedisThatHangsHoldsUpAlmostNobody(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	var seen changes
	s := share(t, "redis://"+silent.Addr().String(), "key", limiter.Rates{ports.Reads: {Requests: 1_000_000, Per: time.Hour}}, seen.observe)
	began := time.Now()
	if v := s.Take(t.Context(), reads("ann")); !v.Allowed {
		t.Errorf("a Redis that hangs refuses: %+v", v)
	}
	first := time.Since(began)
	if first > 5*time.Second {
		t.Errorf("the first request waited %s for Redis, want about 100ms", first)
	}
	const calls = 10_000
	began = time.Now()
	for range calls {
		s.Take(t.Context(), reads("ann"))
	}
	if each := time.Since(began) / calls; each > time.Millisecond {
		t.Errorf("after that each waits %s", each)
	}
	if got, want := seen.failures(), []bool{true}; !slices.Equal(got, want) {
		t.Errorf("observed failures: %v, want %v", got, want)
	}
}

func TestARedisThatRefusesIsOneThatIsGone(t *testing.T) {
	for name, breaks := range map[string]func(*miniredis.Miniredis){
		"with an error":       func(r *miniredis.Miniredis) { r.SetError("OOM command not allowed") },
		"without credentials": func(r *miniredis.Miniredis) { r.RequireAuth("hunter2") },
	} {
		t.Run(name, func(t *testing.T) {
			redis := miniredis.RunT(t)
			breaks(redis)
			var seen changes
			s := share(t, "redis://:wrong-password@"+redis.Addr(), "key", limits(), seen.observe)
			if v := s.Take(t.Context(), reads("ann")); !v.Allowed || v.Remaining != 4 {
				t.Errorf("got %+v", v)
			}
			if len(seen.errs) != 1 || strings.Contains(seen.errs[0].Error(), "password@") || strings.Contains(seen.errs[0].Error(), "wrong-password") {
				t.Errorf("observed %v, want one error without the password", seen.errs)
			}
		})
	}
}

func TestAForgottenScriptIsSentAgain(t *testing.T) {
	server := miniredis.RunT(t)
	s := share(t, urlOf(server), "key", limits(), working(t))
	s.Take(t.Context(), reads("ann"))
	client, err := redis.Dial("tcp", server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := client.Do("SCRIPT", "FLUSH"); err != nil {
		t.Fatal(err)
	}
	if v := s.Take(t.Context(), reads("ann")); v.Remaining != 3 {
		t.Errorf("got %+v", v)
	}
}

func TestACallerWhoHangsUpIsNoFaultOfRedis(t *testing.T) {
	redis := miniredis.RunT(t)
	s := share(t, urlOf(redis), "key", limits(), working(t))
	over, cancel := context.WithCancel(t.Context())
	cancel()
	s.Take(over, reads("ann"))
	if n := len(redis.Keys()); n != 1 {
		t.Errorf("Redis has %d keys, want the one of who hung up", n)
	}
}

func TestCheckURL(t *testing.T) {
	for url, good := range map[string]bool{
		"redis://localhost":                true,
		"redis://:hunter2@localhost:1/2":   true,
		"rediss://u:hunter2@example.com":   true,
		"unix:///run/redis.sock?db=1":      true,
		"":                                 false,
		"localhost:6379":                   false,
		"http://hunter2.example":           false,
		"redis://h/hunter2":                false,
		"redis://:hunter2@h:port":          false,
		"redis://h?hunter2=1":              false,
		"unix:":                            false,
		"redis://\x00hunter2":              false,
		"redis://localhost/-1":             false,
		"redis://localhost?dial_timeout=1": false,
		"redis://":                         false,
		"redis://[::1]":                    true,
		"unix:///run/redis.sock?db=x":      false,
		"unix:///run/redis.sock?x=1":       false,
	} {
		t.Run(fmt.Sprintf("%q", url), func(t *testing.T) {
			err := limiter.CheckURL(url)
			if good != (err == nil) || err != nil && (!errors.Is(err, limiter.ErrURL) || strings.Contains(err.Error(), "hunter2")) {
				t.Errorf("CheckURL = %v, want good: %t", err, good)
			}
			s, err := limiter.NewShared(url, nil, nil, working(t))
			if good != (err == nil) {
				t.Errorf("NewShared = %v, want good: %t", err, good)
			}
			if s != nil {
				defer s.Close()
			}
		})
	}
}
