package betterauth_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"
)

// secret signed the captured HS256 tokens. It protects nothing else.
const secret = "test-only-secret-0123456789abcdefghijklmnopqrstuv"

// A captured token is one that a real Better Auth server issued.
type captured struct {
	Name, User, Token string
	Keys              json.RawMessage // the key set beside it; null for HS256
}

// capturedAt is within the life of every captured token.
var capturedAt = time.Date(2026, 11, 22, 21, 34, 0, 0, time.UTC)

func readCaptured(t testing.TB) map[string]captured {
	t.Helper()
	raw, err := os.ReadFile("testdata/captured.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []captured
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	byName := map[string]captured{}
	for _, c := range list {
		byName[c.Name] = c
	}
	return byName
}

// clock stands still until a test moves it.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }
