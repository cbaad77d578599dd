package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// TestAccepted signs two users up at a real Better Auth, in every way in which
// it can be set up to sign, and lets them work with what it gave them.
func TestAccepted(t *testing.T) {
	jwt, cookie := (*account).jwt, (*account).sessionJWT
	byKeys, bySecret := (*issuer).byKeys, (*issuer).bySecret
	for _, mode := range []struct {
		name   string
		issuer []string
		trust  func(*issuer) []string
		token  func(*account, *testing.T) string
	}{
		{"EdDSA", []string{"ALG=EdDSA"}, byKeys, jwt},
		{"Ed25519, the new name of EdDSA", []string{"ALG=Ed25519"}, byKeys, jwt},
		{"ES256", []string{"ALG=ES256"}, byKeys, jwt},
		{"ES384", []string{"ALG=ES384"}, byKeys, jwt},
		{"ES512", []string{"ALG=ES512"}, byKeys, jwt},
		{"RS256", []string{"ALG=RS256"}, byKeys, jwt},
		{"PS256", []string{"ALG=PS256"}, byKeys, jwt},
		{"HS256 by a signer with the secret", []string{"ALG=HS256-shared-secret"}, bySecret, jwt},
		{"HS256 in the session cookie", []string{"ALG=cookie-jwt"}, bySecret, cookie},
		{"ids of users and keys that are numbers", []string{"ID_KIND=serial"}, byKeys, jwt},
		{"ids of users and keys that are UUIDs", []string{"ID_KIND=uuid"}, byKeys, jwt},
	} {
		t.Run(mode.name, func(t *testing.T) {
			t.Parallel()
			issuer := startIssuer(t, mode.issuer...)
			alice, bob := issuer.signUp(t, "alice"), issuer.signUp(t, "bob")
			tokens := []string{mode.token(alice, t), mode.token(bob, t)}
			server := serveWithKeys(t, tokens[1], mode.trust(issuer)...)
			work(t, alice.id, server.as(tokens[0]), server.as(tokens[1]))
			if said := server.output.String(); strings.Contains(said, tokens[0]) || strings.Contains(said, tokens[1]) {
				t.Error("the log holds a token")
			}
		})
	}
}

// work has a user create, list, change, complete and delete a task, and another
// see nothing of it.
func work(t *testing.T, id string, user, other client) {
	t.Helper()
	made := user.want(t, http.StatusCreated, "POST", "/v1/tasks", `{"title": "Buy milk"}`).task(t)
	if made.UserID != id {
		t.Errorf("the task belongs to %q, want %q, who signed up", made.UserID, id)
	}
	path := "/v1/tasks/" + made.ID
	seesNothing(t, other, path)
	if listed := user.list(t); len(listed) != 1 || listed[0] != made {
		t.Errorf("the list is %+v, want the created %+v alone", listed, made)
	}
	made.Priority, made.Version = "high", 2
	if changed := user.want(t, http.StatusOK, "PATCH", path, `{"priority": "high"}`).task(t); changed != made {
		t.Errorf("patched it is %+v, want %+v", changed, made)
	}
	made.Completed, made.Version = true, 3
	if done := user.want(t, http.StatusOK, "POST", path+"/complete", "").task(t); done != made {
		t.Errorf("completed it is %+v, want %+v", done, made)
	}
	user.want(t, http.StatusNoContent, "DELETE", path, "")
	user.want(t, http.StatusNotFound, "GET", path, "")
}

func seesNothing(t *testing.T, c client, path string) {
	t.Helper()
	if listed := c.list(t); len(listed) != 0 {
		t.Errorf("another user's list is %+v, want nothing", listed)
	}
	c.want(t, http.StatusNotFound, "GET", path, "")
	c.want(t, http.StatusNotFound, "PATCH", path, `{"title": "Mine now"}`)
	c.want(t, http.StatusNotFound, "POST", path+"/complete", "")
	c.want(t, http.StatusNotFound, "DELETE", path, "")
}
