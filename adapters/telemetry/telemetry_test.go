package telemetry_test

import (
	"bytes"
	"io"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/zap"

	"taskhold/adapters/telemetry"
	"taskhold/domain/identity"
)

var (
	ann = parseUser("ann@example.test")
	bob = parseUser("bob@example.test")
)

func parseUser(text string) identity.UserID {
	user, err := identity.ParseUserID(text)
	if err != nil {
		panic(err)
	}
	return user
}

func TestUnknownLevelIsRefused(t *testing.T) {
	if _, err := telemetry.NewLogger(&bytes.Buffer{}, "loud", "json"); err == nil {
		t.Error("a level nobody knows is accepted")
	}
}

func TestTextIsForPeople(t *testing.T) {
	var out bytes.Buffer
	log := logger(t, &out, "info", "text")
	log.Info("listening")
	synced(t, log)
	if line := out.String(); strings.HasPrefix(line, "{") || !strings.Contains(line, "INFO\tlistening") {
		t.Errorf("line = %q", line)
	}
}

func logger(t testing.TB, out io.Writer, level, format string) *zap.Logger {
	t.Helper()
	log, err := telemetry.NewLogger(out, level, format)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// synced makes the log write what it was told.
func synced(t testing.TB, log *zap.Logger) {
	t.Helper()
	if err := log.Sync(); err != nil {
		t.Fatal(err)
	}
}

// scrape returns what Prometheus would read.
func scrape(t testing.TB, m *telemetry.Metrics) string {
	t.Helper()
	reply := httptest.NewRecorder()
	m.Handler().ServeHTTP(reply, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	if reply.Code != 200 {
		t.Fatalf("GET /metrics = %d %s", reply.Code, reply.Body)
	}
	return reply.Body.String()
}

// sample returns the value of a series in a scrape, named as it stands there;
// -1 if there is none.
func sample(t testing.TB, scraped, series string) float64 {
	t.Helper()
	for line := range strings.Lines(scraped) {
		text, ok := strings.CutPrefix(line, series+" ")
		if !ok {
			continue
		}
		value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	return -1
}

// wantSamples compares series of a scrape.
func wantSamples(t *testing.T, m *telemetry.Metrics, want map[string]float64) {
	t.Helper()
	scraped := scrape(t, m)
	for series, value := range want {
		if got := sample(t, scraped, series); got != value {
			t.Errorf("%s = %v, want %v", series, got, value)
		}
	}
}
