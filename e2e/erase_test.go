package e2e

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"taskhold/adapters/postgres/postgrestest"
)

var adminListens = regexp.MustCompile(`"admin_address":"([^"]+)"`)

// operated is a program that Better Auth tells of deleted users.
type operated struct {
	*server
	database, admin, token string
	secret                 string // of the issuer
}

func serveOperated(t *testing.T) operated {
	t.Helper()
	o := operated{database: postgrestest.Empty(t), token: newSecret(), secret: newSecret()}
	o.server = serve(t, "DATABASE_URL="+o.database, "BETTER_AUTH_SECRET="+o.secret, "ADMIN_TOKEN="+o.token)
	o.admin = "http://" + o.await(t, adminListens)
	return o
}

// startIssuer starts a Better Auth whose hook calls that address. The first
// user to sign up there is its admin.
func (o operated) startIssuer(t *testing.T, admin string) *issuer {
	t.Helper()
	return startIssuer(t, "ALG=HS256-shared-secret", "BETTER_AUTH_SECRET="+o.secret, "ADMIN=1", "ID_KIND=serial",
		"TASKHOLD_ADMIN_URL="+admin, "TASKHOLD_ADMIN_TOKEN="+o.token)
}

// erase calls as the hook does.
func (o operated) erase(t *testing.T, user string) {
	t.Helper()
	operator := client{o.admin, map[string]string{"Authorization": "Bearer " + o.token}}
	operator.want(t, http.StatusNoContent, "POST", "/internal/users/"+user+"/erase", "")
}

// rows counts what the database holds of a user, in all tables but the one
// that remembers who was erased.
func (o operated) rows(t *testing.T, user string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), o.database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	const tables = `SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'user_id' AND table_name <> 'users'`
	found, err := conn.Query(t.Context(), tables)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil || len(names) < 2 {
		t.Fatalf("the tables with a user are %q: %v", names, err)
	}
	for _, name := range names {
		var some int
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM "+pgx.Identifier{name}.Sanitize()+" WHERE user_id = $1", user).Scan(&some); err != nil {
			t.Fatal(err)
		}
		n += some
	}
	return n
}

// TestADeletedUser deletes users at a real Better Auth, whose hook is that of
// the README, and asks what their tokens are still good for.
func TestADeletedUser(t *testing.T) {
	t.Parallel()
	o := serveOperated(t)
	issuer := o.startIssuer(t, o.admin)
	chief, bob := issuer.signUp(t, "chief"), issuer.signUp(t, "bob")
	other := o.as(bob.jwt(t))
	other.want(t, http.StatusCreated, "POST", "/v1/tasks", `{"title": "Bob's"}`)
	for _, way := range []struct {
		name   string
		delete func(*testing.T, *account)
	}{
		{"by themselves", func(t *testing.T, a *account) {
			a.ask(t, http.StatusOK, "/delete-user", `{"password": "correct horse battery"}`)
		}},
		{"by an admin", func(t *testing.T, a *account) {
			chief.ask(t, http.StatusOK, "/admin/remove-user", `{"userId": "`+a.id+`"}`)
		}},
	} {
		t.Run(way.name, func(t *testing.T) {
			gone := issuer.signUp(t, strings.ReplaceAll(way.name, " ", "-"))
			user := o.as(gone.jwt(t))
			keyed := user
			keyed.headers = map[string]string{"Authorization": user.headers["Authorization"], "Idempotency-Key": "the-first"}
			keyed.want(t, http.StatusCreated, "POST", "/v1/tasks", `{"title": "Under a key"}`)
			path := "/v1/tasks/" + user.want(t, http.StatusCreated, "POST", "/v1/tasks", `{"title": "Another"}`).task(t).ID
			if n := o.rows(t, gone.id); n < 3 {
				t.Fatalf("the database holds %d rows of the user, want two tasks and a key", n)
			}

			way.delete(t, gone)
			for range 2 {
				if left := user.list(t); len(left) != 0 {
					t.Errorf("a deleted user has %+v", left)
				}
				user.want(t, http.StatusNotFound, "GET", path, "")
				user.want(t, http.StatusNotFound, "PATCH", path, `{"title": "Again"}`)
				keyed.want(t, http.StatusUnauthorized, "POST", "/v1/tasks", `{"title": "Under a key"}`)
				r := user.want(t, http.StatusUnauthorized, "POST", "/v1/tasks", `{"title": "Another"}`)
				if got := r.header.Get("WWW-Authenticate"); got != invalidToken {
					t.Errorf("WWW-Authenticate is %q, want %q", got, invalidToken)
				}
				if n := o.rows(t, gone.id); n != 0 {
					t.Errorf("the database holds %d rows of the user", n)
				}
				if left := other.list(t); len(left) != 1 {
					t.Errorf("another user has %+v, want one task", left)
				}
				o.erase(t, gone.id) // again, and nothing is different
			}
		})
	}
	if n := o.rows(t, bob.id); n != 1 {
		t.Errorf("the database holds %d rows of another user, want 1", n)
	}
}

// TestADeletionThatIsNotHeardOf has the hook call where nobody listens. Better
// Auth has deleted the user by then and says that something went wrong; the
// call that is missing can be made at any time.
func TestADeletionThatIsNotHeardOf(t *testing.T) {
	t.Parallel()
	o := serveOperated(t)
	issuer := o.startIssuer(t, "http://127.0.0.1:"+freePort(t))
	alice := issuer.signUp(t, "alice")
	user := o.as(alice.jwt(t))
	user.want(t, http.StatusCreated, "POST", "/v1/tasks", `{"title": "Left behind"}`)
	alice.ask(t, http.StatusInternalServerError, "/delete-user", `{"password": "correct horse battery"}`)
	alice.ask(t, http.StatusUnauthorized, "/sign-in/email", `{"email": "`+alice.email+`", "password": "correct horse battery"}`)
	if left := user.list(t); len(left) != 1 {
		t.Errorf("before the call the user has %+v, want one task", left)
	}
	o.erase(t, alice.id)
	if left := user.list(t); len(left) != 0 || o.rows(t, alice.id) != 0 {
		t.Errorf("after the call the user has %+v", left)
	}
}

func TestTheHookIsThatOfTheREADME(t *testing.T) {
	readme, server := text(t, "../README.md"), text(t, "authserver/server.mjs")
	_, after, _ := strings.Cut(readme, "```ts\ndatabaseHooks")
	hook, _, found := strings.Cut("databaseHooks"+after, "```")
	if !found || !strings.Contains(server, hook) {
		t.Errorf("authserver/server.mjs does not have what README.md shows:\n%s", hook)
	}
}

// text is a file without the white space that begins its lines.
func text(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`(?m)^[ \t]+`).ReplaceAllString(string(content), "")
}
