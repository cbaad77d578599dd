package betterauth_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"taskhold/adapters/betterauth"
	"taskhold/ports"
)

// wantVerified tells how many tokens were verified and how many recalled.
func (b *bubble) wantVerified(verified, recalled int) {
	b.Helper()
	v, r := b.noted(betterauth.SubjectToken, "accepted"), b.noted(betterauth.SubjectToken, "cached")
	if v != verified || r != recalled {
		b.Errorf("%d verified and %d recalled, want %d and %d", v, r, verified, recalled)
	}
}

func TestAVerifiedTokenIsRecalledForAMinute(t *testing.T) {
	inBubble(t, func(b *bubble) {
		k := edPair("k")
		b.issuer.publish(k)
		token := b.token(k)
		b.wantToken(token, nil)
		time.Sleep(time.Minute - 1)
		b.wantToken(token, nil)
		b.wantVerified(1, 1)
		time.Sleep(time.Nanosecond)
		b.wantToken(token, nil)
		b.wantVerified(2, 1)
	})
}

func TestATokenSignedWithTheSecretIsRecalledForAMinute(t *testing.T) {
	now := &clock{capturedAt}
	outcomes := map[string]int{}
	v := withSecret(t, func(o *betterauth.Options) {
		o.Clock, o.Observe = now, func(e betterauth.Event) { outcomes[e.Outcome]++ }
	})
	token := withTheSecret(t, `{"sub":"ann","exp":`+at(now.now, time.Hour)+`}`)
	for _, later := range []time.Duration{0, time.Minute - 1, 1} {
		now.now = now.now.Add(later)
		if user, err := v.Verify(t.Context(), token); err != nil || user.String() != "ann" {
			t.Fatalf("Verify = %q, %v", user, err)
		}
	}
	if outcomes["accepted"] != 2 || outcomes["cached"] != 1 {
		t.Errorf("the outcomes are %v, want 2 accepted and 1 cached", outcomes)
	}
	now.now = now.now.Add(time.Hour + time.Minute)
	if _, err := v.Verify(t.Context(), token); !errors.Is(err, ports.ErrTokenExpired) {
		t.Errorf("Verify past its end = %v, want that it expired", err)
	}
}

func TestNoTokenIsRecalledPastItsEnd(t *testing.T) {
	k := edPair("k")
	soon := func() string { return at(time.Now(), 20*time.Second) }
	for name, tc := range map[string]struct {
		claims func() string
		then   error // 20 seconds later
	}{
		"its exp has passed, but not the leeway": {func() string { return `{"sub":"ann","exp":` + soon() + `}` }, nil},
		"its exp has passed before its session ends": {func() string {
			end := time.Now().Add(time.Hour).Format(time.RFC3339)
			return fmt.Sprintf(`{%s,"exp":%s}`, session(`"ann"`, `"ann"`, fmt.Sprintf("%q", end)), soon())
		}, nil},
		"its session has ended": {func() string {
			end := time.Now().Add(20 * time.Second).Format(time.RFC3339)
			return fmt.Sprintf(`{%s,"exp":%s}`, session(`"ann"`, `"ann"`, fmt.Sprintf("%q", end)), at(time.Now(), time.Hour))
		}, ports.ErrTokenExpired},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(b *bubble) {
				b.issuer.publish(k)
				token := k.sign(b, tc.claims())
				b.wantToken(token, nil)
				time.Sleep(20*time.Second - 1)
				b.wantToken(token, nil)
				b.wantVerified(1, 1)
				time.Sleep(time.Nanosecond)
				b.wantToken(token, tc.then)
				b.wantToken(token, tc.then)
				if recalled := b.noted(betterauth.SubjectToken, "cached"); recalled != 1 {
					b.Errorf("recalled %d times, want never once past its end", recalled)
				}
				time.Sleep(30 * time.Second)
				b.wantToken(token, ports.ErrTokenExpired)
			})
		})
	}
}

func TestAChangeOfKeysForgetsTokens(t *testing.T) {
	inBubble(t, func(b *bubble) {
		k := edPair("k")
		b.issuer.publish(k)
		b.run()
		time.Sleep(5*time.Minute - time.Second)
		token := b.token(k)
		b.wantToken(token, nil)
		time.Sleep(time.Second)
		synctest.Wait() // the same set again
		b.wantToken(token, nil)
		b.wantVerified(1, 1)
		time.Sleep(5*time.Minute - time.Second)
		token = b.token(k)
		b.wantToken(token, nil)
		b.issuer.publish(k, edPair("another"))
		time.Sleep(time.Second)
		synctest.Wait()
		b.wantToken(token, nil)
		b.wantVerified(3, 1)
	})
}

func TestAnotherKeyUnderTheSameIDForgetsTokens(t *testing.T) {
	inBubble(t, func(b *bubble) {
		mine, stolen := edPair("k"), edPair("k")
		b.issuer.publish(stolen)
		b.run()
		time.Sleep(5*time.Minute - time.Second)
		token := b.token(stolen)
		b.wantToken(token, nil)
		b.issuer.publish(mine)
		time.Sleep(time.Second)
		synctest.Wait()
		b.wantToken(token, ports.ErrTokenInvalid)
		b.want(mine, nil)
	})
}
