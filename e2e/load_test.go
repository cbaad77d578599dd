package e2e

import (
	"testing"
	"time"

	"taskhold/adapters/betterauth"
	"taskhold/domain/identity"
	"taskhold/test/load"
)

// unlimited are settings that let a test ask more than a person would, on a busy
// machine, and more of them.
func unlimited(secret string, more ...string) []string {
	return append([]string{"RATE_LIMIT_READ=off", "RATE_LIMIT_WRITE=off", "RATE_LIMIT_DENIED=off", "OVERLOAD_WAIT=10s", "BETTER_AUTH_SECRET=" + secret}, more...)
}

// tokensBy makes tokens as Better Auth does with a secret.
func tokensBy(t *testing.T, secret string) func(name string) string {
	return func(name string) string {
		id, err := identity.ParseUserID(name)
		if err != nil {
			t.Fatal(err)
		}
		token, err := betterauth.Mint(secret, id, time.Now(), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
}

// begin lets eight clients of four users work.
func begin(t *testing.T, url, secret string, retry bool) *load.Load {
	t.Helper()
	l, err := load.Start(t.Context(), load.Settings{
		URL: url, Token: tokensBy(t, secret), Users: 4, Pause: 10 * time.Millisecond, Timeout: 15 * time.Second, Retry: retry,
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// end ends the load, and wants everything answered, kept, and done once.
func end(t *testing.T, l *load.Load) load.Report {
	t.Helper()
	report, err := l.Stop(t.Context())
	t.Log(report)
	if wrong := report.Wrong(); err != nil || wrong != "" || report.Unknown > 0 {
		t.Errorf("%d writes were never answered; %s; %v", report.Unknown, wrong, err)
	}
	return report
}
