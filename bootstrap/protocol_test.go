package bootstrap_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"taskhold/adapters/httpapi/apitest"
)

// TestNoUpdateIsLost lets 50 clients compare and set one task 200 times each.
// Every write that was acknowledged has a version of its own, without a gap.
func TestNoUpdateIsLost(t *testing.T) {
	const clients, tries = 50, 200
	for engine, url := range stores(t) {
		t.Run(engine, func(t *testing.T) {
			ann := connect(t, url).User(t, "ann")
			path := "/v1/tasks/" + ann.Ask("POST", "/v1/tasks", `{"title": "0"}`).Want(201, "").JSON["id"].(string)
			var (
				mu       sync.Mutex
				versions []int
				wg       sync.WaitGroup
			)
			for client := range clients {
				wg.Go(func() {
					etag := `"1"`
					for try := range tries {
						reply := ann.Ask("PATCH", path, fmt.Sprintf(`{"title": "%d of %d"}`, try, client), "If-Match: "+etag)
						switch reply.StatusCode {
						case http.StatusOK:
							mu.Lock()
							versions = append(versions, int(reply.JSON["version"].(float64)))
							mu.Unlock()
							etag = reply.Header.Get("ETag")
						case http.StatusPreconditionFailed:
							etag = fmt.Sprintf(`"%.0f"`, reply.JSON["current"].(map[string]any)["version"])
						default:
							t.Errorf("PATCH = %d %s", reply.StatusCode, reply.Text)
							return
						}
					}
				})
			}
			wg.Wait()
			slices.Sort(versions)
			for i, version := range versions {
				if version != i+2 {
					t.Fatalf("acknowledged version %d stands at place %d: one is lost or doubled", version, i+2)
				}
			}
			if final := ann.Ask("GET", path, "").Want(200, "").JSON["version"]; final != float64(len(versions)+1) {
				t.Errorf("the stored version is %v after %d acknowledged writes", final, len(versions))
			}
			t.Logf("%d of %d writes won", len(versions), clients*tries)
		})
	}
}

// TestOneKeyIsOneTask sends 50 requests with one key at once.
func TestOneKeyIsOneTask(t *testing.T) {
	const twins = 50
	for engine, url := range stores(t) {
		t.Run(engine, func(t *testing.T) {
			ann := connect(t, url).User(t, "ann")
			replies := make([]apitest.Answer, twins)
			var wg sync.WaitGroup
			for i := range replies {
				wg.Go(func() { replies[i] = ann.Ask("POST", "/v1/tasks", `{"title": "once"}`, "Idempotency-Key: twin") })
			}
			wg.Wait()
			executed := 0
			for _, reply := range replies {
				if reply.StatusCode != http.StatusCreated || reply.Text != replies[0].Text {
					t.Errorf("%d %s differs from %s", reply.StatusCode, reply.Text, replies[0].Text)
				}
				if reply.Header.Get("Idempotent-Replayed") == "" {
					executed++
				}
			}
			if rows := rowsOf(t, url, ann.ID); executed != 1 || rows.Total != 1 {
				t.Errorf("%d were carried out and %d tasks are stored, want 1", executed, rows.Total)
			}
		})
	}
}

// TestRetryAfterAKillIsNoSecondTask kills the program while keyed requests
// run, so that some are committed and unanswered, and asks them all again.
func TestRetryAfterAKillIsNoSecondTask(t *testing.T) {
	const clients, each = 8, 400
	for engine, url := range stores(t) {
		t.Run(engine, func(t *testing.T) {
			server := start(t, append(environOf(url), noLimits...), "serve")
			var (
				mu       sync.Mutex
				asked    []string
				answered = map[string]string{} // the id of the task, by key
				wg       sync.WaitGroup
			)
			for client := range clients {
				wg.Go(func() {
					for i := range each {
						key := fmt.Sprintf("key-%d-%d", client, i)
						mu.Lock()
						asked = append(asked, key)
						mu.Unlock()
						status, body := callWith(t, "POST", server.base+"/v1/tasks", `{"title": "`+key+`"}`, key)
						if status != http.StatusCreated {
							return // killed
						}
						mu.Lock()
						answered[key] = idIn(body)
						mu.Unlock()
					}
				})
			}
			time.Sleep(400 * time.Millisecond)
			if err := server.Process.Signal(syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			wg.Wait()
			again := start(t, append(environOf(url), noLimits...), "serve")
			for _, key := range asked {
				status, body := callWith(t, "POST", again.base+"/v1/tasks", `{"title": "`+key+`"}`, key)
				if first, known := answered[key]; status != http.StatusCreated || known && first != idIn(body) {
					t.Errorf("%s again: %d %s, want the task %s", key, status, body, first)
				}
			}
			if stored := all(t, again.base); len(stored) != len(asked) {
				t.Errorf("%d keys made %d tasks", len(asked), len(stored))
			}
			if len(answered) == 0 || len(answered) == clients*each {
				t.Errorf("%d of %d were answered before the kill: it came too early or too late", len(answered), clients*each)
			}
		})
	}
}
