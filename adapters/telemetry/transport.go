package telemetry

import (
	"net/http"
	"strconv"

	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// Transport makes every request of ours to another service a span, and hands
// the trace on to the service.
func (t *Tracer) Transport(next http.RoundTripper) http.RoundTripper {
	if t == nil {
		return next
	}
	return transport{next, t}
}

type transport struct {
	next   http.RoundTripper
	tracer *Tracer
}

// RoundTrip implements [http.RoundTripper]. The span ends with the headers of
// the reply.
func (t transport) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, span := t.tracer.start(request.Context(), request.Method, trace.SpanKindClient,
		semconv.HTTPRequestMethodKey.String(request.Method), semconv.ServerAddress(request.URL.Hostname()))
	request = request.Clone(ctx) // a RoundTripper must not change what it is given
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(request.Header))
	reply, err := t.next.RoundTrip(request)
	failure := outcomeOf(err)
	switch {
	case err != nil:
	case reply.StatusCode >= 400:
		failure = strconv.Itoa(reply.StatusCode)
	default:
		failure = ""
	}
	if err == nil {
		span.SetAttributes(semconv.HTTPResponseStatusCode(reply.StatusCode))
	}
	endWith(span, failure)
	return reply, err
}
