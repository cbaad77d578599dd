package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"taskhold/adapters/telemetry"
)

const (
	callersTrace = "0af7651916cd43dd8448eb211c80319c"
	callersSpan  = "b7ad6b7169203331"
	traceparent  = "00-" + callersTrace + "-" + callersSpan + "-01"
)

func TestRequestLine(t *testing.T) {
	for name, tc := range map[string]struct {
		traceparent string
		request     telemetry.Request
		want        map[string]any
		absent      []string
	}{
		"a good request": {
			"",
			telemetry.Request{Method: "GET", Route: "/v1/tasks/:id", Status: 200, Duration: 1500 * time.Microsecond, ID: "r-1", User: ann},
			map[string]any{"level": "info", "method": "GET", "route": "/v1/tasks/:id", "status": 200.0, "duration_ms": 1.5, "request_id": "r-1"},
			[]string{"cause", "trace_id"},
		},
		"a failure tells its cause": {
			"",
			telemetry.Request{Method: "GET", Route: "/v1/tasks", Status: 500, ID: "r-2", Cause: errors.New("disk on fire")},
			map[string]any{"level": "error", "cause": "disk on fire"},
			[]string{"user"},
		},
		"a part of a trace tells which": {
			traceparent,
			telemetry.Request{Method: "GET", Status: 200},
			map[string]any{"trace_id": callersTrace},
			nil,
		},
		"what is no trace is not told": {
			"00-ann-b7ad6b7169203331-01",
			telemetry.Request{Method: "GET", Status: 200},
			nil,
			[]string{"trace_id"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			line := written(t, "info", tc.traceparent, tc.request)
			var got map[string]any
			if err := json.Unmarshal([]byte(line), &got); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			for member, want := range tc.want {
				if got[member] != want {
					t.Errorf("%s = %v, want %v", member, got[member], want)
				}
			}
			for _, member := range tc.absent {
				if _, there := got[member]; there {
					t.Errorf("%s is there: %s", member, line)
				}
			}
			if strings.Contains(line, "ann") {
				t.Errorf("the line names the user: %s", line)
			}
		})
	}
}

func TestLevelSilencesRequests(t *testing.T) {
	if line := written(t, "error", "", telemetry.Request{Status: 200}); line != "" {
		t.Errorf("written below the level: %s", line)
	}
}

func TestRefusalsAreCountedAndRarelyWritten(t *testing.T) {
	var out bytes.Buffer
	m := telemetry.NewMetrics()
	requests := telemetry.NewRequests(logger(t, &out, "info", "json"), []byte("key"), m, nil)
	for range 1000 {
		_, done := requests.Begin(t.Context(), "", "")
		done(telemetry.Request{Method: "GET", Status: 503, Refused: true})
	}
	if lines := strings.Count(out.String(), "\n"); lines < 10 || lines > 100 {
		t.Errorf("1000 refusals make %d lines", lines)
	}
	for _, series := range []string{
		"taskhold_overload_refusals_total 1000\n",
		`http_server_request_duration_seconds_count{http_request_method="GET",http_response_status_code="503",http_route=""} 1000`,
	} {
		if !strings.Contains(scrape(t, m), series) {
			t.Errorf("there is no %s", series)
		}
	}
}

func TestPseudonymDependsOnUserAndKey(t *testing.T) {
	keyed := func(key string) *telemetry.Requests {
		return telemetry.NewRequests(zap.NewNop(), []byte(key), nil, nil)
	}
	one, other := keyed("one"), keyed("other")
	if one.Pseudonym(ann) != keyed("one").Pseudonym(ann) {
		t.Error("one user has two pseudonyms")
	}
	if one.Pseudonym(ann) == one.Pseudonym(bob) || one.Pseudonym(ann) == other.Pseudonym(ann) {
		t.Error("two users, or two keys, share a pseudonym")
	}
}

func TestRequestsAreMeasuredByTemplate(t *testing.T) {
	m := telemetry.NewMetrics()
	answer(t, m, telemetry.Request{Method: "GET", Route: "/v1/tasks/:id", Status: 200, Duration: 30 * time.Millisecond, User: ann})
	answer(t, m, telemetry.Request{Method: "GET", Route: "/v1/tasks/:id", Status: 200, Duration: 3 * time.Second, User: bob})
	answer(t, m, telemetry.Request{Method: "GET", Route: "/v1/tasks/:id", Status: 404, User: ann})
	const found = `http_request_method="GET",http_response_status_code="200",http_route="/v1/tasks/:id"`
	wantSamples(t, m, map[string]float64{
		`http_server_request_duration_seconds_count{` + found + `}`:                                                                        2,
		`http_server_request_duration_seconds_sum{` + found + `}`:                                                                          3.03,
		`http_server_request_duration_seconds_bucket{` + found + `,le="0.025"}`:                                                            0,
		`http_server_request_duration_seconds_bucket{` + found + `,le="0.05"}`:                                                             1,
		`http_server_request_duration_seconds_count{http_request_method="GET",http_response_status_code="404",http_route="/v1/tasks/:id"}`: 1,
	})
}

func TestRunningRequestsAreCounted(t *testing.T) {
	m := telemetry.NewMetrics()
	requests := telemetry.NewRequests(logger(t, new(bytes.Buffer), "info", "json"), nil, m, nil)
	_, first := requests.Begin(t.Context(), "", "")
	_, second := requests.Begin(t.Context(), "", "")
	wantSamples(t, m, map[string]float64{"http_server_active_requests": 2})
	first(telemetry.Request{})
	second(telemetry.Request{})
	wantSamples(t, m, map[string]float64{"http_server_active_requests": 0})
}

// TestClientsCannotMakeSeries sends what no two requests have in common.
func TestClientsCannotMakeSeries(t *testing.T) {
	m := telemetry.NewMetrics()
	for i := range 1000 {
		answer(t, m, telemetry.Request{
			Method: fmt.Sprint("BREW", i), Status: 405, ID: fmt.Sprint("request-", i),
			User: parseUser(fmt.Sprint("user-", i)), Cause: fmt.Errorf("cause %d", i),
		})
	}
	scraped := scrape(t, m)
	if got := strings.Count(scraped, "http_server_request_duration_seconds_count"); got != 1 {
		t.Errorf("1000 methods make %d series", got)
	}
	const series = `http_server_request_duration_seconds_count{http_request_method="_OTHER",http_response_status_code="405",http_route=""}`
	if got := sample(t, scraped, series); got != 1000 {
		t.Errorf("%s = %v", series, got)
	}
}

func TestTheContextOfARequestIsKept(t *testing.T) {
	type key struct{}
	requests := telemetry.NewRequests(zap.NewNop(), nil, telemetry.NewMetrics(), nil)
	ctx, _ := requests.Begin(context.WithValue(t.Context(), key{}, "kept"), traceparent, "")
	if ctx.Value(key{}) != "kept" {
		t.Error("the request has lost its context")
	}
}

func answer(t testing.TB, m *telemetry.Metrics, r telemetry.Request) {
	t.Helper()
	_, done := telemetry.NewRequests(logger(t, new(bytes.Buffer), "error", "json"), nil, m, nil).Begin(t.Context(), "", "")
	done(r)
}

func written(t *testing.T, level, traceparent string, r telemetry.Request) string {
	t.Helper()
	var out bytes.Buffer
	log := logger(t, &out, level, "json")
	requests := telemetry.NewRequests(log, []byte("key"), telemetry.NewMetrics(), nil)
	_, done := requests.Begin(t.Context(), traceparent, "")
	done(r)
	synced(t, log)
	return out.String()
}
