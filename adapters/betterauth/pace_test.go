package betterauth_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"taskhold/ports"
)

func TestAnIssuerThatIsDownIsAskedLessAndLess(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.run()
		time.Sleep(36 * time.Second)
		var waits []time.Duration
		asked := b.issuer.asked()
		for i, at := range asked[1:] {
			waits = append(waits, at.Sub(asked[i])/time.Second)
		}
		if want := []time.Duration{1, 2, 4, 8, 10, 10}; !slices.Equal(waits, want) {
			b.Errorf("it was asked again after so many seconds: %d, want %d", waits, want)
		}
	})
}

func TestTenSecondsAfterAFetchAnUnknownKeyMayCauseAnother(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.issuer.publish(edPair("k"))
		b.want(edPair("unknown"), ports.ErrTokenInvalid)
		time.Sleep(10*time.Second - 1)
		b.want(edPair("unknown"), ports.ErrTokenInvalid)
		b.wantFetches(1)
		time.Sleep(time.Nanosecond)
		b.want(edPair("unknown"), ports.ErrTokenInvalid)
		b.wantFetches(2)
	})
}

func TestATokenDoesNotRepeatAFetchThatHasFailed(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.issuer.takes(2 * time.Second)
		b.run()
		b.wantNoKeysAfter(2 * time.Second) // of the fetch that was under way
	})
}

func TestARefreshJoinsTheFetchOfAToken(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.issuer.publish(edPair("k"))
		b.run()
		b.issuer.takes(2 * time.Second)
		time.Sleep(5*time.Minute - time.Second)
		b.want(edPair("unknown"), ports.ErrTokenInvalid) // a second into the refresh
		b.wantFetches(2)
	})
}

func TestRunWithoutAKeySetWaitsForItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := false
		go func() { withSecret(t, nil).Run(ctx); ended = true }()
		synctest.Wait()
		if ended {
			t.Error("Run ended before its context")
		}
		cancel()
		synctest.Wait()
		if !ended {
			t.Error("Run goes on")
		}
	})
}
