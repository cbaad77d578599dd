package betterauth_test

import (
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"taskhold/adapters/betterauth"
	"taskhold/domain/identity"
	"taskhold/ports"
)

func withSecret(t testing.TB, change func(*betterauth.Options)) *betterauth.Verifier {
	t.Helper()
	o := betterauth.Options{Secrets: []string{secret}, Clock: &clock{capturedAt}}
	if change != nil {
		change(&o)
	}
	v, err := betterauth.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestCapturedTokensSignedWithTheSecret(t *testing.T) {
	for name, tc := range map[string]struct {
		token string
		want  error
	}{
		"a token of the jwt plugin names its user":       {"1.7.25 jwt HS256", nil},
		"a session cookie of 1.7 names its user":         {"1.7.25 session cookie HS256", nil},
		"a session cookie of 1.4 names its user":         {"1.4.22 session cookie HS256", nil},
		"the link of a verification mail is no token":    {"1.7.25 verification mail", ports.ErrTokenInvalid},
		"a session token with its signature is no token": {"1.7.25 session token", ports.ErrTokenInvalid},
		"an encrypted session cookie is no token":        {"1.7.25 session cookie JWE", ports.ErrTokenInvalid},
		"a key signs nothing where there are no keys":    {"1.7.25 jwt EdDSA", ports.ErrTokenInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			c := readCaptured(t)[tc.token]
			user, err := withSecret(t, nil).Verify(t.Context(), c.Token)
			if !errors.Is(err, tc.want) || tc.want == nil && (err != nil || user.String() != c.User) {
				t.Errorf("Verify(%s) = %q, %v; want %v", tc.token, user, err, tc.want)
			}
		})
	}
}

func TestEverySecretOfARotationIsTried(t *testing.T) {
	const young = "another-test-only-secret-0123456789abcdef"
	v := withSecret(t, func(o *betterauth.Options) { o.Secrets = []string{young, secret} })
	for name, tc := range map[string]struct {
		secret string
		ok     bool
	}{
		"the first":                 {young, true},
		"the second":                {secret, true},
		"one that is gone":          {"yet-another-test-only-secret-0123456789ab", false},
		"both, as they are listed":  {young + "," + secret, false},
		"the second without a byte": {secret[1:], false},
	} {
		t.Run(name, func(t *testing.T) {
			token := forge(t, jwt.SigningMethodHS256, []byte(tc.secret), `{"alg":"HS256"}`, body)
			if user, err := v.Verify(t.Context(), token); (err == nil) != tc.ok {
				t.Errorf("got %q, %v; want ok %v", user, err, tc.ok)
			}
		})
	}
}

func TestASecretIsItsOwnBytesWhateverItLooksLike(t *testing.T) {
	const encoded = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	v := withSecret(t, func(o *betterauth.Options) { o.Secrets = []string{encoded} })
	if _, err := v.Verify(t.Context(), forge(t, jwt.SigningMethodHS256, []byte(encoded), `{"alg":"HS256"}`, body)); err != nil {
		t.Errorf("signed with the text: %v", err)
	}
	if _, err := v.Verify(t.Context(), forge(t, jwt.SigningMethodHS256, decoded, `{"alg":"HS256"}`, body)); err == nil {
		t.Error("signed with what the text decodes to: accepted")
	}
}

func TestAMintedTokenNamesItsUserUntilItsEnd(t *testing.T) {
	ann, _ := identity.ParseUserID("ann")
	token, err := betterauth.Mint(secret, ann, capturedAt, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if user, err := withSecret(t, nil).Verify(t.Context(), token); err != nil || user != ann {
		t.Errorf("got %q, %v; want ann", user, err)
	}
	later := withSecret(t, func(o *betterauth.Options) { o.Clock = &clock{capturedAt.Add(2 * time.Hour)} })
	if user, err := later.Verify(t.Context(), token); !errors.Is(err, ports.ErrTokenExpired) {
		t.Errorf("two hours later: got %q, %v; want it expired", user, err)
	}
}
