package bootstrap_test

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"taskhold/adapters/httpapi/apitest"
	"taskhold/adapters/postgres"
	"taskhold/adapters/sqlite"
	"taskhold/domain/identity"
	"taskhold/ports"
)

// noLimits lets a test ask more than a person would.
var noLimits = []string{"RATE_LIMIT_READ=off", "RATE_LIMIT_WRITE=off", "RATE_LIMIT_DENIED=off", "OVERLOAD_WAIT=1m"}

// connect starts the program on a store and returns it as a service.
func connect(t *testing.T, url string) *apitest.Service {
	t.Helper()
	server := start(t, append(environOf(url), noLimits...), "serve")
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the program's last words:\n%.4000s", last(server.output.String(), 4000))
		}
	})
	return apitest.Connect(t, server.base, func(user string) string { return tokenOf(t, user) })
}

func last(text string, n int) string { return text[max(0, len(text)-n):] }

func TestTheProgramKeepsTheContract(t *testing.T) {
	for engine, url := range stores(t) {
		t.Run(engine, func(t *testing.T) { apitest.Run(t, connect(t, url)) })
	}
}

// TestNoRouteReachesAnothersRows lets Mallory try every operation of the
// document on Alice's task, with all that is Alice's but her token, and then
// compares what the database holds of Alice.
func TestNoRouteReachesAnothersRows(t *testing.T) {
	for engine, url := range stores(t) {
		t.Run(engine, func(t *testing.T) {
			service := connect(t, url)
			alice, mallory := service.User(t, "alice"), service.User(t, "mallory")
			id := alice.Ask("POST", "/v1/tasks", `{"title": "of alice", "tags": ["alices-own-tag"]}`, "Idempotency-Key: alices").Want(201, "").JSON["id"].(string)
			alice.Ask("POST", "/v1/tasks", `{"title": "of alice too"}`).Want(201, "")
			cursor := alice.Ask("GET", "/v1/tasks?limit=1", "").Want(200, "").JSON["next_cursor"].(string)
			before := rowsOf(t, url, alice.ID)
			if before.Total != 2 || len(before.Tasks) != 2 {
				t.Fatalf("alice has %+v, want two tasks", before)
			}
			bodies := []string{"", "{}", `{"title": "of mallory"}`, wholeTask(id, alice.ID), batchAgainst(id)}
			tried := 0
			for path, methods := range operations(t, mallory) {
				path = strings.NewReplacer("{id}", id, "{slug}", "not-found").Replace(path)
				for _, method := range methods {
					for _, body := range bodies {
						for _, header := range []string{"", `If-Match: "1"`, "If-Match: *", "Idempotency-Key: alices"} {
							for _, query := range []string{"", "?cursor=" + cursor, "?user_id=" + alice.ID} {
								answer := mallory.Ask(method, path+query, body, header)
								tried++
								if strings.Contains(answer.Text, "of alice") || strings.Contains(answer.Text, "alices-own") || answer.StatusCode >= http.StatusInternalServerError {
									t.Errorf("%s %s %s %s: %d %s", method, path+query, header, body, answer.StatusCode, answer.Text)
								}
							}
						}
					}
				}
			}
			if tried < 500 {
				t.Errorf("only %d requests were tried", tried)
			}
			if after := rowsOf(t, url, alice.ID); !reflect.DeepEqual(after, before) {
				t.Errorf("alice's rows were\n%+v and are\n%+v", before, after)
			}
		})
	}
}

// operations are the paths and methods of the served document.
func operations(t *testing.T, c apitest.Client) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for path, item := range c.Ask("GET", "/openapi.json", "").Want(200, "").JSON["paths"].(map[string]any) {
		for method := range item.(map[string]any) {
			if method != "parameters" {
				found[path] = append(found[path], strings.ToUpper(method))
			}
		}
	}
	if len(found) < 10 {
		t.Fatalf("the document has %d paths", len(found))
	}
	return found
}

func wholeTask(id, user string) string {
	return `{"id": "` + id + `", "user_id": "` + user + `", "title": "of mallory", "description": "", "completed": true,
		"priority": "none", "due_date": null, "due_at": null, "tags": [], "version": 1}`
}

func batchAgainst(id string) string {
	return `{"atomic": false, "operations": [{"op": "delete", "id": "` + id + `"},
		{"op": "patch", "id": "` + id + `", "if_match": "\"1\"", "patch": {"title": "of mallory"}}]}`
}

// rowsOf reads what the database holds of a user, past the program.
func rowsOf(t *testing.T, url, name string) ports.Page {
	t.Helper()
	user, err := identity.ParseUserID(name)
	if err != nil {
		t.Fatal(err)
	}
	store := openStore(t, url)
	page, err := store.List(t.Context(), user, ports.Query{Limit: 1000, Count: true})
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func openStore(t *testing.T, url string) ports.Store {
	t.Helper()
	if strings.HasPrefix(url, "sqlite:") {
		store, err := sqlite.Open(context.Background(), url, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		return store
	}
	store, err := postgres.Open(context.Background(), url, postgres.Options{PoolSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}
