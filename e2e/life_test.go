package e2e

import (
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"
)

// healsWithin is the longest that a program may take to accept tokens of an
// issuer that was down when it started.
const healsWithin = 15 * time.Second

func TestAnIssuerThatIsLate(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	server := serve(t, "BETTER_AUTH_URL=http://127.0.0.1:"+port)
	stranger := server.as(startIssuer(t).signUp(t, "stranger").jwt(t))
	refused := func() {
		t.Helper()
		r := stranger.want(t, http.StatusServiceUnavailable, "GET", "/v1/tasks", "")
		if seconds, err := strconv.Atoi(r.header.Get("Retry-After")); err != nil || seconds < 1 {
			t.Errorf("Retry-After is %q, want seconds", r.header.Get("Retry-After"))
		}
		stranger.want(t, http.StatusOK, "GET", "/readyz", "") // the store is there, and it is all that counts
	}
	refused()
	time.Sleep(16 * time.Second) // by now the program tries as seldom as it ever does
	refused()

	issuer := startIssuer(t, "PORT="+port)
	began := time.Now()
	alice := server.as(issuer.signUp(t, "alice").jwt(t))
	for alice.call(t, "GET", "/v1/tasks", "").status != http.StatusOK {
		if time.Since(began) > healsWithin {
			t.Fatalf("no token is accepted %s after the issuer's start", healsWithin)
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Logf("healed %.1f s after the issuer's start, in an outage of 16 s", time.Since(began).Seconds())
	stranger.want(t, http.StatusUnauthorized, "GET", "/v1/tasks", "")
}

func TestAnIssuerThatDies(t *testing.T) {
	t.Parallel()
	issuer := startIssuer(t)
	seen, unseen := issuer.signUp(t, "alice").jwt(t), issuer.signUp(t, "bob").jwt(t)
	server := serveWithKeys(t, seen, issuer.byKeys()...)
	server.as(seen).want(t, http.StatusOK, "GET", "/v1/tasks", "")
	issuer.kill()
	began := time.Now()
	server.as(seen).want(t, http.StatusOK, "GET", "/v1/tasks", "")
	server.as(unseen).want(t, http.StatusOK, "GET", "/v1/tasks", "")
	t.Logf("without the issuer, a token seen before and one never seen were accepted in %.3f s", time.Since(began).Seconds())
}

// TestAKeyThatIsReplaced follows a Better Auth that changes its key every 2 s
// and publishes an old one for 8 s more.
func TestAKeyThatIsReplaced(t *testing.T) {
	t.Parallel()
	issuer := startIssuer(t, "ROTATION=2", "GRACE=8")
	alice := issuer.signUp(t, "alice")
	first := alice.jwt(t)
	server := serveWithKeys(t, first, issuer.byKeys()...)
	accepted := func(what, token string) {
		t.Helper()
		began := time.Now()
		server.as(token).want(t, http.StatusOK, "GET", "/v1/tasks", "")
		t.Logf("%s was accepted at once, in %.3f s", what, time.Since(began).Seconds())
	}
	accepted("a token of the first key", first)

	time.Sleep(2100 * time.Millisecond)
	second := alice.jwt(t)
	if members(t, second, header)["kid"] == members(t, first, header)["kid"] {
		t.Fatal("the key has not changed")
	}
	accepted("a token of the second key", second)
	accepted("a token of the first, which is still published,", first)

	// Strangers can make up key ids, so only one in ten seconds is asked after.
	time.Sleep(10100 * time.Millisecond)
	accepted("a token of a later key", alice.jwt(t))
	server.as(first).want(t, http.StatusUnauthorized, "GET", "/v1/tasks", "") // no longer published
}

// TestASecretThatIsReplaced has Better Auth and the program read the same
// BETTER_AUTH_SECRETS.
func TestASecretThatIsReplaced(t *testing.T) {
	t.Parallel()
	before := startIssuer(t, "ALG=cookie-jwt")
	oldToken := before.signUp(t, "alice").sessionJWT(t)
	fresh := newSecret()
	secrets := "BETTER_AUTH_SECRETS=2:" + fresh + ",1:" + before.secret
	after := startIssuer(t, "ALG=cookie-jwt", secrets)
	newToken := after.signUp(t, "alice").sessionJWT(t)
	for _, program := range []struct {
		name, setting string
		old, fresh    int
	}{
		{"before the rotation only the old secret counts", "BETTER_AUTH_SECRET=" + before.secret, http.StatusOK, http.StatusUnauthorized},
		{"during the rotation both count", secrets, http.StatusOK, http.StatusOK},
		{"after the rotation only the new secret counts", "BETTER_AUTH_SECRET=" + fresh, http.StatusUnauthorized, http.StatusOK},
	} {
		t.Run(program.name, func(t *testing.T) {
			server := serve(t, program.setting)
			server.as(oldToken).want(t, program.old, "GET", "/v1/tasks", "")
			server.as(newToken).want(t, program.fresh, "GET", "/v1/tasks", "")
		})
	}
}

// freePort returns a port on which nothing listens, below those that systems
// give to outgoing connections: one of them could take it.
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(20000 + rand.IntN(12000))
		if listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port)); err == nil {
			if err := listener.Close(); err != nil {
				t.Fatal(err)
			}
			return port
		}
	}
	t.Fatal("no free port between 20000 and 32000")
	return ""
}
