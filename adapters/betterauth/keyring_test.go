package betterauth_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"taskhold/adapters/betterauth"
	"taskhold/ports"
)

func TestKeysAreFetchedAtStart(t *testing.T) {
	inBubble(t, func(b *bubble) {
		k := edPair("k")
		b.issuer.publish(k)
		b.run()
		b.wantFetches(1)
		b.want(k, nil)
		b.wantFetches(1)
		if b.noted(betterauth.SubjectKeySet, "fetched") != 1 {
			b.Errorf("that is not noted: %v", b.events)
		}
	})
}

func TestATokenAloneFetchesTheKeys(t *testing.T) {
	inBubble(t, func(b *bubble) {
		k := edPair("k")
		b.issuer.publish(k)
		b.want(k, nil)
		b.wantFetches(1)
	})
}

func TestATokenWaitsForTheFirstFetch(t *testing.T) {
	inBubble(t, func(b *bubble) {
		k := edPair("k")
		b.issuer.publish(k)
		b.issuer.takes(2 * time.Second)
		b.run()
		b.want(k, nil)
		b.wantFetches(1)
	})
}

func TestAnIssuerThatIsDownAtStart(t *testing.T) {
	for _, downFor := range []time.Duration{time.Second, 20 * time.Second, time.Hour} {
		t.Run(downFor.String(), func(t *testing.T) {
			inBubble(t, func(b *bubble) {
				k := edPair("k")
				b.run()
				b.want(k, ports.ErrKeysUnavailable)
				b.want(k, ports.ErrKeysUnavailable)
				time.Sleep(downFor)
				b.issuer.publish(k)
				time.Sleep(15 * time.Second)
				before := b.issuer.count()
				b.want(k, nil)
				b.wantFetches(before) // found without traffic
			})
		})
	}
}

func TestASecondOutageIsRetriedAsSoonAsTheFirst(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.run()
		time.Sleep(time.Minute) // by now there are ten seconds between attempts
		b.issuer.publish(edPair("k"))
		time.Sleep(10 * time.Second)
		b.issuer.goDown()
		good := b.issuer.count()
		for b.issuer.count() == good {
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(1500 * time.Millisecond) // after the retry of a second later, before that of two more
		b.wantFetches(good + 2)
	})
}

func TestNoKeyWasEverPublished(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.issuer.publish()
		b.run()
		b.want(edPair("k"), ports.ErrKeysUnavailable)
		if b.noted(betterauth.SubjectKeySet, "no key") == 0 {
			b.Errorf("the cause is not noted: %v", b.events)
		}
	})
}

func TestTheLastGoodKeysStayWhileTheIssuerErrs(t *testing.T) {
	large := `{"keys":[` + strings.Repeat(" ", 10<<20) + `]}`
	k := edPair("k")
	for name, tc := range map[string]struct {
		outcome string
		err     func(*issuer)
	}{
		"it is down":                     {"unreachable", (*issuer).goDown},
		"it answers 500":                 {"status", func(i *issuer) { i.set(500, keySet()) }},
		"it answers 404":                 {"status", func(i *issuer) { i.set(404, keySet()) }},
		"it answers 204":                 {"status", func(i *issuer) { i.set(204, "") }},
		"it redirects":                   {"redirect", func(i *issuer) { i.set(302, "") }},
		"it redirects with a key set":    {"redirect", func(i *issuer) { i.set(307, keySet()) }},
		"it answers in HTML":             {"form", func(i *issuer) { i.set(200, "<!doctype html>") }},
		"it answers null":                {"form", func(i *issuer) { i.set(200, "null") }},
		"it answers without keys":        {"form", func(i *issuer) { i.set(200, `{"Keys":[]}`) }},
		"it answers with a single key":   {"form", func(i *issuer) { i.set(200, `{"keys":{}}`) }},
		"it answers with keys twice":     {"form", func(i *issuer) { i.set(200, `{"keys":[],"keys":[]}`) }},
		"it answers with half a set":     {"form", func(i *issuer) { i.set(200, keySet(k)[:40]) }},
		"it answers with ten megabytes":  {"size", func(i *issuer) { i.set(200, large) }},
		"it takes longer than 3 seconds": {"timeout", func(i *issuer) { i.takes(3*time.Second + 1) }},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(b *bubble) {
				b.issuer.publish(k)
				b.run()
				tc.err(b.issuer)
				time.Sleep(time.Hour)
				b.want(k, nil)
				if b.noted(betterauth.SubjectKeySet, tc.outcome) == 0 {
					b.Errorf("%q is not noted: %v", tc.outcome, b.events)
				}
			})
		})
	}
}

func TestAnEndlessKeySetIsNotReadToItsEnd(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.issuer.set(http.StatusOK, strings.Repeat(" ", 10<<20))
		b.want(edPair("k"), ports.ErrKeysUnavailable)
		if b.issuer.read > 513<<10 {
			b.Errorf("%d bytes were read", b.issuer.read)
		}
	})
}

func TestATokenWithoutAKeysIDCausesNoFetch(t *testing.T) {
	inBubble(t, func(b *bubble) {
		k := edPair("k")
		b.issuer.publish(k)
		b.wantToken(forge(b, k.method, k.private, `{"alg":"EdDSA"}`, body), ports.ErrTokenInvalid)
		b.wantToken(forge(b, k.method, k.private, `{"alg":"EdDSA","kid":["k"]}`, body), ports.ErrTokenInvalid)
		b.wantToken(forge(b, k.method, k.private, `{"alg":"HS512","kid":"k"}`, body), ports.ErrTokenInvalid)
		b.wantFetches(0)
	})
}

