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
			if refused := operate(t, erase, ""); refused != http.StatusUnauthorized {
				t.Errorf("without a token: %d", refused)
			}
			for range 2 {
				if done := operate(t, erase, "Bearer "+token); done != http.StatusNoContent {
					t.Errorf("erase = %d, want 204", done)
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

// operate sends a POST to the operators' listener.
func operate(t *testing.T, url, authorization string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

func TestOperatorsRoutesAreNotPublic(t *testing.T) {
	server := start(t, environOf("sqlite:"+filepath.Join(t.TempDir(), "tasks.db")), "serve")
	for _, path := range []string{"/debug/pprof/", "/internal/users/ann/erase", "/metrics"} {
		if status, body := call(t, "POST", server.base+path, ""); status != http.StatusNotFound {
			t.Errorf("POST %s = %d %s", path, status, body)
		}
	}
}
