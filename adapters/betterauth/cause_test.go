package betterauth_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"taskhold/adapters/betterauth"
	"taskhold/ports"
)

// signedAsItIs signs segments that need not be base64url.
func signedAsItIs(t testing.TB, header, payload string) string {
	t.Helper()
	text := header + "." + payload
	signature, err := jwt.SigningMethodHS256.Sign(text, []byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + b64(string(signature))
}

func TestARefusalIsNotedForItsCause(t *testing.T) {
	k := edPair("k")
	events := map[betterauth.Event]int{}
	v, err := betterauth.New(betterauth.Options{
		Secrets: []string{secret}, KeysURL: serve(t, keySet(k)), Clock: &clock{capturedAt},
		Issuers: []string{"https://us"}, Audiences: []string{"us"}, Observe: func(e betterauth.Event) { events[e]++ },
	})
	if err != nil {
		t.Fatal(err)
	}
	const sub, us = `"sub":"ann"`, `"iss":"https://us","aud":"us"`
	good := withTheSecret(t, claims(sub, us))
	for name, tc := range map[string]struct{ token, outcome string }{
		"nothing is wrong":               {good, "accepted"},
		"too long":                       {strings.Repeat("x", 20<<10), "size"},
		"a header that is too long":      {strings.Repeat("x", 2<<10) + "." + good, "size"},
		"one part":                       {"x", "form"},
		"two parts":                      {good[:strings.LastIndex(good, ".")], "form"},
		"a header that is no base64url":  {signedAsItIs(t, "!", b64(claims(sub, us))), "form"},
		"a header that is no object":     {signedAsItIs(t, b64(`[]`), b64(claims(sub, us))), "form"},
		"claims that are no base64url":   {signedAsItIs(t, b64(`{"alg":"HS256"}`), "!"), "form"},
		"claims that are no object":      {withTheSecret(t, `[]`), "form"},
		"a signature of other letters":   {good + "!", "form"},
		"a header that wants what is no": {forge(t, jwt.SigningMethodHS256, []byte(secret), `{"alg":"HS256","crit":["x"]}`, claims(sub, us)), "header"},
		"another type of token":          {forge(t, jwt.SigningMethodHS256, []byte(secret), `{"alg":"HS256","typ":"x"}`, claims(sub, us)), "header"},
		"another algorithm":              {forge(t, jwt.SigningMethodHS512, []byte(secret), `{"alg":"HS512"}`, claims(sub, us)), "algorithm"},
		"no key's id":                    {forge(t, k.method, k.private, `{"alg":"EdDSA"}`, claims(sub, us)), "key id"},
		"an unknown key's id":            {edPair("unknown").sign(t, claims(sub, us)), "key id"},
		"another's signature":            {edPair("k").sign(t, claims(sub, us)), "signature"},
		"an ID token":                    {withTheSecret(t, claims(sub, us, `"nonce":"x"`)), "kind"},
		"another issuer":                 {withTheSecret(t, claims(sub, `"iss":"https://them","aud":"us"`)), "issuer"},
		"another audience":               {withTheSecret(t, claims(sub, `"iss":"https://us","aud":"them"`)), "audience"},
		"no user":                        {withTheSecret(t, claims(us)), "user"},
		"no end":                         {withTheSecret(t, `{`+sub+`,`+us+`}`), "times"},
		"its end has passed":             {withTheSecret(t, `{`+sub+`,`+us+`,"exp":1}`), "expired"},
	} {
		t.Run(name, func(t *testing.T) {
			clear(events)
			_, err := v.Verify(t.Context(), tc.token)
			want := map[betterauth.Event]int{{Subject: betterauth.SubjectToken, Outcome: tc.outcome}: 1}
			maps.DeleteFunc(events, func(e betterauth.Event, _ int) bool { return e.Subject != betterauth.SubjectToken })
			if !maps.Equal(events, want) {
				t.Errorf("noted %v (%v), want %v", events, err, want)
			}
		})
	}
}

// sized is a good token of exactly n bytes.
func sized(t *testing.T, n int) string {
	t.Helper()
	for spaces := range 4 {
		header := `{"alg":"HS256"}` + strings.Repeat(" ", spaces)
		empty := forge(t, jwt.SigningMethodHS256, []byte(secret), header, claims(`"sub":"ann"`, `"x":""`))
		for room := (n-len(empty))*3/4 - 3; room < n; room++ {
			token := forge(t, jwt.SigningMethodHS256, []byte(secret), header, claims(`"sub":"ann"`, fmt.Sprintf(`"x":%q`, strings.Repeat("x", room))))
			if len(token) == n {
				return token
			}
			if len(token) > n {
				break
			}
		}
	}
	t.Fatalf("no token has %d bytes", n)
	return ""
}

func TestATokenHas12KiBAtMost(t *testing.T) {
	v := withSecret(t, nil)
	if _, err := v.Verify(t.Context(), sized(t, 12<<10)); err != nil {
		t.Errorf("12 KiB: %v", err)
	}
	if _, err := v.Verify(t.Context(), sized(t, 12<<10+1)); !errors.Is(err, ports.ErrTokenInvalid) {
		t.Errorf("a byte more: got %v, want it refused", err)
	}
}

func TestAHeaderHas1KiBAtMost(t *testing.T) {
	v := withSecret(t, nil)
	signed := func(bytes int) string { // of JSON, four letters for three
		header := `{"alg":"HS256"}`
		return forge(t, jwt.SigningMethodHS256, []byte(secret), header+strings.Repeat(" ", bytes-len(header)), body)
	}
	if _, err := v.Verify(t.Context(), signed(768)); err != nil {
		t.Errorf("1 KiB: %v", err)
	}
	if _, err := v.Verify(t.Context(), signed(769)); !errors.Is(err, ports.ErrTokenInvalid) {
		t.Errorf("two letters more: got %v, want it refused", err)
	}
}

func TestTheHeadersOfTheIssuersReplyAreBounded(t *testing.T) {
	k := edPair("k")
	for kib, want := range map[int]error{60: nil, 64: ports.ErrKeysUnavailable} {
		issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", kib<<10))
			_, _ = w.Write([]byte(keySet(k)))
		}))
		if _, err := byKeysAt(t, issuer.URL, &clock{capturedAt}).Verify(t.Context(), k.sign(t, body)); !errors.Is(err, want) {
			t.Errorf("with a header of %d KiB: got %v, want %v", kib, err, want)
		}
		issuer.Close()
	}
}
