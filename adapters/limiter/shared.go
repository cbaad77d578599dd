package limiter

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed" // the script
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"taskhold/ports"
)

var _ ports.Limiter = (*Shared)(nil)

// patience is the longest that a request waits for Redis.
const patience = 100 * time.Millisecond

//go:embed spend.lua
var source string

var spend = redis.NewScript(source)

// ErrURL says that a text is not the address of a Redis. It does not hold the
// text, in which there may be a password.
var ErrURL = errors.New("limiter: the address of Redis has to begin with redis://, rediss:// or unix://")

// CheckURL returns ErrURL unless NewShared can use the address.
func CheckURL(url string) error {
	if _, err := redis.ParseURL(url); err != nil {
		return ErrURL
	}
	return nil
}

// Shared counts in Redis, together with all replicas that do so with the same
// key. While Redis does not answer, each of them counts alone, and no request
// is held up: one in a second waits for Redis, at most 100 ms.
type Shared struct {
	redis   *redis.Client
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
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, ErrURL
	}
	logging.Disable() // it would write to the standard error what observe is told
	return &Shared{
		redis: redis.NewClient(impatient(options)), key: key,
		rates: rates, alone: NewLocal(rates), circuit: circuit{observe: observe},
	}, nil
}

// impatient gives up after one attempt and leaves out what a connection could
// say beyond its credentials.
func impatient(o *redis.Options) *redis.Options {
	o.MaxRetries, o.DialerRetries = -1, 1
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = patience, patience, patience, patience
	o.ContextTimeoutEnabled = true
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return o
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
	reply, err := spend.Run(ctx, s.redis, []string{s.name(b)}, by.Microseconds(), r.most().Microseconds()).Int64Slice()
	if err == nil && len(reply) != 2 {
		err = fmt.Errorf("limiter: Redis replied with %d numbers", len(reply))
	}
	s.circuit.settle(err)
	if err != nil {
		return 0, false, err
	}
	return time.Duration(reply[1]) * time.Microsecond, reply[0] == 1, nil
}

// name is what a bucket is called in Redis.
func (s *Shared) name(b ports.Bucket) string {
	const enough = 16 // bytes: no two buckets will ever meet
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(b.Key))
	return "taskhold:" + b.Policy.String() + ":" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:enough])
}
