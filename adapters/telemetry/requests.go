package telemetry

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"taskhold/domain/identity"
)

// Request is what is told of a request that was answered.
type Request struct {
	Method   string
	Route    string // the template, such as /v1/tasks/:id, never the path; "" if none matched
	Status   int
	Duration time.Duration
	ID       string
	User     identity.UserID // nobody if the request was not authenticated
	Cause    error           // of a reply that keeps it from the client
	Refused  bool            // because there was too much to do
}

// Requests tells of requests: a line in the log, a span and the metrics.
type Requests struct {
	log     *zap.Logger
	refused *zap.Logger
	macs    sync.Pool // of hash.Hash: to set the key takes as long as to use it
	metrics *Metrics
	tracer  *Tracer
}

// NewRequests returns what tells of requests. The key makes the users'
// pseudonyms: whoever has it can tell whether a line is a given user's, and
// nobody else can. It is the same on all replicas.
func NewRequests(log *zap.Logger, key []byte, m *Metrics, t *Tracer) *Requests {
	l := &Requests{log: log, refused: log.WithOptions(zap.WrapCore(thin)), metrics: m, tracer: t}
	l.macs.New = func() any { return hmac.New(sha256.New, key) }
	return l
}

// thin lets through a few lines a second: who has too much to do must not
// spend what is left on saying so each time.
func thin(core zapcore.Core) zapcore.Core {
	const lines = 10
	return zapcore.NewSamplerWithOptions(core, time.Second, lines, 0)
}

// tooLong reports whether a traceparent of version 00 has more than its fields
// (W3C Trace Context, 3.2.2), which OpenTelemetry lets pass if it is a dash.
func tooLong(traceparent string) bool {
	return strings.HasPrefix(traceparent, "00-") && len(traceparent) > len("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
}

// Begin is called at the beginning of a request with its trace headers (W3C
// Trace Context), and the function that it returns at the end. The request runs
// under the context, and so as a part of the caller's trace.
func (l *Requests) Begin(ctx context.Context, traceparent, tracestate string) (context.Context, func(Request)) {
	l.metrics.active.Inc()
	if traceparent != "" && !tooLong(traceparent) {
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": traceparent, "tracestate": tracestate})
	}
	ctx, span := l.tracer.start(ctx, "request", trace.SpanKindServer)
	return ctx, func(r Request) {
		l.metrics.active.Dec()
		l.metrics.answered(r)
		finish(span, r)
		l.write(trace.SpanContextFromContext(ctx), r)
	}
}

func (m *Metrics) answered(r Request) {
	m.requests.WithLabelValues(methodLabel(r.Method), r.Route, strconv.Itoa(r.Status)).Observe(r.Duration.Seconds())
	if r.Refused {
		m.refused.Inc()
	}
}

// finish names a span by the template of the route, which is only known now.
func finish(span trace.Span, r Request) {
	if !span.IsRecording() {
		return
	}
	method := methodLabel(r.Method)
	span.SetName(method)
	span.SetAttributes(semconv.HTTPRequestMethodKey.String(method), semconv.HTTPResponseStatusCode(r.Status))
	if r.Route != "" {
		span.SetName(method + " " + r.Route)
		span.SetAttributes(semconv.HTTPRoute(r.Route))
	}
	failure := ""
	if r.Status >= 500 {
		failure = strconv.Itoa(r.Status)
	}
	endWith(span, failure)
}

// write writes the line of r: at level error with the cause where the server
// failed, at level info otherwise.
func (l *Requests) write(within trace.SpanContext, r Request) {
	level := zapcore.InfoLevel
	if r.Status >= 500 {
		level = zapcore.ErrorLevel
	}
	log := l.log
	if r.Refused {
		log = l.refused
	}
	entry := log.Check(level, "request")
	if entry == nil {
		return
	}
	fields := make([]zap.Field, 0, 8)
	fields = append(fields,
		zap.String("method", r.Method), zap.String("route", r.Route), zap.Int("status", r.Status),
		zap.Float64("duration_ms", float64(r.Duration.Microseconds())/1000), zap.String("request_id", r.ID))
	if within.HasTraceID() {
		fields = append(fields, zap.Stringer("trace_id", within.TraceID()))
	}
	if !r.User.IsZero() {
		fields = append(fields, zap.String("user", l.Pseudonym(r.User)))
	}
	if r.Cause != nil {
		fields = append(fields, zap.NamedError("cause", r.Cause))
	}
	entry.Write(fields...)
}

// Pseudonym returns the name under which the log speaks of a user: the first
// 8 bytes of an HMAC-SHA-256 of the id.
func (l *Requests) Pseudonym(user identity.UserID) string {
	mac := l.macs.Get().(hash.Hash)
	defer l.macs.Put(mac)
	mac.Reset()
	mac.Write([]byte(user.String()))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}
