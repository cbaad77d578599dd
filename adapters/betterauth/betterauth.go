// Package betterauth verifies the access tokens of a Better Auth server: those
// that it signs with its secret (HS256), and those that it signs with a key of
// its JSON Web Key Set. It asks the server for nothing but that set.
package betterauth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"taskhold/domain/identity"
	"taskhold/ports"
)

// Options say whose tokens to accept. Secrets or KeysURL is needed; both may be
// given.
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
	// Observe, if it is there, is told of events as they happen, by several
	// goroutines at once. It must return quickly.
	Observe func(Event)
	// Transport, if it is there, is what the key set is fetched through.
	Transport http.RoundTripper
}

// MinSecretLen is how few bytes a secret may have: as many as the hash (RFC
// 7518, section 3.2).
const MinSecretLen = 32

// Verifier is a [ports.TokenVerifier]. It is safe for concurrent use.
type Verifier struct {
	secrets [][]byte
	recent  recent        // tokens that a secret has signed
	ring    *keyring      // nil if there is no key set
	slow    chan struct{} // holds what verifies by a slow key
	rules   rules
	clock   ports.Clock
	observe func(Event)
}

// New refuses options with which no token could be accepted, or that of anyone
// who can guess a secret.
func New(o Options) (*Verifier, error) {
	if len(o.Secrets) == 0 && o.KeysURL == "" {
		return nil, errors.New("neither a secret nor the address of a key set is given")
	}
	v := &Verifier{
		slow:    make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)),
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
	if o.KeysURL != "" {
		if _, err := parseURL(o.KeysURL); err != nil {
			return nil, fmt.Errorf("the address of the key set %w", err)
		}
		v.ring = &keyring{url: o.KeysURL, client: newClient(o.Transport), observe: v.observe}
	}
	return v, nil
}

// Warnings are what the operator should be told once of the options.
func (v *Verifier) Warnings() []string {
	var warnings []string
	if v.ring != nil && len(v.rules.issuers) == 0 {
		warnings = append(warnings, "no issuers are configured: a token of any issuer is accepted if a key of the set signed it")
	}
	if v.ring != nil && len(v.rules.audiences) == 0 {
		warnings = append(warnings, "no audiences are configured: a token for any other service is accepted if a key of the set signed it")
	}
	return warnings
}

// Run keeps the key set fresh until ctx is done; there is no harm in the
// issuer's being down. Without Run, keys are only fetched when a token asks for
// one that is unknown.
func (v *Verifier) Run(ctx context.Context) {
	if v.ring == nil {
		<-ctx.Done()
		return
	}
	v.ring.run(ctx)
}

// Verify implements [ports.TokenVerifier]. If ctx is over before the verdict,
// it returns the context's error, which says nothing of the token.
func (v *Verifier) Verify(ctx context.Context, token string) (identity.UserID, error) {
	sum := sha256.Sum256([]byte(token))
	if user, ok := v.recall(sum, v.clock.Now()); ok {
		v.observe(Event{SubjectToken, outcomeCached})
		return user, nil
	}
	g, err := v.verify(ctx, token, sum)
	v.observe(Event{SubjectToken, tokenOutcome(err)})
	return g.user, err
}

// recall returns the user of a token that was verified before.
func (v *Verifier) recall(sum [sha256.Size]byte, now time.Time) (identity.UserID, bool) {
	if user, ok := v.recent.find(sum, now); ok {
		return user, true
	}
	return v.ring.recall(sum, now)
}

func (v *Verifier) verify(ctx context.Context, token string, sum [sha256.Size]byte) (grant, error) {
	t, err := parse(token)
	switch {
	case err != nil:
		return grant{}, err
	case t.method == jwt.SigningMethodHS256:
		g, err := v.bySecret(t)
		if err == nil {
			v.recent.add(sum, g, v.clock.Now())
		}
		return g, err
	case v.ring == nil:
		return grant{}, refuse(causeAlgorithm)
	case t.kid == "":
		return grant{}, refuse(causeKeyID)
	}
	set, key, err := v.ring.find(ctx, t.kid)
	if err != nil {
		return grant{}, err
	}
	g, err := v.byKey(ctx, t, key)
	if err == nil {
		set.recent.add(sum, g, v.clock.Now())
	}
	return g, err
}

func (v *Verifier) bySecret(t token) (grant, error) {
	signed := slices.ContainsFunc(v.secrets, func(secret []byte) bool {
		return t.method.Verify(t.text, t.signature, secret) == nil
	})
	if !signed {
		return grant{}, refuse(causeSignature)
	}
	return v.judge(t, true)
}

// byKey lets no more than a few slow keys work at once, so that a flood of
// signatures that are none leaves room for other requests.
func (v *Verifier) byKey(ctx context.Context, t token, k key) (grant, error) {
	if t.method != k.method {
		return grant{}, refuse(causeAlgorithm)
	}
	if k.slow {
		select {
		case v.slow <- struct{}{}:
			defer func() { <-v.slow }()
		case <-ctx.Done():
			return grant{}, fmt.Errorf("wait to verify a signature: %w", ctx.Err())
		}
	}
	if t.method.Verify(t.text, t.signature, k.public) != nil {
		return grant{}, refuse(causeSignature)
	}
	return v.judge(t, false)
}

func (v *Verifier) judge(t token, bySecret bool) (grant, error) {
	claims, err := t.claims()
	if err != nil {
		return grant{}, err
	}
	return v.rules.judge(claims, v.clock.Now(), bySecret)
}
