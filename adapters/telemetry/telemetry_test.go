package telemetry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"taskhold/adapters/telemetry"
	"taskhold/domain/identity"
)

func TestRequestLine(t *testing.T) {
	ann, _ := identity.ParseUserID("ann@example.test")
	for name, tc := range map[string]struct {
		request telemetry.Request
		want    map[string]any
		absent  []string
	}{
		"a good request": {
			telemetry.Request{Method: "GET", Route: "/v1/tasks/:id", Status: 200, Duration: 1500 * time.Microsecond, ID: "r-1", User: ann},
			map[string]any{"level": "info", "method": "GET", "route": "/v1/tasks/:id", "status": 200.0, "duration_ms": 1.5, "request_id": "r-1"},
			[]string{"cause"},
		},
		"a failure tells its cause": {
			telemetry.Request{Method: "GET", Route: "/v1/tasks", Status: 500, ID: "r-2", Cause: errors.New("disk on fire")},
			map[string]any{"level": "error", "cause": "disk on fire"},
			[]string{"user"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			line := written(t, "info", tc.request)
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
	if line := written(t, "error", telemetry.Request{Status: 200}); line != "" {
		t.Errorf("written below the level: %s", line)
	}
}

func TestPseudonymDependsOnUserAndKey(t *testing.T) {
	ann, _ := identity.ParseUserID("ann")
	bob, _ := identity.ParseUserID("bob")
	one, other := telemetry.NewRequests(nil, []byte("one")), telemetry.NewRequests(nil, []byte("other"))
	if one.Pseudonym(ann) != one.Pseudonym(ann) {
		t.Error("one user has two pseudonyms")
	}
	if one.Pseudonym(ann) == one.Pseudonym(bob) || one.Pseudonym(ann) == other.Pseudonym(ann) {
		t.Error("two users, or two keys, share a pseudonym")
	}
}

func TestUnknownLevelIsRefused(t *testing.T) {
	if _, err := telemetry.NewLogger(&bytes.Buffer{}, "loud", "json"); err == nil {
		t.Error("a level nobody knows is accepted")
	}
}

func TestTextIsForPeople(t *testing.T) {
	var out bytes.Buffer
	log, err := telemetry.NewLogger(&out, "info", "text")
	if err != nil {
		t.Fatal(err)
	}
	log.Info("listening")
	if line := out.String(); strings.HasPrefix(line, "{") || !strings.Contains(line, "INFO\tlistening") {
		t.Errorf("line = %q", line)
	}
}

func written(t *testing.T, level string, r telemetry.Request) string {
	t.Helper()
	var out bytes.Buffer
	log, err := telemetry.NewLogger(&out, level, "json")
	if err != nil {
		t.Fatal(err)
	}
	telemetry.NewRequests(log, []byte("key")).Log(r)
	return out.String()
}
