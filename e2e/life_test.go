package e2e

import (
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// healsWithin is the longest that a program may take to accept tokens of an
// issuer that was down when it started, and then some.
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
	good := startTrickle(t, server.as(issuer.signUp(t, "alice").jwt(t)))
	time.Sleep(healsWithin)
	w := good.figures(t, "from the start of an issuer that was 16 s late", began)
	if w.denied > 0 || w.last > healsWithin-time.Second {
		t.Errorf("good tokens were refused: %+v", w)
	}
	stranger.want(t, http.StatusUnauthorized, "GET", "/v1/tasks", "")
}

func TestAnIssuerThatDies(t *testing.T) {
	t.Parallel()
	issuer := startIssuer(t)
	seen, unseen := issuer.signUp(t, "alice").jwt(t), issuer.signUp(t, "bob").jwt(t)
	stranger := startIssuer(t).signUp(t, "stranger").jwt(t)
	server := serveWithKeys(t, seen, issuer.byKeys()...)
	good := startTrickle(t, server.as(seen))
	time.Sleep(time.Second)
	issuer.kill()
	began := time.Now()
	for range 4 { // each asks for a key that nobody can be asked after
		server.as(stranger).want(t, http.StatusUnauthorized, "GET", "/v1/tasks", "")
		server.as(unseen).want(t, http.StatusOK, "GET", "/v1/tasks", "")
		time.Sleep(3 * time.Second)
	}
	if w := good.figures(t, "without the issuer", began); w.refused > 0 {
		t.Errorf("good tokens were refused: %+v", w)
	}
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

// TestGoodUsersWhileAKeyIsReplaced has a front end take a new token each
// second while Better Auth changes its key. Strangers who make up key ids can
// use up the one question in ten seconds, and so delay a new key by that.
func TestGoodUsersWhileAKeyIsReplaced(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		strangers bool
		longest   time.Duration // that a good user may be refused for
	}{
		{"in quiet", false, 0},
		{"while strangers make up key ids", true, 11 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			issuer := startIssuer(t, "ROTATION=15", "GRACE=60")
			alice := issuer.signUp(t, "alice")
			token := alice.jwt(t)
			server := serveWithKeys(t, token, append(issuer.byKeys(), "RATE_LIMIT_DENIED=off")...)
			good, began := startTrickle(t, server.as(token)), time.Now()
			if tc.strangers {
				startTrickle(t, server.as(altered(t, token, header, map[string]any{"kid": "made-up"})))
			}
			keys := map[any]bool{}
			for time.Since(began) < 28*time.Second {
				time.Sleep(time.Second)
				token = alice.jwt(t)
				keys[members(t, token, header)["kid"]] = true
				good.become(server.as(token))
			}
			w := good.figures(t, "over a new key "+tc.name, began)
			if len(keys) != 2 || w.longest > tc.longest || w.last > 27*time.Second {
				t.Errorf("over %d keys good tokens were refused: %+v", len(keys), w)
			}
		})
	}
}

// TestGoodUsersWhileASecretIsReplaced changes a secret in the order in which
// nobody is refused: programs that know both, then Better Auth, then programs
// that know the new one alone.
func TestGoodUsersWhileASecretIsReplaced(t *testing.T) {
	t.Parallel()
	before := startIssuer(t, "ALG=cookie-jwt")
	store := "DATABASE_URL=sqlite:" + filepath.Join(t.TempDir(), "tasks.db")
	fresh := newSecret()
	both := "BETTER_AUTH_SECRETS=2:" + fresh + ",1:" + before.secret
	token := before.signUp(t, "alice").sessionJWT(t)
	good := startTrickle(t, serve(t, store, "BETTER_AUTH_SECRET="+before.secret).as(token))
	began := time.Now()
	second := serve(t, store, both)
	good.become(second.as(token))
	token = startIssuer(t, "ALG=cookie-jwt", both).signUp(t, "alice").sessionJWT(t)
	good.become(second.as(token))
	time.Sleep(time.Second)
	good.become(serve(t, store, "BETTER_AUTH_SECRET="+fresh).as(token))
	time.Sleep(time.Second)
	if w := good.figures(t, "over a new secret", began); w.refused > 0 {
		t.Errorf("good tokens were refused: %+v", w)
	}
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
