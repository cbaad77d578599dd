package betterauth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func b64(raw string) string { return base64.RawURLEncoding.EncodeToString([]byte(raw)) }

// forge signs whatever it is given: header and claims need not even be JSON.
func forge(t testing.TB, method jwt.SigningMethod, key any, header, claims string) string {
	t.Helper()
	text := b64(header) + "." + b64(claims)
	signature, err := method.Sign(text, key)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + b64(string(signature))
}

func withTheSecret(t testing.TB, claims string) string {
	t.Helper()
	return forge(t, jwt.SigningMethodHS256, []byte(secret), `{"alg":"HS256"}`, claims)
}

// at is the NumericDate of an instant so long after now.
func at(now time.Time, after time.Duration) string { return fmt.Sprint(now.Add(after).Unix()) }

// A pair is a key of an issuer, with its JWK.
type pair struct {
	method  jwt.SigningMethod
	private crypto.Signer
	alg     string
	jwk     map[string]any
}

func (p pair) kid() string { return p.jwk["kid"].(string) }

// sign makes a good token but for what claims say.
func (p pair) sign(t testing.TB, claims string) string {
	t.Helper()
	return forge(t, p.method, p.private, fmt.Sprintf(`{"alg":%q,"kid":%q}`, p.alg, p.kid()), claims)
}

// with returns the pair with members of its JWK set, or removed where nil.
func (p pair) with(members map[string]any) pair {
	jwk := map[string]any{}
	for name, value := range p.jwk {
		jwk[name] = value
	}
	for name, value := range members {
		if jwk[name] = value; value == nil {
			delete(jwk, name)
		}
	}
	p.jwk = jwk
	return p
}

func keySet(pairs ...pair) string {
	keys := []map[string]any{}
	for _, p := range pairs {
		keys = append(keys, p.jwk)
	}
	raw, err := json.Marshal(map[string]any{"keys": keys})
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func edPair(kid string) pair {
	public, private, _ := ed25519.GenerateKey(rand.Reader)
	return pair{jwt.SigningMethodEdDSA, private, "EdDSA", map[string]any{
		"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": kid, "x": b64(string(public)),
	}}
}

func ecPair(kid string, method *jwt.SigningMethodECDSA, curve elliptic.Curve) pair {
	private, _ := ecdsa.GenerateKey(curve, rand.Reader)
	point, _ := private.PublicKey.Bytes()
	size := (len(point) - 1) / 2
	return pair{method, private, method.Name, map[string]any{
		"kty": "EC", "crv": curve.Params().Name, "alg": method.Name, "kid": kid,
		"x": b64(string(point[1 : 1+size])), "y": b64(string(point[1+size:])),
	}}
}

// rsaKey is made once: it takes long.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	private, _ := rsa.GenerateKey(rand.Reader, 2048)
	return private
})

func rsaPair(kid string, method jwt.SigningMethod) pair {
	public := rsaKey().PublicKey
	return pair{method, rsaKey(), method.Alg(), map[string]any{
		"kty": "RSA", "alg": method.Alg(), "kid": kid,
		"n": b64(string(public.N.Bytes())), "e": b64(string(big.NewInt(int64(public.E)).Bytes())),
	}}
}
