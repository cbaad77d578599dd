package betterauth_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"taskhold/adapters/betterauth"
	"taskhold/ports/authtest"
)

// signer makes tokens whose claims are all its own.
type signer func(t testing.TB, claims string) string

func (sign signer) mint(t testing.TB) func(user string, life time.Duration) string {
	return func(user string, life time.Duration) string {
		sub, _ := json.Marshal(user)
		return sign(t, `{"sub":`+string(sub)+`,"exp":`+at(time.Now(), life)+`}`)
	}
}

// systemClock is the system's, or a synctest bubble's.
type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func TestContractBySecret(t *testing.T) {
	authtest.Run(t, func(t testing.TB) authtest.Harness {
		return authtest.Harness{
			Verifier: withSecret(t, func(o *betterauth.Options) { o.Clock = systemClock{} }),
			Mint:     signer(withTheSecret).mint(t),
		}
	})
}

func TestContractByKey(t *testing.T) {
	for name, p := range map[string]pair{"Ed25519": edPair("k"), "RSA": rsaPair("k", methods["PS256"])} {
		t.Run(name, func(t *testing.T) {
			authtest.Run(t, func(t testing.TB) authtest.Harness {
				return authtest.Harness{
					Verifier: byKeysAt(t, serve(t, keySet(p)), systemClock{}),
					Mint:     signer(p.sign).mint(t),
					Keyless:  byKeysAt(t, serve(t, `{"keys":[]}`), systemClock{}),
				}
			})
		})
	}
}

// serve publishes a document, and returns its address.
func serve(t testing.TB, document string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(document))
	}))
	t.Cleanup(server.Close)
	return server.URL
}
