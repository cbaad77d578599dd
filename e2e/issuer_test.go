package e2e

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// issuer is a Better Auth server in memory: what it knows ends with it.
type issuer struct {
	*process
	url, secret string
}

var issuerListens = regexp.MustCompile(`"listening":"([^"]+)"`)

// startIssuer starts a Better Auth with a secret of its own. The settings are
// variables that authserver/server.mjs explains.
func startIssuer(t *testing.T, settings ...string) *issuer {
	t.Helper()
	i := &issuer{secret: newSecret()}
	i.process = start(t, "authserver", append([]string{"BETTER_AUTH_SECRET=" + i.secret}, settings...), needed(t, "node"), "server.mjs")
	i.url = i.await(t, issuerListens)
	return i
}

func newSecret() string { return rand.Text() + rand.Text() }

// byKeys are the settings of a program that accepts what this issuer signs with
// a key of its set, for this origin.
func (i *issuer) byKeys() []string {
	return []string{"BETTER_AUTH_URL=" + i.url, "BETTER_AUTH_ISSUERS=" + i.url, "BETTER_AUTH_AUDIENCES=" + i.url}
}

// bySecret are the settings of a program that accepts what this issuer signs
// with its secret, for this origin.
func (i *issuer) bySecret() []string {
	return []string{"BETTER_AUTH_SECRET=" + i.secret, "BETTER_AUTH_ISSUERS=" + i.url, "BETTER_AUTH_AUDIENCES=" + i.url}
}

// account is a user who has signed up, with the browser in which they did.
type account struct {
	issuer  *issuer
	browser *http.Client

	id, email     string
	session       string         // the session token of the sign-up's body
	signedSession string         // the same as Better Auth's bearer plugin hands it out
	cookies       []*http.Cookie // of the sign-up's reply
}

func (i *issuer) signUp(t *testing.T, name string) *account {
	t.Helper()
	return i.signUpAs(t, name, name)
}

// signUpAs has the user known by another name than that of the address.
func (i *issuer) signUpAs(t *testing.T, address, name string) *account {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	a := &account{issuer: i, browser: &http.Client{Jar: jar}, email: address + "@example.test"}
	form, err := json.Marshal(map[string]string{"name": name, "email": a.email, "password": "correct horse battery"})
	if err != nil {
		t.Fatal(err)
	}
	reply, err := a.browser.Post(i.url+"/api/auth/sign-up/email", "application/json", bytes.NewReader(form))
	var answer struct {
		Token string
		User  struct{ ID string }
	}
	read(t, reply, err, &answer)
	a.id, a.session, a.signedSession = answer.User.ID, answer.Token, reply.Header.Get("Set-Auth-Token")
	a.cookies = reply.Cookies()
	return a
}

// ask posts to Better Auth as a page of its origin does, and wants that status.
func (a *account) ask(t *testing.T, status int, path, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), "POST", a.issuer.url+"/api/auth"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Origin", a.issuer.url)
	reply, err := a.browser.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	if text, _ := io.ReadAll(reply.Body); reply.StatusCode != status {
		t.Fatalf("%s: got %s, want %d\n%s", path, reply.Status, status, text)
	}
}

// jwt asks for a token as a front end does, by the session's cookie.
func (a *account) jwt(t *testing.T) string {
	t.Helper()
	reply, err := a.browser.Get(a.issuer.url + "/api/auth/token")
	var answer struct{ Token string }
	read(t, reply, err, &answer)
	return answer.Token
}

// sessionJWT is the session cookie of an issuer that makes it a JWT.
func (a *account) sessionJWT(t *testing.T) string {
	t.Helper()
	origin, err := url.Parse(a.issuer.url)
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range a.browser.Jar.Cookies(origin) {
		if cookie.Name == "better-auth.session_data" {
			return cookie.Value
		}
	}
	t.Fatal("the browser has no cookie better-auth.session_data")
	return ""
}

// mailed is the token of the link that the issuer mailed at sign-up.
func (a *account) mailed(t *testing.T) string {
	t.Helper()
	reply, err := http.Get(a.issuer.url + "/mails")
	var mails []struct{ To, Token string }
	read(t, reply, err, &mails)
	for _, mail := range mails {
		if mail.To == a.email {
			return mail.Token
		}
	}
	t.Fatalf("no mail was sent to %s", a.email)
	return ""
}

func read(t *testing.T, reply *http.Response, err error, into any) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	if reply.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s\n%s", reply.Request.URL, reply.Status, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("%s: %v\n%s", reply.Request.URL, err, body)
	}
}
