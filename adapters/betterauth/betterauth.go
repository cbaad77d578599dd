// Package betterauth verifies the access tokens of a Better Auth server: those
// that it signs with its secret (HS256), and those that it signs with a key of
// its JSON Web Key Set. It asks the server for nothing but that set.
package betterauth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"taskhold/domain/identity"
	"taskhold/ports"
)

// Options say whose tokens to accept. Secrets or KeysURL is needed, and both
// may be given.
type Options struct {
	// Secrets are what HS256 tokens may be signed with, the likeliest first.
	// Better Auth uses the text's own bytes, whatever encoding it looks like.
	Secrets []string
	// KeysURL is where the JSON Web Key Set is.
	KeysURL string
	// Issuers and Audiences are the iss and aud to accept, as they stand. None
	// means any.
	Issuers, Audiences []string
	// Clock tells when a token expires.
	Clock ports.Clock
	// Observe is told, if it is there, what becomes of each token and of each
	// fetch of the keys. It must return quickly.
	Observe func(Event)
}

// Event is something that happened, in words for metrics and logs: few, and
// none taken from a token or a secret.
type Event struct {
	Subject Subject
	Outcome string
}

// Subject is what an [Event] is about.
type Subject string

// A token is "accepted", "cached" (accepted, having been verified a moment
// ago), "expired", "keys" (there are none to judge it by), "context" (the
// caller gave up), or refused for the cause that Outcome names.
const SubjectToken Subject = "token"

// MinSecretLen is how few bytes a secret may have: the length of the hash (RFC
// 7518, section 3.2).
const MinSecretLen = 32

// Verifier is a [ports.TokenVerifier]. It is safe for concurrent use.
type Verifier struct {
	secrets [][]byte
	rules   rules
	clock   ports.Clock
	observe func(Event)
}

// New refuses options that could never accept a token, or would accept anyone's.
func New(o Options) (*Verifier, error) {
	if len(o.Secrets) == 0 && o.KeysURL == "" {
		return nil, errors.New("neither a secret nor the address of a key set is given")
	}
	v := &Verifier{
		rules:   rules{issuers: slices.Clone(o.Issuers), audiences: slices.Clone(o.Audiences)},
		clock:   o.Clock,
		observe: o.Observe,
	}
	if v.observe == nil {
		v.observe = func(Event) {}
	}
	for _, secret := range o.Secrets {
		if len(secret) < MinSecretLen {
			return nil, fmt.Errorf("a secret has fewer than %d bytes", MinSecretLen)
		}
		v.secrets = append(v.secrets, []byte(secret))
	}
	return v, nil
}

// Run keeps the key set fresh until ctx is done. Without it there are no keys
// but those that tokens ask for.
func (v *Verifier) Run(ctx context.Context) {
	<-ctx.Done()
}

// Verify implements [ports.TokenVerifier].
func (v *Verifier) Verify(ctx context.Context, token string) (identity.UserID, error) {
	user, err := v.verify(ctx, token, v.clock.Now())
	v.observe(Event{SubjectToken, outcome(err)})
	return user, err
}

func (v *Verifier) verify(_ context.Context, token string, now time.Time) (identity.UserID, error) {
	signed, err := parse(token)
	if err != nil {
		return identity.UserID{}, err
	}
	if signed.alg != hs256 {
		return identity.UserID{}, refuse(causeAlgorithm)
	}
	if !v.signedWithSecret(signed) {
		return identity.UserID{}, refuse(causeSignature)
	}
	claims, err := signed.claims()
	if err != nil {
		return identity.UserID{}, err
	}
	granted, err := v.rules.judge(claims, now, true)
	return granted.user, err
}

func (v *Verifier) signedWithSecret(t token) bool {
	return slices.ContainsFunc(v.secrets, func(secret []byte) bool {
		return algorithms[hs256].method.Verify(t.text, t.signature, secret) == nil
	})
}

// Warnings are what the operator should know of the options.
func (v *Verifier) Warnings() []string {
	return nil
}
