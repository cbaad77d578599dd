package isolation_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"taskhold/proof"
	"taskhold/proof/isolation"
)

const people, connections = 300, 24

func crowd(t *testing.T, base string, seed uint64) *isolation.Crowd {
	t.Helper()
	return isolation.NewCrowd(base, people, seed, func(user string) string { return proof.Token(t, user) })
}

func mingle(t *testing.T, base string, during time.Duration) {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	c := crowd(t, base, seed)
	for _, fault := range c.Mingle(connections, seed, during) {
		t.Error(fault)
	}
	t.Logf("%d people asked %d times: %v", people, c.Asked, c.Seen)
	for _, status := range []int{200, 201, 400, 404} {
		if c.Seen[status] == 0 {
			t.Errorf("nobody was answered %d: then little was asked", status)
		}
	}
}

func TestNoReplyHoldsAByteOfAnotherUserInMemory(t *testing.T) {
	mingle(t, proof.ServeMemory(t), proof.Time(t, 3*time.Second))
}

func TestNoReplyHoldsAByteOfAnotherUserOnSQLite(t *testing.T) {
	mingle(t, proof.Serve(t, "sqlite:"+filepath.Join(t.TempDir(), "tasks.db")), proof.Time(t, 3*time.Second))
}

// TestALeakIsSeen holds the check itself against services that leak.
func TestALeakIsSeen(t *testing.T) {
	for name, leak := range map[string]func(count int64, r *http.Request, leaked string, w http.ResponseWriter) bool{
		"a body of the request before": func(count int64, _ *http.Request, leaked string, w http.ResponseWriter) bool {
			if count%20 != 0 || leaked == "" {
				return false
			}
			fmt.Fprint(w, leaked)
			return true
		},
		"a header that names another": func(count int64, _ *http.Request, leaked string, w http.ResponseWriter) bool {
			if at := strings.Index(leaked, "mark"); count%20 == 0 && at >= 0 {
				w.Header().Set("X-Request-Id", leaked[at:at+20])
			}
			return false
		},
		"the token told back": func(count int64, r *http.Request, _ string, w http.ResponseWriter) bool {
			if count%20 == 0 {
				w.Header().Set("X-Debug", r.Header.Get("Authorization"))
			}
			return false
		},
		"another user's token": func(_ int64, r *http.Request, _ string, _ http.ResponseWriter) bool {
			if token, ok := swapped.Swap(r.Header.Get("Authorization")).(string); ok && r.Method == http.MethodGet {
				r.Header.Set("Authorization", token)
			}
			return false
		},
	} {
		t.Run(name, func(t *testing.T) {
			base := leaking(t, proof.ServeMemory(t), leak)
			c := crowd(t, base, 1)
			for seed := range uint64(60) { // until somebody does; a slow machine asks little in one turn
				if len(c.Mingle(4, seed, 500*time.Millisecond)) > 0 {
					return
				}
			}
			t.Error("nobody objects")
		})
	}
}

var swapped atomic.Value

// leaking is a proxy before a service that keeps the last body it passed on.
func leaking(t *testing.T, base string, leak func(int64, *http.Request, string, http.ResponseWriter) bool) string {
	t.Helper()
	target, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	var count atomic.Int64
	var last atomic.Value
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadRequest) }
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leaked, _ := last.Load().(string)
		if leak(count.Add(1), r, leaked, w) {
			return
		}
		kept := httptest.NewRecorder()
		proxy.ServeHTTP(kept, r)
		last.Store(kept.Body.String())
		for name, values := range kept.Header() {
			if w.Header().Get(name) == "" {
				w.Header()[name] = values
			}
		}
		w.WriteHeader(kept.Code)
		_, _ = w.Write(kept.Body.Bytes())
	}))
	t.Cleanup(server.Close)
	return server.URL
}
