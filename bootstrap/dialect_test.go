package bootstrap_test

import (
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"taskhold/bootstrap"
)

var anyID = regexp.MustCompile(`[0-9a-f-]{36}`)

// TestEveryDialectIsSpoken starts the program once for each value of each
// variable: what the configuration accepts, the adapter knows.
func TestEveryDialectIsSpoken(t *testing.T) {
	for _, test := range []struct{ variable, list, task, gone string }{
		{"DIALECT=on", `[{"id":`, `{"id":`, ""},
		{"DIALECT_LIST=array", `[{"id":`, `{"id":`, ""},
		{"DIALECT_LIST=tasks", `{"tasks":[{"id":`, `{"id":`, ""},
		{"DIALECT_LIST=todos", `{"todos":[{"id":`, `{"id":`, ""},
		{"DIALECT_LIST=items", `{"items":[{"id":`, `{"id":`, ""},
		{"DIALECT_LIST=data", `{"data":{"tasks":[{"id":`, `{"id":`, ""},
		{"DIALECT_TASK=bare", `[{"id":`, `{"id":`, ""},
		{"DIALECT_TASK=task", `[{"id":`, `{"task":{"id":`, ""},
		{"DIALECT_TASK=data", `[{"id":`, `{"data":{"id":`, ""},
		{"DIALECT_TASK=data.task", `[{"id":`, `{"data":{"task":{"id":`, ""},
		{"DIALECT_FIELDS=all", `[{"id":`, `{"id":`, ""},
		{"DIALECT_FIELDS=snake", `[{"id":`, `{"id":`, ""},
		{"DIALECT_FIELDS=camel", `[{"id":`, `{"id":`, ""},
		{"DIALECT_DELETE=204", `[{"id":`, `{"id":`, ""},
		{"DIALECT_DELETE=200", `[{"id":`, `{"id":`, `{"message":`},
	} {
		t.Run(test.variable, func(t *testing.T) {
			t.Parallel()
			server := start(t, append(environOf("sqlite:"+filepath.Join(t.TempDir(), "tasks.db")), test.variable), "serve")
			_, made := call(t, "POST", server.base+"/api/tasks", `{"title": "milk"}`)
			_, list := call(t, "GET", server.base+"/api/tasks", "")
			_, gone := call(t, "DELETE", server.base+"/api/tasks/"+anyID.FindString(made), "")
			for what, got := range map[string][2]string{"task": {made, test.task}, "list": {list, test.list}, "delete": {gone, test.gone}} {
				if !strings.HasPrefix(got[0], got[1]) || got[1] == "" && got[0] != "" {
					t.Errorf("the %s is answered %s, want %s…", what, got[0], got[1])
				}
			}
		})
	}
}

func TestADoorThatIsClosedIsNoDoor(t *testing.T) {
	server := start(t, append(environOf("sqlite:"+filepath.Join(t.TempDir(), "tasks.db")), "DIALECT=off"), "serve")
	for _, path := range []string{"/api/tasks", "/api/ann/tasks", "/openapi-api.json"} {
		status, body := call(t, "GET", server.base+path, "")
		if status != http.StatusNotFound || !strings.Contains(body, `"type":`) {
			t.Errorf("GET %s = %d %s, want the 404 of any address that is none", path, status, body)
		}
	}
}

func TestADialectThatNobodySpeaksIsRefused(t *testing.T) {
	for _, variable := range []string{"DIALECT=maybe", "DIALECT_LIST=list", "DIALECT_TASK=tasks", "DIALECT_FIELDS=kebab", "DIALECT_DELETE=205"} {
		name, _, _ := strings.Cut(variable, "=")
		_, err := bootstrap.ReadConfig(least(variable), nil)
		if err == nil || !strings.Contains(err.Error(), name+" must be one of") {
			t.Errorf("%s: %v, want a fault that names what there is", variable, err)
		}
	}
}
