package bootstrap_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// scrape returns what Prometheus would read of a server.
func scrape(t *testing.T, server *program) string {
	t.Helper()
	status, body := call(t, "GET", "http://"+server.await(t, adminListening)+"/metrics", "")
	if status != http.StatusOK {
		t.Fatalf("GET /metrics = %d %s", status, body)
	}
	return body
}

// sample returns the value of a series, -1 if there is none.
func sample(t *testing.T, scraped, series string) float64 {
	t.Helper()
	for line := range strings.Lines(scraped) {
		if text, ok := strings.CutPrefix(line, series+" "); ok {
			value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			if err != nil {
				t.Fatal(err)
			}
			return value
		}
	}
	return -1
}

// send is call with headers of one's own.
func send(t *testing.T, method, url, body string, headers ...string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+tokenOf(t, "ann"))
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

const sentinel = "sentinel-of-ann"

// use makes one request of each kind that metrics tell apart.
func use(t *testing.T, base string) {
	t.Helper()
	tasks := base + "/v1/tasks"
	title := `{"title": "` + sentinel + `", "description": "` + sentinel + `", "tags": ["` + sentinel + `"]}`
	for _, r := range []struct {
		method, url, body string
		headers           []string
		want              int
	}{
		{"POST", tasks, title, nil, 201},
		{"POST", tasks, title, []string{"Idempotency-Key", sentinel}, 201},
		{"POST", tasks, title, []string{"Idempotency-Key", sentinel}, 201},
		{"POST", tasks, `{"title": "another"}`, []string{"Idempotency-Key", sentinel}, 422},
		{"POST", tasks, title, nil, 422}, // the quota
		{"GET", tasks + "?q=" + sentinel, "", nil, 200},
		{"GET", tasks + "/" + sentinel, "", nil, 404},
		{"GET", base + "/" + sentinel, "", nil, 404},
		{"GET", tasks, "", []string{"Authorization", "Bearer " + sentinel}, 401},
		{"GET", tasks, "", []string{"Authorization", ""}, 401},
		{"BREW", tasks, "", nil, 405},
		{"GET", base + "/readyz", "", nil, 200},
	} {
		if got := send(t, r.method, r.url, r.body, append(r.headers, "X-Request-Id", sentinel)...); got != r.want {
			t.Errorf("%s %s = %d, want %d", r.method, r.url, got, r.want)
		}
	}
}

func TestMetricsTellOfRealRequests(t *testing.T) {
	for engine, url := range stores(t) {
		t.Run(engine, func(t *testing.T) {
			server := start(t, append(environOf(url), "ADMIN_ADDR=127.0.0.1:0", "TASKS_PER_USER=2"), "serve")
			use(t, server.base)
			scraped := scrape(t, server)
			system := strings.ToLower(engine)
			calls := func(op string) string {
				return `db_client_operation_duration_seconds_count{db_operation_name="` + op + `",db_system_name="` + system + `",error_type=""}`
			}
			answers := func(method, status, route string) string {
				return `http_server_request_duration_seconds_count{http_request_method="` + method + `",http_response_status_code="` + status + `",http_route="` + route + `"}`
			}
			for series, want := range map[string]float64{
				answers("POST", "201", "/v1/tasks"):    3,
				answers("POST", "422", "/v1/tasks"):    2,
				answers("GET", "200", "/v1/tasks"):     1,
				answers("GET", "401", "/v1/tasks"):     2,
				answers("GET", "404", "/v1/tasks/:id"): 1,
				answers("GET", "404", ""):              1,
				answers("GET", "200", "/readyz"):       1,
				"http_server_active_requests":          0,

				calls("insert"):       3,
				calls("list"):         1,
				calls("claim"):        3,
				calls("keep"):         1,
				calls("unit_of_work"): 3,
				calls("ping"):         0, // the last call was just before
				calls("key"):          3,

				`taskhold_operations_total{operation="create_task",outcome="ok"}`:         2,
				`taskhold_operations_total{operation="create_task",outcome="exhausted"}`:  1,
				`taskhold_operations_total{operation="get_task",outcome="not found"}`:     1,
				`taskhold_keyed_requests_total{outcome="new"}`:                            1,
				`taskhold_keyed_requests_total{outcome="replayed"}`:                       1,
				`taskhold_keyed_requests_total{outcome="reused"}`:                         1,
				`taskhold_token_verifications_total{outcome="form"}`:                      1,
				`taskhold_rate_limit_decisions_total{decision="allowed",policy="write"}`:  5,
				`taskhold_rate_limit_decisions_total{decision="allowed",policy="denied"}`: 1,
				"taskhold_replays_purged_total":                                           0,
				"taskhold_key_set_last_success_timestamp_seconds":                         -1,
				"taskhold_rate_limit_shared":                                              -1,
			} {
				if got := sample(t, scraped, series); got != want {
					t.Errorf("%s = %v, want %v", series, got, want)
				}
			}
			for _, name := range []string{
				"db_client_connection_count{", "db_client_connection_max{", "db_client_connection_wait_time_seconds_count{",
				"go_goroutines ", "process_resident_memory_bytes ", "go_build_info{", "taskhold_replay_purge_last_success_timestamp_seconds ",
			} {
				if !strings.Contains(scraped, "\n"+name) {
					t.Errorf("%s is not there", name)
				}
			}
			for _, secret := range []string{sentinel, "ann", "BREW", tokenOf(t, "ann"), secret} {
				if strings.Contains(scraped, secret) {
					t.Errorf("the metrics tell %q", secret)
				}
			}
		})
	}
}

