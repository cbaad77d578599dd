package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const invalidToken = `Bearer realm="todo", error="invalid_token", error_description="The access token is invalid"`

// TestRefused sends what a Better Auth hands out beside access tokens, what
// another one signs, and what somebody has altered.
func TestRefused(t *testing.T) {
	t.Parallel()
	// Numbers as ids give the two the same key id, "1", and the users the same ids.
	ours, theirs := startIssuer(t, "ALG=cookie-jwks", "ID_KIND=serial"), startIssuer(t, "ALG=cookie-jwt", "ID_KIND=serial")
	alice, mallory := ours.signUp(t, "alice"), theirs.signUp(t, "mallory")
	good := alice.jwt(t)
	// No issuers and no audiences are named, so that only the signature tells the two apart.
	server := serveWithKeys(t, good, "BETTER_AUTH_SECRET="+ours.secret, "BETTER_AUTH_URL="+ours.url)
	for _, what := range []struct{ name, token string }{
		{"a session token", alice.session},
		{"a signed session token", alice.signedSession},
		{"a signed session token as the cookie has it", url.QueryEscape(alice.signedSession)},
		{"a session cookie signed with a key of the set", alice.sessionJWT(t)},
		{"the token of a verification mail", alice.mailed(t)},
		{"another Better Auth's token", mallory.jwt(t)},
		{"another Better Auth's session cookie", mallory.sessionJWT(t)},
		{"another Better Auth's token of a verification mail", mallory.mailed(t)},
		{"a token for another user", altered(t, good, payload, map[string]any{"sub": "2", "id": "2"})},
		{"a token that is to last longer", altered(t, good, payload, map[string]any{"exp": 4102444800})},
		{"a token of another algorithm", altered(t, good, header, map[string]any{"alg": "HS256"})},
		{"a token without a signature", unsigned(altered(t, good, header, map[string]any{"alg": "none"}))},
		{"a token with another's signature", unsigned(good) + signature(mallory.jwt(t))},
	} {
		t.Run(what.name, func(t *testing.T) {
			r := server.as(what.token).want(t, http.StatusUnauthorized, "POST", "/v1/tasks", `{"title": "Not to be kept"}`)
			if got := r.header.Get("WWW-Authenticate"); got != invalidToken {
				t.Errorf("WWW-Authenticate is %q, want %q", got, invalidToken)
			}
			if got := decode[struct{ Code string }](t, r).Code; got != "UNAUTHENTICATED" {
				t.Errorf("the code is %q, want UNAUTHENTICATED", got)
			}
		})
	}
	if kept := server.as(good).list(t); len(kept) != 0 {
		t.Errorf("the refused requests have made %+v", kept)
	}
}

// TestRefusedOnceExpired has a Better Auth sign tokens that are a minute old.
func TestRefusedOnceExpired(t *testing.T) {
	t.Parallel()
	issuer := startIssuer(t, "JWT_TTL=-1m")
	token := issuer.signUp(t, "alice").jwt(t)
	server := serveWithKeys(t, token, issuer.byKeys()...)
	r := server.as(token).want(t, http.StatusUnauthorized, "GET", "/v1/tasks", "")
	want := strings.Replace(invalidToken, "token is invalid", "token expired", 1)
	if got := r.header.Get("WWW-Authenticate"); got != want {
		t.Errorf("WWW-Authenticate is %q, want %q", got, want)
	}
}

// TestRefusedElsewhere has programs for other issuers and audiences than the
// one that signs.
func TestRefusedElsewhere(t *testing.T) {
	t.Parallel()
	issuer := startIssuer(t)
	token := issuer.signUp(t, "alice").jwt(t)
	for _, setting := range []string{"BETTER_AUTH_ISSUERS=https://auth.example.com", "BETTER_AUTH_AUDIENCES=https://api.example.com"} {
		t.Run(setting, func(t *testing.T) {
			server := serveWithKeys(t, token, append(issuer.byKeys(), setting)...)
			server.as(token).want(t, http.StatusUnauthorized, "GET", "/v1/tasks", "")
		})
	}
}
