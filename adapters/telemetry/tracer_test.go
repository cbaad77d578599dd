package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/zap"

	"taskhold/adapters/memory"
	"taskhold/adapters/telemetry"
	"taskhold/domain/task"
	"taskhold/ports"
)

// span is one that a collector has got, as OTLP writes it in JSON.
type span struct {
	TraceID      string
	SpanID       string
	ParentSpanID string
	Name         string
	Kind         int
	Attributes   []struct {
		Key   string
		Value struct {
			StringValue string
			IntValue    json.RawMessage
		}
	}
	Status struct{ Code int }
}

func (s span) attribute(key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return a.Value.StringValue + strings.Trim(string(a.Value.IntValue), `"`)
		}
	}
	return ""
}

// collector takes spans over HTTP.
type collector struct {
	*httptest.Server
	mu    sync.Mutex
	text  bytes.Buffer
	spans []span
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")
	c := new(collector)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /otel/v1/traces", c.take)
	c.Server = httptest.NewServer(mux)
	t.Cleanup(c.Server.Close)
	return c
}

func (c *collector) take(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var sent struct {
		ResourceSpans []struct {
			ScopeSpans []struct{ Spans []span }
		}
	}
	if err := json.NewDecoder(io.TeeReader(r.Body, &c.text)).Decode(&sent); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for _, resource := range sent.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			for _, s := range scope.Spans {
				s.TraceID, s.SpanID, s.ParentSpanID = strings.ToLower(s.TraceID), strings.ToLower(s.SpanID), strings.ToLower(s.ParentSpanID)
				c.spans = append(c.spans, s)
			}
		}
	}
}

func (c *collector) tracer(t testing.TB) *telemetry.Tracer {
	t.Helper()
	tracer, err := telemetry.NewTracer(t.Context(), c.URL+"/otel/", "v1.2.3", func(err error) { t.Errorf("traces are lost: %v", err) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tracer.Close() })
	return tracer
}

// all closes the tracer and returns what it has sent, by the names of spans.
func (c *collector) all(t *testing.T, tracer *telemetry.Tracer) map[string]span {
	t.Helper()
	if err := tracer.Close(); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	byName := map[string]span{}
	for _, s := range c.spans {
		byName[s.Name] = s
	}
	return byName
}

// The kinds and the status of OTLP.
const (
	internal, server, client = 1, 2, 3
	failed                   = 2
)

func TestSpansAreLinkedFromTheCallerToTheStore(t *testing.T) {
	c := newCollector(t)
	tracer, m := c.tracer(t), telemetry.NewMetrics()
	requests := telemetry.NewRequests(logger(t, io.Discard, "info", "json"), nil, m, tracer)
	ctx, done := requests.Begin(t.Context(), traceparent, "")
	if _, err := newTasks(m, tracer).Create(ctx, ann, titled("ann's secret")); err != nil {
		t.Fatal(err)
	}
	done(telemetry.Request{Method: "POST", Route: "/v1/tasks", Status: 201, User: ann, ID: "request-of-ann"})
	spans := c.all(t, tracer)
	parent := callersSpan
	for _, want := range []struct {
		name       string
		kind       int
		attributes map[string]string
	}{
		{"POST /v1/tasks", server, map[string]string{"http.request.method": "POST", "http.route": "/v1/tasks", "http.response.status_code": "201"}},
		{"create_task", internal, map[string]string{"taskhold.outcome": "ok"}},
		{"insert", client, map[string]string{"db.system.name": "memory", "db.operation.name": "insert"}},
	} {
		got, ok := spans[want.name]
		if !ok || got.TraceID != callersTrace || got.ParentSpanID != parent || got.Kind != want.kind || got.Status.Code != 0 {
			t.Errorf("%s: got %+v, want it within %s of %s", want.name, got, parent, callersTrace)
		}
		for key, value := range want.attributes {
			if got.attribute(key) != value {
				t.Errorf("%s: %s = %q, want %q", want.name, key, got.attribute(key), value)
			}
		}
		parent = got.SpanID
	}
	if text := c.text.String(); strings.Contains(text, "ann") || strings.Contains(text, "secret") || !strings.Contains(text, "v1.2.3") {
		t.Errorf("sent: %s", text)
	}
}

func TestAUnitOfWorkHoldsItsParts(t *testing.T) {
	c := newCollector(t)
	tracer := c.tracer(t)
	_, _, err := newTasks(telemetry.NewMetrics(), tracer).Once(t.Context(), ann, ports.Key{Text: "ann's key"}, create)
	if err != nil {
		t.Fatal(err)
	}
	spans := c.all(t, tracer)
	for name, parent := range map[string]string{
		"unit_of_work": "once", "claim": "unit_of_work", "create_task": "unit_of_work", "insert": "create_task", "keep": "unit_of_work",
	} {
		if got, want := spans[name].ParentSpanID, spans[parent].SpanID; got == "" || got != want {
			t.Errorf("%s is within %q, want %q of %s", name, got, want, parent)
		}
	}
	if strings.Contains(c.text.String(), "ann") {
		t.Errorf("sent: %s", c.text.String())
	}
}

