package telemetry_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"taskhold/adapters/memory"
	"taskhold/adapters/telemetry"
	"taskhold/application"
	"taskhold/ports"
)

// BenchmarkGet reads one task from memory: bare, counted, and counted and
// traced. What the first of them costs less is the price.
func BenchmarkGet(b *testing.B) {
	tracer := discarding(b)
	for name, watch := range map[string]func(*memory.Store) ports.Tasks{
		"bare":    func(s *memory.Store) ports.Tasks { return useCases(s) },
		"counted": func(s *memory.Store) ports.Tasks { return watched(s, nil) },
		"traced":  func(s *memory.Store) ports.Tasks { return watched(s, tracer) },
	} {
		b.Run(name, func(b *testing.B) {
			tasks := watch(new(memory.Store))
			made, err := tasks.Create(b.Context(), ann, titled("x"))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := tasks.Get(b.Context(), ann, made.ID()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func useCases(s ports.Store) ports.Tasks {
	return application.NewTasks(s, noTurns{}, new(clock), ids{}, quota)
}

func watched(s *memory.Store, t *telemetry.Tracer) ports.Tasks {
	m := telemetry.NewMetrics()
	return telemetry.NewTasks(useCases(telemetry.NewStore(s, "memory", m, t)), m, t)
}

// BenchmarkRequest tells of a request whose line the log does not want.
func BenchmarkRequest(b *testing.B) {
	tracer := discarding(b)
	for name, tc := range map[string]struct {
		traceparent string
		tracer      *telemetry.Tracer
	}{
		"untraced":                {"", nil},
		"untraced in their trace": {traceparent, nil},
		"traced":                  {"", tracer},
	} {
		b.Run(name, func(b *testing.B) {
			requests := telemetry.NewRequests(logger(b, io.Discard, "error", "json"), nil, telemetry.NewMetrics(), tc.tracer)
			told := telemetry.Request{Method: "GET", Route: "/v1/tasks/:id", Status: 200, Duration: time.Millisecond, User: ann}
			b.ReportAllocs()
			for b.Loop() {
				_, done := requests.Begin(b.Context(), tc.traceparent, "")
				done(told)
			}
		})
	}
}

// discarding sends traces to a collector that reads nothing.
func discarding(b *testing.B) *telemetry.Tracer {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	b.Cleanup(server.Close)
	tracer, err := telemetry.NewTracer(b.Context(), server.URL, "", func(error) {})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = tracer.Close() })
	return tracer
}
