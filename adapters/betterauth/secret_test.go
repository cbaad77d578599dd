package betterauth_test

import (
	"errors"
	"testing"

	"taskhold/adapters/betterauth"
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
