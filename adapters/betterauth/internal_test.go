package betterauth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"taskhold/ports"
)

func TestRecentTokensAreBounded(t *testing.T) {
	var r recent
	now := time.Unix(1, 0)
	last := [sha256.Size]byte{}
	for i := range maxRecent + 100 {
		last = sha256.Sum256(fmt.Append(nil, i))
		r.add(last, grant{until: now.Add(time.Hour)}, now)
	}
	if _, ok := r.find(last, now); !ok || len(r.grants) != maxRecent {
		t.Errorf("%d tokens are remembered, the last one: %v; want %d", len(r.grants), ok, maxRecent)
	}
}

// TestSlowKeysTakeTurns lets no slow key work at all, as if others were at it.
func TestSlowKeysTakeTurns(t *testing.T) {
	v := &Verifier{slow: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for method, want := range map[jwt.SigningMethod]error{
		jwt.SigningMethodES512: context.Canceled,
		jwt.SigningMethodES256: ports.ErrTokenInvalid,
	} {
		k := key{method: method, slow: method == jwt.SigningMethodES512}
		if _, err := v.byKey(ctx, token{method: method}, k); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", method.Alg(), err, want)
		}
	}
}

func TestASlowKeyMakesRoomForTheNext(t *testing.T) {
	v := &Verifier{slow: make(chan struct{}, 1)}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	method := jwt.SigningMethodES512
	for range 2 {
		if _, err := v.byKey(ctx, token{method: method}, key{method: method, slow: true}); !errors.Is(err, ports.ErrTokenInvalid) {
			t.Errorf("got %v, want %v", err, ports.ErrTokenInvalid)
		}
	}
}

func TestSlowKeysTakeHalfOfTheProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for processors, want := range map[int]int{1: 1, 2: 1, 3: 1, 4: 2, 9: 4} {
		runtime.GOMAXPROCS(processors)
		v, err := New(Options{Secrets: []string{strings.Repeat("x", MinSecretLen)}})
		if err != nil || cap(v.slow) != want || runtime.GOMAXPROCS(0) != processors {
			t.Errorf("of %d processors %d, and %d are used; want %d (%v)", processors, cap(v.slow), runtime.GOMAXPROCS(0), want, err)
		}
	}
}

func TestWhichKeysAreSlow(t *testing.T) {
	modulus := func(bytes int) string {
		return base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("\xff", bytes)))
	}
	odd4097 := base64.RawURLEncoding.EncodeToString([]byte("\x01" + strings.Repeat("\xff", 512)))
	for name, tc := range map[string]struct {
		jwk  object
		slow bool
	}{
		"RSA of 2048 bits":                {object{"kty": "RSA", "alg": "RS256", "n": modulus(256), "e": "AQAB"}, false},
		"RSA of 4096 bits":                {object{"kty": "RSA", "alg": "RS256", "n": modulus(512), "e": "AQAB"}, false},
		"RSA of 4097 bits":                {object{"kty": "RSA", "alg": "RS256", "n": odd4097, "e": "AQAB"}, true},
		"RSA of 8192 bits":                {object{"kty": "RSA", "alg": "PS256", "n": modulus(1024), "e": "AQAB"}, true},
		"RSA with the exponent 3":         {object{"kty": "RSA", "alg": "RS256", "n": modulus(256), "e": "Aw"}, false},
		"RSA with an exponent of 31 bits": {object{"kty": "RSA", "alg": "RS256", "n": modulus(256), "e": "f____w"}, false},
		"P-521": {object{
			"kty": "EC", "alg": "ES512", "crv": "P-521",
			"x": "AKpRIaUBBSVsD6hyxs46uovwFI4uPIo_fAHKjtaMTngr8k8Jxe-a8q1hvsCR-p6K2bMn957ShgzQyhDK1YXfEMks",
			"y": "ALTwzhevXwRz32f1EytjBDtyNS1PgXLtziOKS8nUtYnVO9ldrpX04cA6UN2uBjYeOcI9jqVksI25ECFe56KwEtcT",
		}, true},
		"P-384": {object{
			"kty": "EC", "alg": "ES384", "crv": "P-384",
			"x": "Io2XLLTRq4zBJ6oAs-FVj8fs9wT2U3AlO4PrBQj-tBbyf3khdzngsn3p9JSTYSVt",
			"y": "haFCfl_RM-Rzxm1_BC_RW8Ua9no_ytmdVuwyQs1JgGlKrkKtdG0fj8QbBqyqhve1",
		}, true},
		"P-256": {object{
			"kty": "EC", "alg": "ES256", "crv": "P-256",
			"x": "xCFpWN7pe_SUFcw38NXLqr0bCNNOPxZaUOTYetYkS9E",
			"y": "wZtEoPExiEaM76EPO2Y2zV1zXX2pXP4ZnAlLQuYNBV0",
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			tc.jwk["kid"] = "k"
			if k, err := parseKey(tc.jwk); err != nil || k.slow != tc.slow {
				t.Errorf("slow = %v, %v; want %v", k.slow, err, tc.slow)
			}
		})
	}
}

func FuzzObject(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":1,"a":2}`, `{"a":{"b":[1,{"c":null}]}}`, `[]`, `{"a":1}x`, `{"s\u0075b":"\ud800"}`, `{"a":1,}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, ok := parseObject(raw)
		if !ok {
			return
		}
		var want map[string]any
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatalf("accepts %q, which is no JSON: %v", raw, err)
		}
		again, err := json.Marshal(got)
		var back map[string]any
		if err != nil || json.Unmarshal(again, &back) != nil || !reflect.DeepEqual(back, want) {
			t.Errorf("reads %q as %s", raw, again)
		}
	})
}

func FuzzKeySet(f *testing.F) {
	f.Add([]byte(`{"keys":[]}`))
	f.Add([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"a","x":"lNTOclX2UZK0JmmpQPHOwghMEKLGcHGpXnfV4PNlG0o"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","kid":"a","x":"xCFpWN7pe_SUFcw38NXLqr0bCNNOPxZaUOTYetYkS9E","y":"wZtEoPExiEaM76EPO2Y2zV1zXX2pXP4ZnAlLQuYNBV0"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"RSA","alg":"PS256","kid":"a","n":"AQ","e":"AQAB"}, null, 1]}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		set, _, ok := parseKeySet(document)
		if !ok {
			return
		}
		for kid, k := range set.keys {
			if kid == "" || k.method == nil || k.method == jwt.SigningMethodHS256 {
				t.Fatalf("%q: key %q is for %v", document, kid, k.method)
			}
			if k.method.Verify("text", bytes.Repeat([]byte{1}, 64), k.public) == nil {
				t.Errorf("%q: key %q verifies anything", document, kid)
			}
		}
	})
}
