package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Tracer makes spans, by the OpenTelemetry semantic conventions, and sends them
// to a collector. No span holds an id, a path, a query or the text of an error:
// what a user does is told, and not with what. A nil Tracer makes none, at no
// cost.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// ErrAttributes tells of a variable that cannot be read.
var ErrAttributes = errors.New("OTEL_RESOURCE_ATTRIBUTES must be names and values, percent-encoded, as in a=1,b=2")

// NewTracer sends spans to the collector at a base address, by OTLP over HTTP.
// What the other OTEL_ variables say of headers, sampling and resources counts.
// A collector that is gone holds nobody up: its spans are lost, and failed is
// told why. It is told too which of those variables cannot be read, without the
// value; [ErrAttributes] alone is an error.
func NewTracer(ctx context.Context, address, version string, failed func(error)) (*Tracer, error) {
	target, err := url.JoinPath(address, "v1", "traces")
	if err != nil {
		return nil, fmt.Errorf("send traces: %w", err)
	}
	listenTo(failed)
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(target))
	if err != nil {
		return nil, fmt.Errorf("send traces: %w", err)
	}
	of, err := resource.New(ctx,
		resource.WithSchemaURL(semconv.SchemaURL),
		resource.WithAttributes(semconv.ServiceName("taskhold"), semconv.ServiceVersion(version)),
		resource.WithTelemetrySDK(),
		resource.WithFromEnv(),
	)
	if err != nil {
		return nil, ErrAttributes // and not what err quotes
	}
	provider := sdk.NewTracerProvider(
		sdk.WithBatcher(reporting{exporter, failed}),
		sdk.WithResource(of),
		sdk.WithoutPanicRecording(), // of a panic's text nobody knows what it holds
	)
	otel.SetErrorHandler(otel.ErrorHandlerFunc(failed))
	return &Tracer{provider, provider.Tracer("taskhold")}, nil
}

// reporting tells of failures itself, which otherwise go to a function that all
// who import OpenTelemetry share.
type reporting struct {
	sdk.SpanExporter
	failed func(error)
}

func (r reporting) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	if err := r.SpanExporter.ExportSpans(ctx, spans); err != nil {
		r.failed(err)
	}
	return nil
}

// lastWords is the longest that Close takes.
const lastWords = 5 * time.Second

// Close sends what is left to send.
func (t *Tracer) Close() error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastWords)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}

// start begins a span within that of ctx.
func (t *Tracer) start(ctx context.Context, name string, kind trace.SpanKind, about ...attribute.KeyValue) (context.Context, trace.Span) {
	if t == nil {
		return ctx, noop.Span{}
	}
	return t.tracer.Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(about...))
}

// endWith ends a span whose failure has a name, or is "".
func endWith(span trace.Span, failure string) {
	if failure != "" {
		span.SetStatus(codes.Error, "")
		span.SetAttributes(semconv.ErrorTypeKey.String(failure))
	}
	span.End()
}
