package authtest_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"taskhold/domain/identity"
	"taskhold/ports"
	"taskhold/ports/authtest"
)

// verifier keeps the contract with tokens of its own: hex(user).end.mac.
type verifier struct{ key []byte }

func (v verifier) mac(text string) string {
	h := hmac.New(sha256.New, v.key)
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

func (v verifier) mint(user string, life time.Duration) string {
	text := hex.EncodeToString([]byte(user)) + "." + strconv.FormatInt(time.Now().Add(life).Unix(), 10)
	return text + "." + v.mac(text)
}

func (v verifier) Verify(_ context.Context, token string) (identity.UserID, error) {
	if v.key == nil {
		return identity.UserID{}, ports.ErrKeysUnavailable
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 || !hmac.Equal([]byte(v.mac(parts[0]+"."+parts[1])), []byte(parts[2])) {
		return identity.UserID{}, fmt.Errorf("%w: signature", ports.ErrTokenInvalid)
	}
	raw, _ := hex.DecodeString(parts[0])
	user, err := identity.ParseUserID(string(raw))
	if err != nil {
		return identity.UserID{}, fmt.Errorf("%w: user", ports.ErrTokenInvalid)
	}
	end, _ := strconv.ParseInt(parts[1], 10, 64)
	if time.Now().Unix() >= end {
		return identity.UserID{}, ports.ErrTokenExpired
	}
	return user, nil
}

// changed is a verifier with one thing done otherwise.
type changed struct {
	verifier
	verify func(v verifier, ctx context.Context, token string) (identity.UserID, error)
}

func (c changed) Verify(ctx context.Context, token string) (identity.UserID, error) {
	return c.verify(c.verifier, ctx, token)
}

func harness(v verify) authtest.Harness {
	good := verifier{[]byte("key")}
	return authtest.Harness{
		Verifier: changed{good, v},
		Mint:     good.mint,
		Keyless:  changed{verifier{}, v},
	}
}

func TestAVerifierThatKeepsTheContractPasses(t *testing.T) {
	authtest.Run(t, func(testing.TB) authtest.Harness { return harness(verifier.Verify) })
}

// broken has, for each rule, a verifier that breaks it.
var broken = map[string]func() verify{
	"a good token names its user byte for byte":        foldsCase,
	"a good token is good again":                       remembersTheStart,
	"an id that is none names nobody":                  mendsIDs,
	"a token past its end is said to have expired":     expiredIsInvalid,
	"a token that was changed is invalid":              ignoresSpace,
	"a token that is no token is invalid":              emptyIsAnn,
	"a token both changed and past its end is invalid": looksAtTheEndFirst,
	"many callers get each their own user":             keepsOneUser,
	"a context that is over condemns no good token":    refusesWhenCancelled,
	"without any key nothing is condemned":             keylessRefuses,
	"no error tells the token or its user":             quotesTheToken,
}

func TestEveryRuleObjectsToAVerifierThatBreaksIt(t *testing.T) {
	for _, rule := range authtest.Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			breaks, shown := broken[rule.Name]
			if !shown {
				t.Fatal("no broken verifier is shown to this rule")
			}
			if err := rule.Check(t.Context(), harness(breaks())); err == nil {
				t.Error("the rule does not object")
			}
		})
	}
	if len(broken) != len(authtest.Rules()) {
		t.Errorf("%d broken verifiers for %d rules", len(broken), len(authtest.Rules()))
	}
}

type verify = func(verifier, context.Context, string) (identity.UserID, error)

func foldsCase() verify {
	return func(v verifier, ctx context.Context, token string) (identity.UserID, error) {
		user, err := v.Verify(ctx, token)
		if err != nil {
			return user, err
		}
		return identity.ParseUserID(strings.ToLower(user.String()))
	}
}

func remembersTheStart() verify {
	known := map[string]identity.UserID{}
	return func(v verifier, ctx context.Context, token string) (identity.UserID, error) {
		start := token[:min(len(token), 8)]
		if user, ok := known[start]; ok {
			return user, nil
		}
		user, err := v.Verify(ctx, token)
		if err == nil {
			known[start] = user
		}
		return user, err
	}
}

func mendsIDs() verify {
	return func(v verifier, ctx context.Context, token string) (identity.UserID, error) {
		user, err := v.Verify(ctx, token)
		if err == nil || errors.Is(err, ports.ErrTokenExpired) {
			return user, err
		}
		return identity.ParseUserID("somebody")
	}
}

func expiredIsInvalid() verify {
	return func(v verifier, ctx context.Context, token string) (identity.UserID, error) {
		user, err := v.Verify(ctx, token)
		if errors.Is(err, ports.ErrTokenExpired) {
			err = ports.ErrTokenInvalid
		}
		return user, err
	}
}

func ignoresSpace() verify {
	return func(v verifier, ctx context.Context, token string) (identity.UserID, error) {
		return v.Verify(ctx, strings.TrimSpace(token))
	}
}

func emptyIsAnn() verify {
	return func(v verifier, ctx context.Context, token string) (identity.UserID, error) {
		if token == "" {
			return identity.ParseUserID("ann")
		}
		return v.Verify(ctx, token)
	}
}

func looksAtTheEndFirst() verify {
	return func(v verifier, ctx context.Context, token string) (identity.UserID, error) {
		if parts := strings.Split(token, "."); len(parts) == 3 {
			if end, err := strconv.ParseInt(parts[1], 10, 64); err == nil && end < time.Now().Unix() {
				return identity.UserID{}, ports.ErrTokenExpired
			}
		}
		return v.Verify(ctx, token)
	}
}

func keepsOneUser() verify {
	var mu sync.Mutex
	var last identity.UserID
	return func(v verifier, ctx context.Context, token string) (identity.UserID, error) {
		user, err := v.Verify(ctx, token)
		mu.Lock()
		last = user
		mu.Unlock()
		time.Sleep(time.Microsecond)
		mu.Lock()
		defer mu.Unlock()
		return last, err
	}
}

func refusesWhenCancelled() verify {
	return func(v verifier, ctx context.Context, token string) (identity.UserID, error) {
		if ctx.Err() != nil {
			return identity.UserID{}, ports.ErrTokenInvalid
		}
		return v.Verify(ctx, token)
	}
}

func keylessRefuses() verify {
	return func(v verifier, ctx context.Context, token string) (identity.UserID, error) {
		user, err := v.Verify(ctx, token)
		if errors.Is(err, ports.ErrKeysUnavailable) {
			err = ports.ErrTokenInvalid
		}
		return user, err
	}
}

func quotesTheToken() verify {
	return func(v verifier, ctx context.Context, token string) (identity.UserID, error) {
		user, err := v.Verify(ctx, token)
		if err != nil {
			err = fmt.Errorf("verify %s: %w", token, err)
		}
		return user, err
	}
}