func TestAFetchThatTakesThreeSecondsAtMostIsWaitedFor(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.issuer.takes(time.Hour)
		b.wantNoKeysAfter(3 * time.Second)
	})
}

func TestARotatedKey(t *testing.T) {
	inBubble(t, func(b *bubble) {
		old, young := edPair("old"), edPair("young")
		b.issuer.publish(old)
		b.run()
		b.issuer.publish(old, young)
		b.want(young, nil)
		b.want(old, nil)
		b.wantFetches(2)
	})
}

func TestARemovedKeyIsRefusedOnceThatIsKnown(t *testing.T) {
	inBubble(t, func(b *bubble) {
		old, young := edPair("old"), edPair("young")
		b.issuer.publish(old, young)
		b.run()
		token := b.token(old)
		b.wantToken(token, nil)
		b.issuer.publish(young)
		time.Sleep(5*time.Minute - time.Second)
		token = b.token(old)
		b.wantToken(token, nil) // not known yet, and now remembered
		time.Sleep(time.Second)
		synctest.Wait()
		b.wantToken(token, ports.ErrTokenInvalid)
		b.want(young, nil)
	})
}

func TestTheLastKeyIsRemoved(t *testing.T) {
	inBubble(t, func(b *bubble) {
		k := edPair("k")
		b.issuer.publish(k)
		b.run()
		b.issuer.publish()
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		b.want(k, ports.ErrTokenInvalid)
	})
}

func TestUnknownKeysCauseOneFetchInTenSeconds(t *testing.T) {
	inBubble(t, func(b *bubble) {
		k := edPair("k")
		b.issuer.publish(k)
		b.run()
		for i := range 100 { // over 20 seconds
			b.want(edPair(fmt.Sprint("unknown-", i)), ports.ErrTokenInvalid)
			time.Sleep(200 * time.Millisecond)
		}
		b.wantFetches(1 + 2)
		b.want(k, nil)
	})
}

func TestTokensOfAnUnknownKeyShareAFetch(t *testing.T) {
	inBubble(t, func(b *bubble) {
		old, young := edPair("old"), edPair("young")
		b.issuer.publish(old)
		b.run()
		b.issuer.publish(old, young)
		b.issuer.takes(time.Second)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() { b.want(young, nil) })
			all.Go(func() { b.want(edPair("unknown"), ports.ErrTokenInvalid) })
		}
		all.Wait()
		b.wantFetches(2)
	})
}

// A fetch that is under way when a key is made may miss it.
func TestAKeyMadeDuringAFetchIsFound(t *testing.T) {
	inBubble(t, func(b *bubble) {
		old, young := edPair("old"), edPair("young")
		b.issuer.publish(old)
		b.issuer.takes(time.Second)
		b.run()
		b.issuer.publish(old, young)
		b.want(young, nil)
		b.wantFetches(2)
	})
}

func TestACallerNeedNotWaitForAFetch(t *testing.T) {
	inBubble(t, func(b *bubble) {
		k := edPair("k")
		b.issuer.publish(k)
		b.issuer.takes(2 * time.Second)
		ctx, cancel := context.WithTimeout(b.Context(), time.Second)
		defer cancel()
		_, err := b.verifier.Verify(ctx, b.token(k))
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ports.ErrTokenInvalid) {
			b.Errorf("got %v, want that the deadline has passed", err)
		}
		if b.noted(betterauth.SubjectToken, "context") != 1 {
			b.Errorf("that is not noted: %v", b.events)
		}
		b.want(k, nil) // the fetch went on
		b.wantFetches(1)
	})
}

func TestRunEndsAtOnce(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.issuer.takes(time.Hour)
		ctx, cancel := context.WithCancel(b.Context())
		ended := make(chan struct{})
		go func() { b.verifier.Run(ctx); close(ended) }()
		synctest.Wait()
		start := time.Now()
		cancel()
		<-ended
		if took := time.Since(start); took != 0 {
			b.Errorf("Run went on for %v", took)
		}
	})
}

func TestKeysThatMustNotVerifyAreIgnoredAndNoted(t *testing.T) {
	inBubble(t, func(b *bubble) {
		good, leaked := edPair("good"), edPair("leaked").with(map[string]any{"d": "AAAA"})
		b.issuer.publish(good, leaked)
		b.run()
		b.want(good, nil)
		b.want(leaked, ports.ErrTokenInvalid)
		time.Sleep(time.Hour)
		if got := b.noted(betterauth.SubjectKey, "private"); got != 1 {
			b.Errorf("a key is noted %d times as private, want once for a set", got)
		}
	})
}

func TestErrorsOfTheIssuerTellOperatorsWhy(t *testing.T) {
	inBubble(t, func(b *bubble) {
		_, err := b.verifier.Verify(b.Context(), b.token(edPair("k")))
		if !errors.Is(err, ports.ErrKeysUnavailable) || !bytes.Contains([]byte(err.Error()), []byte("unreachable: connection refused")) {
			b.Errorf("got %v, want the cause beside it", err)
		}
		if b.noted(betterauth.SubjectToken, "no key") != 1 {
			b.Errorf("it is not noted that there is no key: %v", b.events)
		}
	})
}
