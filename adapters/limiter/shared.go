package limiter

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed" // the script
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/gomodule/redigo/redis"

	"taskhold/ports"
)

var _ ports.Limiter = (*Shared)(nil)

// patience is the longest that a request waits for Redis.
const patience = 100 * time.Millisecond

//go:embed spend.lua
var source string

var spend = redis.NewScript(1, source)

// Shared counts in Redis, together with all replicas that do so with the same
// key. While Redis does not answer, each of them counts alone, and no request
// is held up: one in a second waits for Redis, at most 100 ms.
type Shared struct {
	redis   *redis.Pool
	key     []byte
	rates   Rates
	alone   *Local
	circuit circuit
}

// NewShared returns a Shared that will ask the Redis at url; it need not be
// there yet. The key makes the names of the buckets there, so that nobody can
// tell whose they are. observe is told why Redis is asked no more, and nil when
// it answers again; it must not call the limiter.
func NewShared(url string, key []byte, rates Rates, observe func(error)) (*Shared, error) {
	at, err := parseAddress(url)
	if err != nil {
		return nil, err
	}
	return &Shared{
		redis: pool(at), key: key,
		rates: rates, alone: NewLocal(rates), circuit: circuit{observe: observe},
	}, nil
}

// pool gives up after one attempt. A connection that was not used for as long
// as Redis is left alone after a failure may be of a Redis that is gone.
func pool(at address) *redis.Pool {
	at.options = append(at.options,
		redis.DialConnectTimeout(patience), redis.DialTLSHandshakeTimeout(patience),
		redis.DialReadTimeout(patience), redis.DialWriteTimeout(patience))
	most := 10 * runtime.GOMAXPROCS(0)
	return &redis.Pool{
		DialContext: at.dial, MaxIdle: most, MaxActive: most, Wait: true, IdleTimeout: 30 * time.Minute,
		TestOnBorrowContext: func(ctx context.Context, c redis.Conn, used time.Time) error {
			if time.Since(used) < pause {
				return nil
			}
			_, err := redis.DoContext(c, ctx, "PING")
			return err
		},
	}
}

// Take implements [ports.Limiter].
func (s *Shared) Take(ctx context.Context, b ports.Bucket) ports.Verdict {
	rate := s.rates[b.Policy]
	if rate == (Rate{}) {
		return ports.Verdict{Allowed: true}
	}
	if debt, done, err := s.change(ctx, b, rate, rate.each()); err == nil {
		return rate.verdict(debt, done)
	}
	return s.alone.Take(ctx, b)
}

// Return implements [ports.Limiter].
func (s *Shared) Return(ctx context.Context, b ports.Bucket) {
	rate := s.rates[b.Policy]
	if rate == (Rate{}) {
		return
	}
	if _, _, err := s.change(ctx, b, rate, -rate.each()); err != nil {
		s.alone.Return(ctx, b)
	}
}

// Close gives the connections back.
func (s *Shared) Close() error {
	if err := s.redis.Close(); err != nil {
		return fmt.Errorf("close the connections to Redis: %w", err)
	}
	return nil
}

var errOpen = errors.New("limiter: Redis is left alone for now")

// change adds to the debt of a bucket and returns what it is then.
func (s *Shared) change(ctx context.Context, b ports.Bucket, r Rate, by time.Duration) (debt time.Duration, done bool, err error) {
	if !s.circuit.passes() {
		return 0, false, errOpen
	}
	// That a caller has hung up is no fault of Redis.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	reply, err := s.ask(ctx, s.name(b), by, r)
	s.circuit.settle(err)
	if err != nil {
		return 0, false, err
	}
	return time.Duration(reply[1]) * time.Microsecond, reply[0] == 1, nil
}

// ask has the script change a debt. It replies whether it did, and the debt.
func (s *Shared) ask(ctx context.Context, name string, by time.Duration, r Rate) (reply []int64, err error) {
	conn, err := s.redis.GetContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("limiter: connect to Redis: %w", err)
	}
	defer func() { _ = conn.Close() }() // back to the pool, or away after an error
	reply, err = redis.Int64s(spend.DoContext(ctx, conn, name, by.Microseconds(), r.most().Microseconds()))
	if err == nil && len(reply) != 2 {
		err = fmt.Errorf("limiter: Redis replied with %d numbers", len(reply))
	}
	return reply, err
}

// name is what a bucket is called in Redis.
func (s *Shared) name(b ports.Bucket) string {
	const enough = 16 // bytes: no two buckets will ever meet
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(b.Key))
	return "taskhold:" + b.Policy.String() + ":" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:enough])
}
