package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"taskhold/adapters/betterauth"
	"taskhold/adapters/limiter"
	"taskhold/adapters/postgres/postgrestest"
	"taskhold/domain/identity"
	"taskhold/ports/limitertest"
)

// redisServer is a Redis with nothing in it, at a socket of its own.
type redisServer struct {
	*process
	folder string
}

var redisReady = regexp.MustCompile(`(?i)(ready to accept connections)`)

func startRedis(t *testing.T) *redisServer {
	t.Helper()
	folder, err := os.MkdirTemp("", "redis-") //nolint:usetesting // that of the test may have too long a name for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	r := &redisServer{folder: folder}
	r.again(t)
	return r
}

// again starts it once more, after it was killed, and with nothing in it.
func (r *redisServer) again(t *testing.T) {
	t.Helper()
	r.process = start(t, r.folder, nil, needed(t, "redis-server"), "--port", "0", "--unixsocket", r.socket(), "--save", "", "--appendonly", "no")
	r.await(t, redisReady)
}

func (r *redisServer) socket() string { return filepath.Join(r.folder, "s") }

func (r *redisServer) url() string { return "unix://" + r.socket() }

// attempts are those of what a busy machine can spoil: a limiter that has to
// wait too long for Redis rightly counts alone.
const attempts = 5

func TestLimiterInRedisKeepsTheContract(t *testing.T) {
	t.Parallel()
	redis := startRedis(t)
	for _, rule := range limitertest.Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			t.Parallel()
			for attempt := range attempts {
				var failures atomic.Int32
				err := rule.Check(t.Context(), redisHarness(t, redis, func(error) { failures.Add(1) }))
				if failures.Load() > 0 && attempt < attempts-1 {
					continue
				}
				if err != nil || failures.Load() > 0 {
					t.Errorf("with %d failures of Redis: %v", failures.Load(), err)
				}
				return
			}
		})
	}
}

func redisHarness(t *testing.T, redis *redisServer, observe func(error)) limitertest.Harness {
	t.Helper()
	replica := func() *limiter.Shared {
		rates := limiter.Rates{}
		for policy, limit := range limitertest.Limits() {
			rates[policy] = limiter.Rate(limit)
		}
		l, err := limiter.NewShared(redis.url(), []byte("key"), rates, observe)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		return l
	}
	return limitertest.Harness{
		Limiter: replica(), Replica: replica(), Now: time.Now,
		Sleep: func(d time.Duration) { time.Sleep(d + 5*time.Millisecond) }, // Redis's clock is another
	}
}

// replicas are two programs on one store and one Redis, with few reads for
// each user.
type replicas struct {
	secret string
	all    [2]*server
	users  int
}

const readsOfAUser = 6

func serveReplicas(t *testing.T, redis *redisServer) *replicas {
	t.Helper()
	r := &replicas{secret: newSecret()}
	store := postgrestest.Empty(t)
	for i := range r.all {
		r.all[i] = serve(t, "DATABASE_URL="+store, "BETTER_AUTH_SECRET="+r.secret,
			"REDIS_URL="+redis.url(), fmt.Sprintf("RATE_LIMIT_READ=%d/1h", readsOfAUser))
	}
	return r
}

// somebody returns a token of a user who has not read yet.
func (r *replicas) somebody(t *testing.T) string {
	t.Helper()
	r.users++
	user, err := identity.ParseUserID(fmt.Sprintf("user-%d", r.users))
	if err != nil {
		t.Fatal(err)
	}
	token, err := betterauth.Mint(r.secret, user, time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// granted is how many of many reads, by turns, are granted to one user.
func (r *replicas) granted(t *testing.T) int {
	t.Helper()
	token, granted := r.somebody(t), 0
	for i := range 4 * readsOfAUser {
		switch reply := r.all[i%len(r.all)].as(token).call(t, "GET", "/v1/tasks", ""); reply.status {
		case http.StatusOK:
			granted++
		case http.StatusTooManyRequests:
		default:
			t.Fatalf("got %d\n%s", reply.status, reply.body)
		}
	}
	return granted
}

// said is how often the replicas have said something.
func (r *replicas) said(text string) int {
	n := 0
	for _, s := range r.all {
		n += strings.Count(s.output.String(), text)
	}
	return n
}

func (r *replicas) share(t *testing.T) {
	t.Helper()
	for range attempts {
		gone := r.said("Redis is gone")
		granted := r.granted(t)
		if granted == readsOfAUser {
			return
		}
		if r.said("Redis is gone") == gone && r.said("Redis is back") == gone {
			t.Fatalf("together they grant %d, want %d", granted, readsOfAUser)
		}
		time.Sleep(2 * time.Second)
	}
	t.Fatalf("in %d attempts Redis never answered in time", attempts)
}

// TestReplicasShareLimits kills their Redis, without which each counts alone,
// and brings it back.
func TestReplicasShareLimits(t *testing.T) {
	t.Parallel()
	redis := startRedis(t)
	r := serveReplicas(t, redis)
	r.share(t)

	redis.kill()
	began := time.Now()
	if granted := r.granted(t); granted != len(r.all)*readsOfAUser {
		t.Errorf("without Redis they grant %d, want %d: each counts alone", granted, len(r.all)*readsOfAUser)
	}
	t.Logf("the first %d requests without Redis took %.3f s", 4*readsOfAUser, time.Since(began).Seconds())

	redis.again(t)
	began = time.Now()
	for gone := r.said("Redis is gone"); r.said("Redis is back") < gone; time.Sleep(50 * time.Millisecond) {
		if time.Since(began) > patience {
			t.Fatalf("Redis is not used again in %s", patience)
		}
		r.granted(t)
	}
	t.Logf("it is used again %.1f s after its start", time.Since(began).Seconds())
	r.share(t)
}
