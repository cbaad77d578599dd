package load

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// fake is a small service of tasks that may have one flaw.
type fake struct {
	flaw string

	mu      sync.Mutex
	tasks   map[string]map[string]*task // by user and id
	replies map[string]string           // by user and key
	calls   int
}

// has reports whether the fake has a flaw, which it shows at each tenth request.
func (f *fake) has(flaw string) bool { return f.flaw == flaw && f.calls%10 == 0 }

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	user, key := r.Header.Get("Authorization"), r.Header.Get("Idempotency-Key")
	if f.tasks[user] == nil {
		f.tasks[user] = map[string]*task{}
	}
	if f.has("fails") {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if reply, known := f.replies[user+key]; known && key != "" {
		w.Header().Set("Idempotent-Replayed", "true")
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, reply)
		return
	}
	status, reply := f.act(r, f.tasks[user])
	if key != "" && status < 300 && !f.has("forgets keys") {
		f.replies[user+key] = reply
	}
	w.WriteHeader(status)
	fmt.Fprint(w, reply)
}

// act carries out a request on the tasks of its user.
func (f *fake) act(r *http.Request, tasks map[string]*task) (status int, reply string) {
	var asked task
	_ = json.NewDecoder(r.Body).Decode(&asked)
	id := strings.TrimPrefix(r.URL.Path, "/v1/tasks/")
	switch {
	case r.Method == http.MethodPost:
		return http.StatusCreated, f.create(tasks, asked.Title)
	case r.Method == http.MethodPatch:
		return f.edit(tasks[id], r.Header.Get("If-Match"), asked.Title)
	case id != r.URL.Path && f.has("reads late"):
		return http.StatusNotFound, "{}"
	case id != r.URL.Path:
		return http.StatusOK, tasks[id].json()
	}
	var items []string
	for _, t := range tasks {
		items = append(items, t.json())
	}
	return http.StatusOK, `{"items":[` + strings.Join(items, ",") + `]}`
}

func (f *fake) create(tasks map[string]*task, title string) string {
	made := &task{ID: fmt.Sprint("id-", f.calls), Title: title, Version: 1}
	if !f.has("loses") {
		tasks[made.ID] = made
	}
	if f.has("doubles") {
		tasks["another-"+made.ID] = &task{ID: "another-" + made.ID, Title: title, Version: 1}
	}
	return made.json()
}

func (f *fake) edit(t *task, version, title string) (status int, reply string) {
	switch {
	case f.flaw == "compares no versions":
		_, _ = fmt.Sscanf(version, `"%d"`, &t.Version)
	case version != fmt.Sprintf(`"%d"`, t.Version):
		return http.StatusPreconditionFailed, `{"current":` + t.json() + `}`
	}
	t.Version++
	t.Title = title
	if f.has("edits twice") {
		t.Version++
		return http.StatusOK, (&task{ID: t.ID, Title: title, Version: t.Version - 1}).json()
	}
	return http.StatusOK, t.json()
}

func (t *task) json() string {
	if t == nil {
		return "{}"
	}
	return fmt.Sprintf(`{"id":%q,"title":%q,"version":%d}`, t.ID, t.Title, t.Version)
}

// TestEveryFlawIsFound shows flawed services to the load.
func TestEveryFlawIsFound(t *testing.T) {
	for flaw, wrong := range map[string]string{
		"":                     "",
		"fails":                "",
		"loses":                "lost",
		"doubles":              "doubled",
		"edits twice":          "doubled",
		"forgets keys":         "unequal",
		"reads late":           "stale",
		"compares no versions": "acknowledged to",
	} {
		t.Run("a service that "+flaw, func(t *testing.T) {
			t.Parallel()
			f := &fake{flaw: flaw, tasks: map[string]map[string]*task{}, replies: map[string]string{}, calls: 3}
			service := httptest.NewServer(f)
			defer service.Close()
			l, err := Start(t.Context(), Settings{
				URL: service.URL, Token: func(user string) string { return user },
				Users: 3, Pause: time.Millisecond, Timeout: 10 * time.Second, Retry: true,
			})
			if err != nil {
				t.Fatal(err)
			}
			for deadline := time.Now().Add(30 * time.Second); l.Writes() < 100 && time.Now().Before(deadline); {
				time.Sleep(time.Millisecond)
			}
			report, err := l.Stop(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got := report.Wrong(); !strings.Contains(got, wrong) || wrong == "" && got != "" {
				t.Errorf("found %q, want %q", got, wrong)
			}
			if failed := report.Failed() > 0; failed != (flaw == "fails") || report.Writes < 100 || report.Reads < 30 {
				t.Errorf("it reports %v", report)
			}
		})
	}
}
