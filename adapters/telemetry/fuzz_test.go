package telemetry

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
)

// traceparent is that of W3C Trace Context, version 00, 3.2, with those flags
// that are defined: OpenTelemetry takes no others.
var traceparent = regexp.MustCompile(`^00-([0-9a-f]{32})-([0-9a-f]{16})-(0[0-3])$`)

// FuzzTraceparent wants a request to be part of the trace that it names, and of
// none if it names none. Of a later version the rest is for that to say.
func FuzzTraceparent(f *testing.F) {
	const good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	for _, s := range []string{
		good, good + "-", good[:54] + "3", good[:54] + "7", good + "-x", "01" + good[2:], "ff" + good[2:], "0g" + good[2:], strings.ToUpper(good), " " + good, good + " ", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", "",
	} {
		f.Add(s, "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")
		f.Add(s, "=,\x00")
	}
	requests := NewRequests(zap.NewNop(), make([]byte, 32), NewMetrics(), nil)
	f.Fuzz(func(t *testing.T, parent, state string) {
		ctx, done := requests.Begin(context.Background(), parent, state)
		defer done(Request{Method: "GET", Status: 200})
		got := trace.SpanContextFromContext(ctx)
		found := traceparent.FindStringSubmatch(parent)
		named := len(found) == 4 && strings.Trim(found[1], "0") != "" && strings.Trim(found[2], "0") != ""
		switch {
		case named && (got.TraceID().String() != found[1] || got.SpanID().String() != found[2] || !got.IsRemote()):
			t.Errorf("%q continues %v", parent, got)
		case !named && strings.HasPrefix(parent, "00") && got.IsValid():
			t.Errorf("%q is taken for %v", parent, got)
		}
	})
}
