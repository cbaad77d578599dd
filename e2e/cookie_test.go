package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// page is the origin of a front end on the same site.
const page = "https://app.example.com"

// header is what a browser sends of the cookies of the sign-up.
func (a *account) header() string {
	var pairs []string
	for _, c := range a.cookies {
		pairs = append(pairs, c.Name+"="+c.Value)
	}
	return strings.Join(pairs, "; ")
}

// sessionCookies are the names of those that hold the session's JWT.
func (a *account) sessionCookies() []string {
	var names []string
	for _, c := range a.cookies {
		if strings.Contains(c.Name, "session_data") {
			names = append(names, c.Name)
		}
	}
	return names
}

// by returns the server as a page of that origin sees it in a browser with
// those cookies; "" is no origin.
func (s *server) by(cookies, origin string) client {
	headers := map[string]string{"Cookie": cookies}
	if origin != "" {
		headers["Origin"] = origin
	}
	return client{s.url, headers}
}

// withCookies are the settings of a program that takes this issuer's cookies.
func (i *issuer) withCookies() []string {
	return append(i.bySecret(), "BETTER_AUTH_COOKIE=on", "ALLOWED_ORIGINS="+page)
}

// TestSessionCookie sends the cookies that a real Better Auth has set, whole
// and in chunks, as a browser does.
func TestSessionCookie(t *testing.T) {
	t.Parallel()
	const data = "better-auth.session_data"
	for _, mode := range []struct {
		name   string
		issuer []string
		length int // of the user's name
		want   []string
	}{
		{"whole", nil, 10, []string{data}},
		{"as under https", []string{"SECURE=1"}, 10, []string{"__Secure-" + data}},
		{"in two chunks", nil, 4000, []string{data + ".0", data + ".1"}},
		{"in three chunks as under https", []string{"SECURE=1"}, 8000, []string{"__Secure-" + data + ".0", "__Secure-" + data + ".1", "__Secure-" + data + ".2"}},
	} {
		t.Run(mode.name, func(t *testing.T) {
			t.Parallel()
			issuer := startIssuer(t, append(mode.issuer, "ALG=cookie-jwt")...)
			name := strings.Repeat("ö", mode.length/2) // two bytes each
			alice, bob := issuer.signUpAs(t, "alice", name), issuer.signUpAs(t, "bob", name)
			if got := alice.sessionCookies(); !slices.Equal(got, mode.want) {
				t.Fatalf("Better Auth has set %q, want %q", got, mode.want)
			}
			server := serve(t, issuer.withCookies()...)
			work(t, alice.id, server.by(alice.header(), page), server.by(bob.header(), page))
			for origin, status := range map[string]int{"": http.StatusForbidden, "null": http.StatusForbidden, "https://evil.example.com": http.StatusForbidden, page: http.StatusCreated} {
				browser := server.by(alice.header(), origin)
				browser.want(t, status, "POST", "/v1/tasks", `{"title": "By a page of `+origin+`"}`)
				browser.want(t, http.StatusOK, "GET", "/v1/tasks", "")
			}
			if kept := server.by(alice.header(), "").list(t); len(kept) != 1 {
				t.Errorf("the pages have made %+v, want one task", kept)
			}
			for _, c := range alice.cookies {
				if len(c.Value) > 20 && strings.Contains(server.output.String(), c.Value) {
					t.Errorf("the log holds the cookie %s", c.Name)
				}
			}
		})
	}
}

// TestCookiesThatAreRefused sends what else a browser has, or a program that
// does not take cookies gets.
func TestCookiesThatAreRefused(t *testing.T) {
	t.Parallel()
	issuer, other := startIssuer(t, "ALG=cookie-jwt", "ID_KIND=serial"), startIssuer(t, "ALG=cookie-jwt", "ID_KIND=serial")
	byKey := startIssuer(t, "ALG=cookie-jwks", "ID_KIND=serial", "BETTER_AUTH_SECRET="+issuer.secret)
	alice, mallory, carol := issuer.signUp(t, "alice"), other.signUp(t, "mallory"), byKey.signUp(t, "carol")
	huge := issuer.signUpAs(t, "huge", strings.Repeat("n", 9000))
	const none = `Bearer realm="todo"`
	on := serve(t, append(issuer.withCookies(), "BETTER_AUTH_URL="+byKey.url)...)
	off := serve(t, append(issuer.bySecret(), "ALLOWED_ORIGINS="+page)...)
	for _, what := range []struct {
		name      string
		server    *server
		cookies   string
		challenge string
	}{
		{"a program that was not told to take cookies", off, alice.header(), none},
		{"a signed session token", on, "better-auth.session_token=" + alice.signedSession, none},
		{"a signed session token as the JWT", on, "better-auth.session_data=" + alice.signedSession, invalidToken},
		{"the token of a verification mail as the JWT", on, "better-auth.session_data=" + alice.mailed(t), invalidToken},
		{"another Better Auth's", on, mallory.header(), invalidToken},
		{"one signed with a key of the set", on, carol.header(), invalidToken},
		{"one beside another Better Auth's", on, alice.header() + "; " + mallory.header(), invalidToken},
		{"a session of more than 12 KiB", on, huge.header(), invalidToken},
	} {
		t.Run(what.name, func(t *testing.T) {
			r := what.server.by(what.cookies, page).want(t, http.StatusUnauthorized, "POST", "/v1/tasks", `{"title": "Not to be kept"}`)
			if got := r.header.Get("WWW-Authenticate"); got != what.challenge {
				t.Errorf("WWW-Authenticate is %q, want %q", got, what.challenge)
			}
		})
	}
	if kept := on.by(alice.header(), page).list(t); len(kept) != 0 {
		t.Errorf("the refused requests have made %+v", kept)
	}
}
