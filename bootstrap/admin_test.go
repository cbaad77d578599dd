package bootstrap_test

import (
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var adminListening = regexp.MustCompile(`"admin_address": ?"([^"]+)"`)

func TestAnErasedUserCanBringNothingBack(t *testing.T) {
	for engine, url := range stores(t) {
		t.Run(engine, func(t *testing.T) {
			const token = "an-operator's-token-0123456789abcdef"
			server := start(t, append(environOf(url), "ADMIN_ADDR=127.0.0.1:0", "ADMIN_TOKEN="+token), "serve")
			status, body := call(t, "POST", server.base+"/v1/tasks", `{"title": "milk"}`)
			if status != http.StatusCreated {
				t.Fatalf("POST = %d %s", status, body)
			}
			erase := "http://" + server.await(t, adminListening) + "/internal/users/ann/erase"
			if refused := shell(t, "curl -s -o /dev/null -w '%{http_code}' -X POST "+erase); refused != "401" {
				t.Errorf("without a token: %s", refused)
			}
			for range 2 {
				if done := shell(t, `curl -s -o /dev/null -w '%{http_code}' -X POST -H "Authorization: Bearer `+token+`" `+erase); done != "204" {
					t.Errorf("erase = %s, want 204", done)
				}
			}
			if status, body := call(t, "POST", server.base+"/v1/tasks", `{"title": "milk"}`); status != http.StatusUnauthorized {
				t.Errorf("POST by an erased user = %d %s", status, body)
			}
			if found := all(t, server.base); len(found) != 0 {
				t.Errorf("an erased user has %v", found)
			}
			if strings.Contains(server.output.String(), "ann") {
				t.Errorf("the log names the user:\n%s", server.output)
			}
		})
	}
}

func TestOperatorsRoutesAreNotPublic(t *testing.T) {
	server := start(t, environOf("sqlite:"+filepath.Join(t.TempDir(), "tasks.db")), "serve")
	for _, path := range []string{"/debug/pprof/", "/internal/users/ann/erase", "/metrics"} {
		if status, body := call(t, "POST", server.base+path, ""); status != http.StatusNotFound {
			t.Errorf("POST %s = %d %s", path, status, body)
		}
	}
}
