package bootstrap

import (
	"context"
	"errors"
	"sync"

	"go.uber.org/zap"

	"taskhold/adapters/betterauth"
	"taskhold/adapters/httpapi"
	"taskhold/adapters/telemetry"
)

// watch is how operators see what the program does.
type watch struct {
	log     *zap.Logger
	metrics *telemetry.Metrics
	tracer  *telemetry.Tracer // nil: no traces
}

func newWatch(ctx context.Context, c Config, log *zap.Logger) (w watch, err error) {
	w = watch{log: log, metrics: telemetry.NewMetrics()}
	if c.TracesURL != "" {
		w.tracer, err = telemetry.NewTracer(ctx, c.TracesURL, version(), func(err error) {
			log.Warn("some traces could not be sent and are lost, or are not sent as was meant", zap.Error(err))
		})
	}
	if errors.Is(err, telemetry.ErrAttributes) {
		err = &ConfigError{Faults: []string{err.Error()}}
	}
	return w, err
}

// watched is a storage of which every call is seen.
type watched struct {
	*telemetry.Store
	upkeep
}

func (w watch) openStorage(ctx context.Context, c Config, told func(string, error)) (storage, error) {
	opened, err := openStorage(ctx, c)
	if err != nil {
		return nil, err
	}
	w.metrics.WatchPools(func() (pools []telemetry.Pool) {
		for _, pool := range opened.Pools() {
			pools = append(pools, telemetry.Pool(pool))
		}
		return pools
	})
	kind, _ := engineOf(c.DatabaseURL.Reveal())
	store := telemetry.NewStore(opened, kind.system, w.metrics, w.tracer)
	store.Tell(told)
	return watched{store, opened}, nil
}

// requests is told of every request.
func (w watch) requests(pseudonymKey []byte) func(context.Context, string, string) (context.Context, func(httpapi.Exchange)) {
	requests := telemetry.NewRequests(w.log, pseudonymKey, w.metrics, w.tracer)
	return func(ctx context.Context, traceparent, tracestate string) (context.Context, func(httpapi.Exchange)) {
		ctx, done := requests.Begin(ctx, traceparent, tracestate)
		return ctx, func(e httpapi.Exchange) { done(telemetry.Request(e)) }
	}
}

// signIns is told what becomes of tokens and of the keys that verify them.
func (w watch) signIns() func(betterauth.Event) {
	news := &fetches{log: w.log, last: fetched}
	return func(e betterauth.Event) {
		switch e.Subject {
		case betterauth.SubjectToken:
			w.metrics.Token(e.Outcome)
		case betterauth.SubjectKey:
			w.metrics.IgnoredKey(e.Outcome)
			w.log.Warn("a key of Better Auth's key set is not used", zap.String("reason", e.Outcome))
		case betterauth.SubjectKeySet:
			w.metrics.KeySet(e.Outcome, e.Outcome == fetched)
			news.tell(e.Outcome)
		}
	}
}

// fetched is the outcome of a fetch of the key set that is none of failure.
const fetched = "fetched"

// fetches logs those outcomes that are not like the last.
type fetches struct {
	log  *zap.Logger
	mu   sync.Mutex
	last string
}

func (f *fetches) tell(outcome string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if outcome == f.last {
		return
	}
	f.last = outcome
	if outcome == fetched {
		f.log.Info("Better Auth's key set is fetched again")
	} else {
		f.log.Warn("Better Auth's key set could not be fetched; it will be tried again", zap.String("reason", outcome))
	}
}

// redis is told when the Redis that limits rates goes, and when it is back.
func (w watch) redis(err error) {
	w.metrics.Shared(err == nil)
	if err != nil {
		w.log.Warn("Redis is gone; each replica limits rates alone", zap.Error(err))
	} else {
		w.log.Info("Redis is back; the replicas limit rates together")
	}
}
