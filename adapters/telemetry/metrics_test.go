package telemetry_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"taskhold/adapters/telemetry"
	"taskhold/ports"
)

func TestTheProgramAndItsBuildAreTold(t *testing.T) {
	scraped := scrape(t, telemetry.NewMetrics())
	for _, name := range []string{"go_build_info", "go_goroutines", "process_resident_memory_bytes", "process_open_fds"} {
		if !strings.Contains(scraped, "\n"+name) {
			t.Errorf("%s is not there", name)
		}
	}
}

func TestTokensAreCountedByOutcome(t *testing.T) {
	m := telemetry.NewMetrics()
	m.Token("accepted")
	m.Token("accepted")
	m.Token("key id")
	wantSamples(t, m, map[string]float64{
		`taskhold_token_verifications_total{outcome="accepted"}`: 2,
		`taskhold_token_verifications_total{outcome="key id"}`:   1,
	})
}

func TestAKeySetThatWasNeverFetchedIsTold(t *testing.T) {
	const last = "taskhold_key_set_last_success_timestamp_seconds"
	m := telemetry.NewMetrics()
	wantSamples(t, m, map[string]float64{last: -1}) // there is none to fetch
	m.ExpectKeySet()
	m.KeySet("timeout", false)
	m.IgnoredKey("private")
	wantSamples(t, m, map[string]float64{
		last: 0,
		`taskhold_key_set_fetches_total{outcome="timeout"}`:     1,
		`taskhold_key_set_ignored_keys_total{reason="private"}`: 1,
	})
	m.KeySet("fetched", true)
	if age := float64(time.Now().Unix()) - sample(t, scrape(t, m), last); age < -1 || age > 60 {
		t.Errorf("a set that was just fetched is %v s old", age)
	}
}

func TestALimiterThatCountsAloneIsTold(t *testing.T) {
	const shared = "taskhold_rate_limit_shared"
	m := telemetry.NewMetrics()
	wantSamples(t, m, map[string]float64{shared: -1}) // it is not asked for
	m.ExpectShared()
	wantSamples(t, m, map[string]float64{shared: 1})
	m.Shared(false)
	wantSamples(t, m, map[string]float64{shared: 0})
	m.Shared(true)
	wantSamples(t, m, map[string]float64{shared: 1})
}

// limited allows so many.
type limited struct{ left, returned int }

func (l *limited) Take(context.Context, ports.Bucket) ports.Verdict {
	l.left--
	return ports.Verdict{Allowed: l.left >= 0, Quota: 2, Remaining: l.left}
}

func (l *limited) Return(context.Context, ports.Bucket) { l.returned++ }

func TestWhatIsLimitedIsCountedByPolicy(t *testing.T) {
	m := telemetry.NewMetrics()
	inner := &limited{left: 2}
	l := telemetry.NewLimiter(inner, m)
	for i := range 3 {
		l.Take(t.Context(), ports.Bucket{Policy: ports.Writes, Key: fmt.Sprint("ann-", i)})
	}
	l.Return(t.Context(), ports.Bucket{Policy: ports.Writes, Key: "ann"})
	if inner.returned != 1 {
		t.Error("what is given back is lost")
	}
	wantSamples(t, m, map[string]float64{
		`taskhold_rate_limit_decisions_total{decision="allowed",policy="write"}`: 2,
		`taskhold_rate_limit_decisions_total{decision="refused",policy="write"}`: 1,
	})
}

func TestAVerdictIsHandedOn(t *testing.T) {
	v := telemetry.NewLimiter(&limited{left: 2}, telemetry.NewMetrics()).Take(t.Context(), ports.Bucket{})
	if v != (ports.Verdict{Allowed: true, Quota: 2, Remaining: 1}) {
		t.Errorf("got %+v", v)
	}
}

func TestPoolsAreReadWhenAskedFor(t *testing.T) {
	m := telemetry.NewMetrics()
	now := telemetry.Pool{Name: "postgres", Max: 8, Used: 3, Idle: 1, Waits: 2, Waited: 1500 * time.Millisecond, TimedOut: 1}
	m.WatchPools(func() []telemetry.Pool { return []telemetry.Pool{now} })
	series := func(name, more string) string {
		return name + `{db_client_connection_pool_name="postgres"` + more + "}"
	}
	wantSamples(t, m, map[string]float64{
		series("db_client_connection_count", `,db_client_connection_state="used"`): 3,
		series("db_client_connection_count", `,db_client_connection_state="idle"`): 1,
		series("db_client_connection_max", ""):                                     8,
		series("db_client_connection_wait_time_seconds_count", ""):                 2,
		series("db_client_connection_wait_time_seconds_sum", ""):                   1.5,
		series("db_client_connection_timeouts_total", ""):                          1,
	})
	now.Used = 8
	wantSamples(t, m, map[string]float64{series("db_client_connection_count", `,db_client_connection_state="used"`): 8})
}

// TestNamesFollowTheConventions holds our own names against the rules of
// Prometheus: the unit last, _total for what only grows.
func TestNamesFollowTheConventions(t *testing.T) {
	m := telemetry.NewMetrics()
	m.ExpectKeySet()
	m.ExpectShared()
	m.Token("accepted")
	tasks := newTasks(m, nil)
	_, _ = tasks.Create(t.Context(), ann, titled("x"))
	kinds := regexp.MustCompile(`(?m)^# TYPE ((?:taskhold|db|http)_\S+) (\S+)$`)
	found := kinds.FindAllStringSubmatch(scrape(t, m), -1)
	if len(found) < 8 {
		t.Fatalf("only %d metrics are ours: %v", len(found), found)
	}
	for _, metric := range found {
		name, kind := metric[1], metric[2]
		if counts := strings.HasSuffix(name, "_total"); counts != (kind == "counter") {
			t.Errorf("%s is a %s", name, kind)
		}
		if kind == "histogram" && !strings.HasSuffix(name, "_seconds") {
			t.Errorf("%s has no unit", name)
		}
	}
}