func TestFailuresAreNamedAndNotQuoted(t *testing.T) {
	c := newCollector(t)
	tracer, m := c.tracer(t), telemetry.NewMetrics()
	requests := telemetry.NewRequests(logger(t, io.Discard, "info", "json"), nil, m, tracer)
	_, done := requests.Begin(t.Context(), "", "")
	done(telemetry.Request{Method: "GET", Route: "/v1/tasks", Status: 503, Cause: errors.New("ann's secret")})
	_ = telemetry.NewStore(&trouble{err: errors.New("ann's secret")}, "memory", m, tracer).Ping(t.Context())
	_, _ = newTasks(m, tracer).Get(t.Context(), ann, task.ID{})
	func() {
		defer func() { _ = recover() }()
		panicking := telemetry.NewStore(new(memory.Store), "memory", m, tracer)
		_ = panicking.Atomically(t.Context(), ann, func(context.Context, ports.Unit) error { panic("ann's secret") })
	}()
	spans := c.all(t, tracer)
	for name, failure := range map[string]string{"GET /v1/tasks": "503", "ping": "_OTHER", "unit_of_work": "panic", "get_task": "", "find": ""} {
		got, ok := spans[name]
		if want := failure != ""; !ok || (got.Status.Code == failed) != want || got.attribute("error.type") != failure {
			t.Errorf("%s: got %+v, want the failure %q", name, got, failure)
		}
	}
	if got := spans["get_task"].attribute("taskhold.outcome"); got != "not found" {
		t.Errorf("a task that is not there: %q", got)
	}
	if text := c.text.String(); strings.Contains(text, "secret") {
		t.Errorf("sent: %s", text)
	}
}

func TestRequestsToOthersCarryTheTrace(t *testing.T) {
	var got string
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("traceparent")
		w.WriteHeader(http.StatusTeapot)
	}))
	defer other.Close()
	c := newCollector(t)
	tracer := c.tracer(t)
	request, err := http.NewRequestWithContext(t.Context(), "GET", other.URL+"/jwks?secret=1", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := tracer.Transport(http.DefaultTransport).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	reply.Body.Close()
	sent := c.all(t, tracer)["GET"]
	if want := "00-" + sent.TraceID + "-" + sent.SpanID + "-01"; got != want || sent.TraceID == "" {
		t.Errorf("traceparent = %q, want %q", got, want)
	}
	if sent.Kind != client || sent.attribute("error.type") != "418" || sent.attribute("http.response.status_code") != "418" || sent.attribute("server.address") != "127.0.0.1" {
		t.Errorf("got %+v", sent)
	}
	if request.Header.Get("traceparent") != "" || strings.Contains(c.text.String(), "secret") {
		t.Error("the request was changed, or its query sent to the collector")
	}
}

func TestARequestThatFailsIsTraced(t *testing.T) {
	c := newCollector(t)
	tracer := c.tracer(t)
	request, err := http.NewRequestWithContext(t.Context(), "GET", "http://127.0.0.1:1/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if reply, err := tracer.Transport(http.DefaultTransport).RoundTrip(request); err == nil {
		reply.Body.Close()
		t.Fatal("somebody listens at port 1")
	}
	if sent := c.all(t, tracer)["GET"]; sent.attribute("error.type") != "_OTHER" || sent.Status.Code != failed {
		t.Errorf("got %+v", sent)
	}
}

func TestWithoutATracerNothingIsInTheWay(t *testing.T) {
	var none *telemetry.Tracer
	if got := none.Transport(http.DefaultTransport); got != http.DefaultTransport {
		t.Errorf("requests to others go through %T", got)
	}
	if err := none.Close(); err != nil {
		t.Error(err)
	}
	ctx, _ := telemetry.NewRequests(zap.NewNop(), nil, telemetry.NewMetrics(), none).Begin(t.Context(), "", "")
	if ctx != t.Context() {
		t.Error("a request without a trace has another context")
	}
}

func TestACollectorThatIsGoneIsTold(t *testing.T) {
	c := newCollector(t)
	c.Close()
	var told []error
	tracer, err := telemetry.NewTracer(t.Context(), strings.Replace(c.URL, "://", "://user:hunter2@", 1), "", func(err error) { told = append(told, err) })
	if err != nil {
		t.Fatal(err)
	}
	_ = telemetry.NewStore(new(memory.Store), "memory", telemetry.NewMetrics(), tracer).Ping(t.Context())
	_ = tracer.Close()
	if len(told) == 0 || slices.ContainsFunc(told, func(err error) bool { return strings.Contains(err.Error(), "hunter2") }) {
		t.Errorf("told %v, want a failure without the password", told)
	}
}

func TestAVariableThatCannotBeReadIsToldWithoutItsValue(t *testing.T) {
	for variable, text := range map[string]string{
		"OTEL_EXPORTER_OTLP_HEADERS": "Bearer hunter2",
		"OTEL_TRACES_SAMPLER":        "hunter2",
		"OTEL_RESOURCE_ATTRIBUTES":   "hunter2",
	} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv(variable, text)
			var told []error
			tracer, err := telemetry.NewTracer(t.Context(), newCollector(t).URL, "", func(err error) { told = append(told, err) })
			_ = tracer.Close()
			if err = errors.Join(append(told, err)...); err == nil || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("told %v, want a fault without the value", err)
			}
		})
	}
}

func TestAnAddressThatIsNoneIsRefused(t *testing.T) {
	if _, err := telemetry.NewTracer(t.Context(), "http://[", "", nil); err == nil {
		t.Error("it is accepted")
	}
}
