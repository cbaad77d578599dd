package betterauth_test

import (
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"taskhold/adapters/betterauth"
	"taskhold/ports"
)

var methods = map[string]jwt.SigningMethod{
	"EdDSA": jwt.SigningMethodEdDSA, "ES256": jwt.SigningMethodES256, "ES384": jwt.SigningMethodES384,
	"ES512": jwt.SigningMethodES512, "RS256": jwt.SigningMethodRS256, "PS256": jwt.SigningMethodPS256,
}

func byKeysAt(t testing.TB, url string, clock ports.Clock) *betterauth.Verifier {
	t.Helper()
	v, err := betterauth.New(betterauth.Options{KeysURL: url, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestCapturedTokensSignedByAKey(t *testing.T) {
	none := []string{ // no access tokens, though a key of the set signed them
		"1.7.25 session cookie by key", "1.7.25 session cookie JWE", "1.7.5 OAuth ID token",
	}
	later := &clock{capturedAt.Add(10 * time.Minute)} // the OAuth tokens are the last
	seen := 0
	for name, c := range readCaptured(t) {
		if string(c.Keys) == "null" {
			continue
		}
		seen++
		t.Run(name, func(t *testing.T) {
			user, err := byKeysAt(t, serve(t, string(c.Keys)), later).Verify(t.Context(), c.Token)
			if good := !slices.Contains(none, name); good && (err != nil || user.String() != c.User) {
				t.Errorf("got %q, %v; want %q", user, err, c.User)
			} else if !good && !errors.Is(err, ports.ErrTokenInvalid) {
				t.Errorf("got %q, %v; want it refused", user, err)
			}
		})
	}
	const want = 27
	if seen != want {
		t.Errorf("%d tokens were tried, want %d", seen, want)
	}
}

func TestKeysOfOneKidInTwoEnvironmentsAreTwo(t *testing.T) {
	mine, theirs := edPair("1"), edPair("1")
	v := byKeysAt(t, serve(t, keySet(mine)), &clock{capturedAt})
	if _, err := v.Verify(t.Context(), mine.sign(t, claims(`"sub":"ann"`))); err != nil {
		t.Fatal(err)
	}
	if user, err := v.Verify(t.Context(), theirs.sign(t, claims(`"sub":"ann"`))); !errors.Is(err, ports.ErrTokenInvalid) {
		t.Errorf("another issuer's token is accepted for %q, %v", user, err)
	}
}

// trusted has one key of each kind and the secret, and forgeries that are all
// about a body with which nothing is wrong.
type trusted struct{ ed, es, rs, ps pair }

func newTrusted() trusted {
	return trusted{
		ed: edPair("ed"), es: ecPair("es", jwt.SigningMethodES256, elliptic.P256()),
		rs: rsaPair("rs", jwt.SigningMethodRS256), ps: rsaPair("ps", jwt.SigningMethodPS256),
	}
}

// body has a letter that is another one in the standard alphabet of base64.
var body = claims(`"sub":"ann"`, `"x":"??????"`)

func (k trusted) verifier(t testing.TB) *betterauth.Verifier {
	t.Helper()
	v, err := betterauth.New(betterauth.Options{
		Secrets: []string{secret}, KeysURL: serve(t, keySet(k.ed, k.es, k.rs, k.ps)), Clock: &clock{capturedAt},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestForgedSignatures(t *testing.T) {
	k := newTrusted()
	by := func(p pair, header string) string { return forge(t, p.method, p.private, header, body) }
	shared := func(key []byte, header string) string { return forge(t, jwt.SigningMethodHS256, key, header, body) }
	unsigned := func(header string) string { return b64(header) + "." + b64(body) + "." }
	der, _ := x509.MarshalPKIXPublicKey(rsaKey().Public())
	jwk, _ := json.Marshal(k.ed.jwk)
	salted := &jwt.SigningMethodRSAPSS{
		SigningMethodRSA: jwt.SigningMethodPS256.SigningMethodRSA,
		Options:          &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto},
	}
	refuseAll(t, k.verifier(t), map[string]string{
		"alg none":                         unsigned(`{"alg":"none"}`),
		"alg None":                         unsigned(`{"alg":"None"}`),
		"alg nOnE":                         unsigned(`{"alg":"nOnE","kid":"ed"}`),
		"alg none with a signature":        by(k.ed, `{"alg":"none","kid":"ed"}`),
		"no alg":                           by(k.ed, `{"kid":"ed"}`),
		"an alg that is an array":          by(k.ed, `{"alg":["EdDSA"],"kid":"ed"}`),
		"an alg in other case":             by(k.ed, `{"alg":"eddsa","kid":"ed"}`),
		"alg twice":                        by(k.ed, `{"alg":"EdDSA","alg":"EdDSA","kid":"ed"}`),
		"HS256 without a signature":        unsigned(`{"alg":"HS256"}`),
		"HS384 with the secret":            forge(t, jwt.SigningMethodHS384, []byte(secret), `{"alg":"HS384"}`, body),
		"HS512 with the secret":            forge(t, jwt.SigningMethodHS512, []byte(secret), `{"alg":"HS512"}`, body),
		"HS256 with another secret":        shared([]byte(secret+"x"), `{"alg":"HS256"}`),
		"HS256 with an empty secret":       shared(nil, `{"alg":"HS256"}`),
		"HS256 with the public key in PEM": shared(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), `{"alg":"HS256","kid":"rs"}`),
		"HS256 with the public key in DER": shared(der, `{"alg":"HS256","kid":"rs"}`),
		"HS256 with the public key's JWK":  shared(jwk, `{"alg":"HS256","kid":"ed"}`),
		"HS256 with the public key itself": shared(k.ed.private.Public().(ed25519.PublicKey), `{"alg":"HS256","kid":"ed"}`),
		"EdDSA by an EC key's id":          by(k.ed, `{"alg":"EdDSA","kid":"es"}`),
		"ES256 by an RSA key's id":         by(k.es, `{"alg":"ES256","kid":"rs"}`),
		"RS256 by a key for PS256":         by(k.rs, `{"alg":"RS256","kid":"ps"}`),
		"PS256 by a key for RS256":         by(k.ps, `{"alg":"PS256","kid":"rs"}`),
		"PS256 with too much salt":         forge(t, salted, k.ps.private, `{"alg":"PS256","kid":"ps"}`, body),
		"RS512, which Better Auth has not": forge(t, jwt.SigningMethodRS512, k.rs.private, `{"alg":"RS512","kid":"rs"}`, body),
	})
}

func TestForgedHeaders(t *testing.T) {
	k := newTrusted()
	signed := func(header string) string { return forge(t, k.ed.method, k.ed.private, header, body) }
	refuseAll(t, k.verifier(t), map[string]string{
		"no kid":                    signed(`{"alg":"EdDSA"}`),
		"an empty kid":              signed(`{"alg":"EdDSA","kid":""}`),
		"an unknown kid":            signed(`{"alg":"EdDSA","kid":"eD"}`),
		"a kid that is a path":      signed(`{"alg":"EdDSA","kid":"../../etc/passwd"}`),
		"a kid that is SQL":         signed(`{"alg":"EdDSA","kid":"' OR 1=1"}`),
		"a kid with a line break":   signed(`{"alg":"EdDSA","kid":"ed\r\nX: y"}`),
		"a kid that is an array":    signed(`{"alg":"EdDSA","kid":["ed"]}`),
		"a kid of null":             signed(`{"alg":"EdDSA","kid":null}`),
		"a kid of 10 kB":            signed(fmt.Sprintf(`{"alg":"EdDSA","kid":%q}`, strings.Repeat("k", 10<<10))),
		"a kid of 700 bytes":        signed(fmt.Sprintf(`{"alg":"EdDSA","kid":%q}`, strings.Repeat("k", 700))),
		"a header of two kilobytes": signed(fmt.Sprintf(`{"alg":"EdDSA","kid":"ed","x":%q}`, strings.Repeat("x", 2<<10))),
		"an unknown crit":           signed(`{"alg":"EdDSA","kid":"ed","crit":["x"],"x":1}`),
		"an empty crit":             signed(`{"alg":"EdDSA","kid":"ed","crit":[]}`),
		"a payload not in base64":   signed(`{"alg":"EdDSA","kid":"ed","b64":false}`),
		"typ of a logout token":     signed(`{"alg":"EdDSA","kid":"ed","typ":"logout+jwt"}`),
		"typ of a session cache":    signed(`{"alg":"EdDSA","kid":"ed","typ":"better-auth.session-cache+jwt"}`),
		"typ of a DPoP proof":       signed(`{"alg":"EdDSA","kid":"ed","typ":"dpop+jwt"}`),
		"an empty typ":              signed(`{"alg":"EdDSA","kid":"ed","typ":""}`),
		"a typ of null":             signed(`{"alg":"EdDSA","kid":"ed","typ":null}`),
		"a header that is an array": signed(`["alg"]`),
		"a header that is no JSON":  signed(`alg`),
	})
}

func TestForgedSpellings(t *testing.T) {
	k := newTrusted()
	good := k.ed.sign(t, body)
	refuseAll(t, k.verifier(t), map[string]string{
		"five parts":                    good + ".AA.AA",
		"two parts":                     good[:strings.LastIndex(good, ".")],
		"a signature that is cut":       good[:len(good)-4],
		"no signature":                  good[:strings.LastIndex(good, ".")+1],
		"a signature twice":             good + good[strings.LastIndex(good, ".")+1:],
		"padding":                       good + "==",
		"a line break at the end":       good + "\n",
		"a line break within":           good[:10] + "\r\n" + good[10:],
		"a space at the start":          " " + good,
		"a space within":                good[:10] + " " + good[10:],
		"quotes around":                 `"` + good + `"`,
		"the scheme's name before":      "Bearer " + good,
		"stray bits in the last letter": good[:len(good)-1] + string(good[len(good)-1]+1),
		"the standard alphabet":         strings.NewReplacer("-", "+", "_", "/").Replace(good),
		"more than 12 KiB":              k.ed.sign(t, claims(`"sub":"ann"`, `"image":"`+strings.Repeat("x", 12<<10)+`"`)),
	})
}

func refuseAll(t *testing.T, v *betterauth.Verifier, tokens map[string]string) {
	t.Helper()
	for name, token := range tokens {
		t.Run(name, func(t *testing.T) {
			if user, err := v.Verify(t.Context(), token); !errors.Is(err, ports.ErrTokenInvalid) || !user.IsZero() {
				t.Errorf("got %q, %v; want it refused", user, err)
			}
		})
	}
}

func TestWhatForgeriesAreMadeOfIsAccepted(t *testing.T) {
	k := newTrusted()
	signed := func(header string) string { return forge(t, k.ed.method, k.ed.private, header, body) }
	v := k.verifier(t)
	for name, token := range map[string]string{
		"EdDSA":                     k.ed.sign(t, body),
		"ES256":                     k.es.sign(t, body),
		"RS256":                     k.rs.sign(t, body),
		"PS256":                     k.ps.sign(t, body),
		"EdDSA under its new name":  signed(`{"alg":"Ed25519","kid":"ed"}`),
		"HS256 with a kid":          forge(t, jwt.SigningMethodHS256, []byte(secret), `{"alg":"HS256","kid":"x"}`, body),
		"typ JWT in small letters":  signed(`{"alg":"EdDSA","kid":"ed","typ":"jwt"}`),
		"typ at+jwt in capitals":    signed(`{"alg":"EdDSA","kid":"ed","typ":"AT+JWT"}`),
		"a header's unknown member": signed(`{"alg":"EdDSA","kid":"ed","cty":"x"}`),
		"a user of eight kilobytes": k.ed.sign(t, claims(`"sub":"ann"`, `"image":"`+strings.Repeat("x", 8<<10)+`"`)),
	} {
		t.Run(name, func(t *testing.T) {
			if user, err := v.Verify(t.Context(), token); err != nil || user.String() != "ann" {
				t.Errorf("got %q, %v; want ann", user, err)
			}
		})
	}
}

// Only the secret makes a session cookie: a key signs tokens that say whose they
// are and for whom.
func TestASessionSignedByAKeyNeedsIssuerAndAudience(t *testing.T) {
	k := edPair("k")
	const ours = "https://auth.example.com"
	v, err := betterauth.New(betterauth.Options{
		KeysURL: serve(t, keySet(k)), Clock: &clock{capturedAt}, Issuers: []string{ours}, Audiences: []string{ours},
	})
	if err != nil {
		t.Fatal(err)
	}
	cookie := session(`"ann"`, `"ann"`, ahead)
	if user, err := v.Verify(t.Context(), k.sign(t, claims(cookie))); !errors.Is(err, ports.ErrTokenInvalid) {
		t.Errorf("without them: got %q, %v; want it refused", user, err)
	}
	if user, err := v.Verify(t.Context(), k.sign(t, claims(cookie, `"iss":"`+ours+`","aud":"`+ours+`"`))); err != nil || user.String() != "ann" {
		t.Errorf("with them: got %q, %v; want ann", user, err)
	}
}

// TestATokenFetchesNothing offers keys of the forger's own, by address and by
// value, and watches whether anybody comes for them.
func TestATokenFetchesNothing(t *testing.T) {
	var visits atomic.Int32
	lair := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	defer lair.Close()
	k, forger := newTrusted(), edPair("ed")
	v := k.verifier(t)
	jwk, _ := json.Marshal(forger.jwk)
	tokens := map[string]string{}
	for name, member := range map[string]string{
		"jku": fmt.Sprintf(`"jku":%q`, lair.URL), "x5u": fmt.Sprintf(`"x5u":%q`, lair.URL),
		"jwk": `"jwk":` + string(jwk), "x5c": `"x5c":["MIIB"]`,
	} {
		header := `{"alg":"EdDSA","kid":"ed",` + member + `}`
		tokens[name+" of a forger"] = forge(t, forger.method, forger.private, header, body)
		tokens[name+" beside a good signature"] = forge(t, k.ed.method, k.ed.private, header, body)
	}
	tokens["a kid that is an address"] = forge(t, forger.method, forger.private, fmt.Sprintf(`{"alg":"EdDSA","kid":%q}`, lair.URL), body)
	tokens["an iss that is an address"] = forger.sign(t, claims(`"sub":"ann"`, fmt.Sprintf(`"iss":%q`, lair.URL)))
	refuseAll(t, v, tokens)
	if visits.Load() > 0 {
		t.Errorf("the forger was visited %d times", visits.Load())
	}
}
