package betterauth_test

import (
	"crypto/elliptic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"taskhold/adapters/betterauth"
)

// BenchmarkVerify compares what a token costs at first, and again within a
// minute, and what a forged one costs.
func BenchmarkVerify(b *testing.B) {
	sub := `{"sub":"ann","exp":` + at(time.Now(), time.Hour) + `}`
	now := &clock{time.Now()}
	bySecret := withSecret(b, func(o *betterauth.Options) { o.Clock = now })
	b.Run("HS256/recalled", func(b *testing.B) { measure(b, bySecret, withTheSecret(b, sub)) })
	b.Run("HS256/verified", func(b *testing.B) {
		measure(b, bySecret, withTheSecret(b, `{"sub":"ann","exp":`+at(now.now, -time.Second)+`}`))
	})
	for _, k := range []pair{
		edPair("k"), rsaPair("k", jwt.SigningMethodRS256), rsaPair("k", methods["PS256"]),
		ecPair("k", jwt.SigningMethodES256, elliptic.P256()), ecPair("k", jwt.SigningMethodES512, elliptic.P521()),
	} {
		still := &clock{time.Now()}
		v := byKeysAt(b, serve(b, keySet(k)), still)
		b.Run(k.alg+"/recalled", func(b *testing.B) { measure(b, v, k.sign(b, sub)) })
		// An exp that only the leeway makes good is never remembered.
		late := k.sign(b, `{"sub":"ann","exp":`+at(still.now, -time.Second)+`}`)
		b.Run(k.alg+"/verified", func(b *testing.B) { measure(b, v, late) })
		forged := k.sign(b, sub)
		forged = forged[:len(forged)-8] + "AAAAAAAA"
		b.Run(k.alg+"/forged", func(b *testing.B) { measure(b, v, forged) })
	}
}

func measure(b *testing.B, v *betterauth.Verifier, token string) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = v.Verify(b.Context(), token)
	}
}
