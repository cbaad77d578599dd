package betterauth_test

import (
	"compress/gzip"
	"crypto/elliptic"
	"encoding/base64"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"taskhold/adapters/betterauth"
	"taskhold/ports"
)

type members = map[string]any

func TestKeysThatMustNotVerify(t *testing.T) {
	ed, es, rs := edPair("k"), ecPair("k", jwt.SigningMethodES256, elliptic.P256()), rsaPair("k", jwt.SigningMethodRS256)
	other := ecPair("k", jwt.SigningMethodES256, elliptic.P256()).jwk
	even := []byte(strings.Repeat("\xfe", 256))
	zero := b64(strings.Repeat("\x00", 32))
	for name, tc := range map[string]struct {
		key  pair
		want string
	}{
		"the private key of an octet key pair": {ed.with(members{"d": zero}), "private"},
		"the private exponent":                 {rs.with(members{"d": "AQAB"}), "private"},
		"a prime":                              {rs.with(members{"p": "AQAB"}), "private"},
		"the other prime":                      {rs.with(members{"q": "AQAB"}), "private"},
		"the first exponent":                   {rs.with(members{"dp": "AQAB"}), "private"},
		"the second exponent":                  {rs.with(members{"dq": "AQAB"}), "private"},
		"the coefficient":                      {rs.with(members{"qi": "AQAB"}), "private"},
		"other primes":                         {rs.with(members{"oth": []any{}}), "private"},
		"a shared secret":                      {ed.with(members{"kty": "oct", "k": zero, "alg": "HS256"}), "private"},
		"a shared secret without the secret":   {ed.with(members{"kty": "oct", "alg": "HS256"}), "type"},
		"an unknown type":                      {ed.with(members{"kty": "AKP"}), "type"},
		"no type":                              {ed.with(members{"kty": nil}), "type"},
		"a key for encryption":                 {ed.with(members{"use": "enc"}), "use"},
		"a use that is no string":              {ed.with(members{"use": []any{"sig"}}), "use"},
		"a key to sign with":                   {ed.with(members{"key_ops": []any{"sign"}}), "use"},
		"a key to do nothing with":             {ed.with(members{"key_ops": []any{}}), "use"},
		"operations that are no list":          {ed.with(members{"key_ops": "verify"}), "use"},
		"no kid":                               {ed.with(members{"kid": nil}), "key id"},
		"an empty kid":                         {ed.with(members{"kid": ""}), "key id"},
		"a kid that is a number":               {ed.with(members{"kid": 1}), "key id"},
		"no alg":                               {ed.with(members{"alg": nil}), "algorithm"},
		"an unknown alg":                       {ed.with(members{"alg": "Ed448"}), "algorithm"},
		"alg none":                             {ed.with(members{"alg": "none"}), "algorithm"},
		"HS256 for a public key":               {rs.with(members{"alg": "HS256"}), "algorithm"},
		"ES256 for an octet key pair":          {ed.with(members{"alg": "ES256"}), "algorithm"},
		"EdDSA for a curve that it is not for": {es.with(members{"alg": "EdDSA"}), "algorithm"},
		"ES384 for P-256":                      {es.with(members{"alg": "ES384"}), "algorithm"},
		"RS256 for P-256":                      {es.with(members{"alg": "RS256"}), "algorithm"},
		"ES256 for RSA":                        {rs.with(members{"alg": "ES256"}), "algorithm"},
		"RS512":                                {rs.with(members{"alg": "RS512"}), "algorithm"},
		"X25519":                               {ed.with(members{"crv": "X25519"}), "algorithm"},
		"secp256k1":                            {es.with(members{"crv": "secp256k1"}), "algorithm"},
		"no curve":                             {es.with(members{"crv": nil}), "algorithm"},
		"31 bytes of Ed25519":                  {ed.with(members{"x": b64(strings.Repeat("x", 31))}), "point"},
		"no bytes of Ed25519":                  {ed.with(members{"x": nil}), "point"},
		"padding":                              {ed.with(members{"x": ed.jwk["x"].(string) + "="}), "point"},
		"a point that is on no curve":          {es.with(members{"y": other["y"]}), "point"},
		"the point zero":                       {es.with(members{"x": zero, "y": zero}), "point"},
		"a short coordinate":                   {es.with(members{"x": b64(strings.Repeat("x", 31))}), "point"},
		"a long coordinate":                    {es.with(members{"x": b64("\x00" + strings.Repeat("x", 32))}), "point"},
		"coordinates cut in the wrong place":   {shifted(es), "point"},
		"no second coordinate":                 {es.with(members{"y": nil}), "point"},
		"RSA of 1024 bits":                     {rs.with(members{"n": b64(strings.Repeat("\xff", 128))}), "size"},
		"RSA of 2047 bits":                     {rs.with(members{"n": b64("\x7f" + strings.Repeat("\xff", 255))}), "size"},
		"RSA of 8193 bits":                     {rs.with(members{"n": b64("\x01" + strings.Repeat("\xff", 1024))}), "size"},
		"RSA with an even modulus":             {rs.with(members{"n": b64(string(even))}), "form"},
		"RSA without a modulus":                {rs.with(members{"n": nil}), "form"},
		"RSA with an exponent of 1":            {rs.with(members{"e": "AQ"}), "size"},
		"RSA with an even exponent":            {rs.with(members{"e": "AQAC"}), "form"},
		"RSA with an exponent of 32 bits":      {rs.with(members{"e": b64("\x80\x00\x00\x01")}), "size"},
		"RSA with an exponent of 40 bits":      {rs.with(members{"e": b64("\x01\x00\x00\x00\x01")}), "size"},
		"RSA without an exponent":              {rs.with(members{"e": nil}), "form"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(b *bubble) {
				good := edPair("good")
				b.issuer.publish(good, tc.key)
				b.want(good, nil)
				b.want(tc.key.with(members{"kid": "k"}), ports.ErrTokenInvalid)
				if b.noted(betterauth.SubjectKey, tc.want) != 1 {
					b.Errorf("noted %v, want the key for its %s", b.events, tc.want)
				}
			})
		})
	}
}

