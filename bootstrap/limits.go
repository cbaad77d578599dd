package bootstrap

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"taskhold/adapters/httpapi"
	"taskhold/adapters/limiter"
	"taskhold/adapters/telemetry"
	"taskhold/ports"
)

var errRate = errors.New("no rate")

// parseRate reads a text such as 600/1m; off is the zero Rate. What is told to
// clients has whole seconds (draft-ietf-httpapi-ratelimit-headers, 3.1.3).
func parseRate(text string) (limiter.Rate, error) {
	const most = 1_000_000
	if text == "off" {
		return limiter.Rate{}, nil
	}
	requests, per, _ := strings.Cut(text, "/")
	n, notNumber := strconv.Atoi(requests)
	d, notDuration := time.ParseDuration(per)
	switch {
	case notNumber != nil, notDuration != nil,
		n < 1, n > most, d < time.Second, d > 24*time.Hour, d%time.Second != 0:
		return limiter.Rate{}, errRate
	}
	return limiter.Rate{Requests: n, Per: d}, nil
}

// figures are the limits that clients are told.
func (c Config) figures() httpapi.Figures {
	return httpapi.Figures{TasksPerUser: c.TasksPerUser, Reads: httpapi.Rate(c.ReadRate), Writes: httpapi.Rate(c.WriteRate)}
}

// atOnce is how many requests are worked on at once. Most of that time a
// request has a connection; a few to each keep all of them busy, and more would
// only wait there instead.
func (c Config) atOnce() int {
	if c.AtOnce > 0 {
		return c.AtOnce
	}
	return max(4*c.PoolSize, 16)
}

func (a *App) openLimiter(ctx context.Context) error {
	key, err := a.storage.Key(ctx, "limits")
	if err != nil {
		return err
	}
	if a.config.RedisURL != "" {
		a.watch.metrics.ExpectShared()
	}
	a.limiter, a.closeLimiter, err = newLimiter(a.config, key, a.watch.redis)
	if a.limiter != nil {
		a.limiter = telemetry.NewLimiter(a.limiter, a.watch.metrics)
	}
	return err
}

// newLimiter returns nil if no rate is limited. The key, the same on all
// replicas, hides from Redis who is counted. The function gives back what the
// limiter holds.
func newLimiter(c Config, key []byte, observe func(error)) (ports.Limiter, func() error, error) {
	rates := limiter.Rates{ports.Reads: c.ReadRate, ports.Writes: c.WriteRate, ports.Denials: c.DeniedRate}
	none := func() error { return nil }
	if c.ReadRate == (limiter.Rate{}) && c.WriteRate == c.ReadRate && c.DeniedRate == c.ReadRate {
		return nil, none, nil
	}
	if c.RedisURL == "" {
		return limiter.NewLocal(rates), none, nil
	}
	shared, err := limiter.NewShared(c.RedisURL.Reveal(), key, rates, observe)
	if err != nil {
		return nil, none, err
	}
	return shared, shared.Close, nil
}
