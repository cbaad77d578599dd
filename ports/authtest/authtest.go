// Package authtest is the contract of [ports.TokenVerifier], as code. Every
// adapter runs it; a rule that is not here is not part of the contract.
//
// A rule returns an error instead of failing a test, so that this package's own
// test can show it broken verifiers and see it object.
package authtest

import (
	"context"
	"testing"
	"time"

	"taskhold/ports"
)

// Harness is what the rules need of an adapter.
type Harness struct {
	// Verifier is the one to judge.
	Verifier ports.TokenVerifier
	// Mint returns a token that the verifier's issuer could have made for user,
	// to end after life: an hour to come, or, if life is negative, past.
	Mint func(user string, life time.Duration) string
	// Keyless is a verifier that has never had a key by which to judge what Mint
	// returns. It is nil where a verifier cannot be without one.
	Keyless ports.TokenVerifier
}

// A Rule is one promise of the contract.
type Rule struct {
	Name  string
	Check func(ctx context.Context, h Harness) error
}

// Rules returns the whole contract.
func Rules() []Rule {
	return []Rule{
		{"a good token names its user byte for byte", goodNames},
		{"a good token is good again", goodStaysGood},
		{"an id that is none names nobody", idsAreParsed},
		{"a token past its end is said to have expired", expiredIsSaid},
		{"a token that was changed is invalid", changedIsInvalid},
		{"a token that is no token is invalid", nonsenseIsInvalid},
		{"a token both changed and past its end is invalid", changedIsNotExpired},
		{"many callers get each their own user", callersAreApart},
		{"a context that is over condemns no good token", contextCondemnsNothing},
		{"without any key nothing is condemned", keylessIsSaid},
		{"no error tells the token or its user", errorsTellNothing},
	}
}

// Run checks every rule against a fresh harness from open.
func Run(t *testing.T, open func(testing.TB) Harness) {
	t.Helper()
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			if err := rule.Check(t.Context(), open(t)); err != nil {
				t.Error(err)
			}
		})
	}
}