// shifted has a good point whose second coordinate begins in the first.
func shifted(p pair) pair {
	x, _ := base64.RawURLEncoding.DecodeString(p.jwk["x"].(string))
	y, _ := base64.RawURLEncoding.DecodeString(p.jwk["y"].(string))
	return p.with(members{"x": b64(string(x[:31])), "y": b64(string(x[31:]) + string(y))})
}

func TestOfKeysThatShareAnIDNoneVerifies(t *testing.T) {
	one, two := edPair("k"), edPair("k")
	for name, set := range map[string][]pair{
		"two keys":                  {one, two},
		"the same key twice":        {one, one},
		"one of them to be ignored": {one, two.with(members{"use": "enc"})},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(b *bubble) {
				b.issuer.publish(append(set, edPair("good"))...)
				b.want(one, ports.ErrTokenInvalid)
				b.want(two, ports.ErrTokenInvalid)
				if b.noted(betterauth.SubjectKey, "duplicate") == 0 {
					b.Errorf("noted %v, want a duplicate", b.events)
				}
			})
		})
	}
}

func TestKeysThatMayVerify(t *testing.T) {
	ed := edPair("k")
	renamed := ed.with(members{"alg": "Ed25519"})
	for name, k := range map[string]pair{
		"a key as Better Auth has it":  ed,
		"a key for signatures":         ed.with(members{"use": "sig"}),
		"a key to verify with":         ed.with(members{"key_ops": []any{"sign", "verify"}}),
		"Ed25519 for EdDSA":            renamed,
		"an unknown member":            ed.with(members{"ext": true}),
		"ES384":                        ecPair("k", jwt.SigningMethodES384, elliptic.P384()),
		"ES512":                        ecPair("k", jwt.SigningMethodES512, elliptic.P521()),
		"an id that looks like a path": ed.with(members{"kid": "../k"}),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(b *bubble) {
				b.issuer.publish(k)
				b.want(k, nil)
				if ignored := maps.Clone(b.events); ignored[betterauth.Event{Subject: betterauth.SubjectKey}] > 0 {
					b.Errorf("noted %v", ignored)
				}
			})
		})
	}
}

func TestElementsThatAreNoKeys(t *testing.T) {
	inBubble(t, func(b *bubble) {
		good := edPair("good")
		set := keySet(good)
		b.issuer.set(http.StatusOK, strings.Replace(set, `[`, `[null,1,"k",[],{},`, 1))
		b.want(good, nil)
		if got := b.noted(betterauth.SubjectKey, "key id"); got != 5 {
			b.Errorf("%d elements are noted, want 5", got)
		}
	})
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	k := edPair("k")
	var visits atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		visits.Add(1)
		_, _ = w.Write([]byte(keySet(k)))
	}))
	defer elsewhere.Close()
	issuer := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusFound))
	defer issuer.Close()
	v := byKeysAt(t, issuer.URL, &clock{capturedAt})
	if user, err := v.Verify(t.Context(), k.sign(t, body)); err == nil || visits.Load() > 0 {
		t.Errorf("got %q, %v, and the other address was visited %d times", user, err, visits.Load())
	}
}

func TestACompressedKeySetCannotGrowWithoutBound(t *testing.T) {
	k := edPair("k")
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		defer z.Close()
		_, _ = z.Write([]byte(strings.TrimSuffix(keySet(k), "}") + strings.Repeat(" ", 600<<10) + "}"))
	}))
	defer issuer.Close()
	if user, err := byKeysAt(t, issuer.URL, &clock{capturedAt}).Verify(t.Context(), k.sign(t, body)); err == nil {
		t.Errorf("a set of over 512 KiB is read: the user is %q", user)
	}
}
