package telemetry

import (
	"context"

	"taskhold/ports"
)

// Limiter counts what a limiter decides. Whom it is about is not told.
type Limiter struct {
	ports.Limiter
	metrics *Metrics
}

// NewLimiter returns a Limiter before next.
func NewLimiter(next ports.Limiter, m *Metrics) Limiter { return Limiter{next, m} }

// Take implements [ports.Limiter].
func (l Limiter) Take(ctx context.Context, b ports.Bucket) ports.Verdict {
	v := l.Limiter.Take(ctx, b)
	decision := "refused"
	if v.Allowed {
		decision = "allowed"
	}
	l.metrics.limits.WithLabelValues(b.Policy.String(), decision).Inc()
	return v
}
