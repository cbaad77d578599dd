// Package proof holds what the checks of this module share: how long they
// look, where they leave what a person may want to open, and the program that
// they look at.
package proof

import (
	"os"
	"testing"
	"time"
)

// Time returns how long a check goes on: PROOF_TIME, such as 1h, or a short
// time if that is not set.
func Time(t testing.TB, short time.Duration) time.Duration {
	t.Helper()
	text := os.Getenv("PROOF_TIME")
	if text == "" {
		return short
	}
	long, err := time.ParseDuration(text)
	if err != nil || long <= 0 {
		t.Fatalf("PROOF_TIME=%s is no time such as 1h", text)
	}
	return long
}

// Dir returns the folder for what a person may want to open: PROOF_DIR, or one
// that ends with the test, unless it fails.
func Dir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("PROOF_DIR")
	if dir != "" {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	dir, err := os.MkdirTemp("", "taskhold-proof-") //nolint:usetesting // t.TempDir goes with a test that fails, too
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !t.Failed() {
			_ = os.RemoveAll(dir)
		}
	})
	return dir
}