// collector takes spans as OTLP writes them in JSON.
type collector struct {
	*httptest.Server
	mu    sync.Mutex
	text  string
	spans map[string]sentSpan // by name
}

type sentSpan struct{ TraceID, SpanID, ParentSpanID, Name string }

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{spans: map[string]sentSpan{}}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c.take(body)
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *collector) take(body []byte) {
	var sent struct {
		ResourceSpans []struct{ ScopeSpans []struct{ Spans []sentSpan } }
	}
	_ = json.Unmarshal(body, &sent) // what is no JSON holds no span, and is missed
	c.mu.Lock()
	defer c.mu.Unlock()
	c.text += string(body)
	for _, resource := range sent.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			for _, span := range scope.Spans {
				c.spans[span.Name] = span
			}
		}
	}
}

func (c *collector) environ() []string {
	return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.URL, "OTEL_EXPORTER_OTLP_PROTOCOL=http/json"}
}

// stop ends a server in order, which sends what it has left to send.
func stop(t *testing.T, server *program) {
	t.Helper()
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		t.Errorf("it ended with %v:\n%s", err, server.output)
	}
}

func TestATraceGoesFromTheCallerToTheStore(t *testing.T) {
	for engine, url := range stores(t) {
		t.Run(engine, func(t *testing.T) {
			const trace, caller = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
			c := newCollector(t)
			server := start(t, append(environOf(url), c.environ()...), "serve")
			status := send(t, "POST", server.base+"/v1/tasks", `{"title": "`+sentinel+`"}`,
				"traceparent", "00-"+trace+"-"+caller+"-01", "Idempotency-Key", sentinel, "X-Request-Id", sentinel)
			if status != http.StatusCreated {
				t.Fatalf("POST = %d", status)
			}
			stop(t, server)
			c.mu.Lock()
			defer c.mu.Unlock()
			parent := caller
			for _, name := range []string{"POST /v1/tasks", "once", "unit_of_work", "create_task", "insert"} {
				span := c.spans[name]
				if !strings.EqualFold(span.TraceID, trace) || !strings.EqualFold(span.ParentSpanID, parent) {
					t.Errorf("%s: got %+v, want it within %s of %s", name, span, parent, trace)
				}
				parent = span.SpanID
			}
			if !strings.Contains(server.output.String(), `"trace_id":"`+trace+`"`) {
				t.Errorf("no line names the trace:\n%s", server.output)
			}
			for _, secret := range []string{sentinel, "ann", secret} {
				if strings.Contains(c.text, secret) {
					t.Errorf("the spans tell %q", secret)
				}
			}
		})
	}
}

func TestACollectorThatIsGoneStopsNothing(t *testing.T) {
	server := start(t, append(environOf("sqlite:"+filepath.Join(t.TempDir(), "tasks.db")), "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1"), "serve")
	if status, body := call(t, "GET", server.base+"/v1/tasks", ""); status != http.StatusOK {
		t.Errorf("GET = %d %s", status, body)
	}
	began := time.Now()
	stop(t, server)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s to stop", took)
	}
}

// keySetServer is a Better Auth whose key set holds one key.
func keySetServer(t *testing.T, up bool, seen func(*http.Request)) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen(r)
		if !up {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_, _ = io.WriteString(w, `{"keys": [
			{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "good", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
			{"kty": "oct", "alg": "HS256", "kid": "bad", "k": "c2VjcmV0"}]}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestTheKeySetIsWatched(t *testing.T) {
	c := newCollector(t)
	traceparents := make(chan string, 10)
	issuer := keySetServer(t, true, func(r *http.Request) { traceparents <- r.Header.Get("traceparent") })
	environ := append(environOf("sqlite:"+filepath.Join(t.TempDir(), "tasks.db")), "BETTER_AUTH_URL="+issuer, "ADMIN_ADDR=127.0.0.1:0")
	server := start(t, append(environ, c.environ()...), "serve")
	const last = "taskhold_key_set_last_success_timestamp_seconds"
	eventually(t, func() bool { return sample(t, scrape(t, server), last) > float64(time.Now().Unix()-60) })
	scraped := scrape(t, server)
	for _, series := range []string{
		`taskhold_key_set_fetches_total{outcome="fetched"}`, `taskhold_key_set_ignored_keys_total{reason="private"}`,
	} {
		if got := sample(t, scraped, series); got != 1 {
			t.Errorf("%s = %v, want 1", series, got)
		}
	}
	if sent := <-traceparents; !strings.HasPrefix(sent, "00-") {
		t.Errorf("the issuer was sent the traceparent %q", sent)
	}
	if !strings.Contains(server.output.String(), "is not used") {
		t.Errorf("nobody is told of a key that is not used:\n%s", server.output)
	}
}

func TestAKeySetThatIsGoneIsTold(t *testing.T) {
	issuer := keySetServer(t, false, func(*http.Request) {})
	environ := append(environOf("sqlite:"+filepath.Join(t.TempDir(), "tasks.db")), "BETTER_AUTH_URL="+issuer, "ADMIN_ADDR=127.0.0.1:0")
	server := start(t, environ, "serve")
	eventually(t, func() bool {
		return sample(t, scrape(t, server), `taskhold_key_set_fetches_total{outcome="status"}`) >= 2
	})
	if got := sample(t, scrape(t, server), "taskhold_key_set_last_success_timestamp_seconds"); got != 0 {
		t.Errorf("a set that was never fetched was fetched at %v", got)
	}
	if got := strings.Count(server.output.String(), "could not be fetched"); got != 1 {
		t.Errorf("two failures like each other make %d lines:\n%s", got, server.output)
	}
}

func TestARedisThatIsGoneIsTold(t *testing.T) {
	environ := append(environOf("sqlite:"+filepath.Join(t.TempDir(), "tasks.db")), "REDIS_URL=redis://127.0.0.1:1", "ADMIN_ADDR=127.0.0.1:0")
	server := start(t, environ, "serve")
	if got := sample(t, scrape(t, server), "taskhold_rate_limit_shared"); got != 1 {
		t.Errorf("before anybody has asked Redis: %v, want 1", got)
	}
	if status, body := call(t, "GET", server.base+"/v1/tasks", ""); status != http.StatusOK {
		t.Errorf("GET = %d %s", status, body)
	}
	if got := sample(t, scrape(t, server), "taskhold_rate_limit_shared"); got != 0 {
		t.Errorf("without Redis: %v, want 0", got)
	}
}

func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatal("it does not come about")
}
