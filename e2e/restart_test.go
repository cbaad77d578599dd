package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"taskhold/adapters/httpapi/apitest"
	"taskhold/adapters/postgres/postgrestest"
)

// fleet are replicas of the program on one database, at ports that they keep,
// behind the HAProxy that ops/ has the settings of.
type fleet struct {
	settings []string
	ports    []string
	replicas []*server
	url      string // of the proxy
}

func startFleet(t *testing.T, secret string) *fleet {
	t.Helper()
	f := &fleet{settings: unlimited(secret, "DATABASE_URL="+postgrestest.Empty(t), "DB_POOL_SIZE=4", "SHUTDOWN_DELAY=1s")}
	for range 3 {
		f.ports = append(f.ports, freePort(t))
		f.replicas = append(f.replicas, nil)
		f.start(t, len(f.replicas)-1)
	}
	for _, s := range f.replicas {
		s.url = "http://" + s.await(t, serverListens)
	}
	f.proxy(t)
	return f
}

func (f *fleet) start(t *testing.T, i int) {
	t.Helper()
	environment := append([]string{"API_HOST=127.0.0.1", "API_PORT=" + f.ports[i], "ADMIN_ADDR=off"}, f.settings...)
	f.replicas[i] = &server{process: start(t, "", environment, binary, "serve")}
}

// proxy starts HAProxy with the settings of ops/, but for the ports.
func (f *fleet) proxy(t *testing.T) {
	t.Helper()
	settings, err := os.ReadFile("../ops/haproxy/haproxy.cfg")
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	f.url = "http://127.0.0.1:" + port
	text := strings.Replace(string(settings), "bind 127.0.0.1:8000", "bind 127.0.0.1:"+port, 1)
	for i, port := range f.ports {
		documented := fmt.Sprintf("127.0.0.1:800%d", i+1)
		if strings.Count(text, documented) != 1 {
			t.Fatalf("ops/haproxy/haproxy.cfg names %s %d times", documented, strings.Count(text, documented))
		}
		text = strings.Replace(text, documented, "127.0.0.1:"+port, 1)
	}
	file := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, "", nil, needed(t, "haproxy"), "-db", "-f", file)
	f.awaitProxy(t)
}

func (f *fleet) awaitProxy(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if answer, err := http.Get(f.url + "/readyz"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
	}
	t.Fatalf("nothing answers behind the proxy in %s", patience)
}

// restart asks a replica to end, wants it to do so in good order, and puts a
// new process in its place, which is left a second to be noticed.
func (f *fleet) restart(t *testing.T, i int) {
	t.Helper()
	f.replicas[i].stop(t)
	if served := strings.Count(f.replicas[i].output.String(), `"msg":"request"`); served < 5 {
		t.Errorf("replica %d served only %d requests", i, served)
	}
	f.start(t, i)
	f.replicas[i].await(t, serverListens)
	time.Sleep(time.Second)
}

// TestRollingRestartFailsNoRequest restarts each of three replicas, three
// times, while eight clients read and write by connections that they keep. No
// client tries anything twice.
func TestRollingRestartFailsNoRequest(t *testing.T) {
	t.Parallel()
	secret := newSecret()
	f := startFleet(t, secret)
	clients := begin(t, f.url, secret, false)
	time.Sleep(time.Second)
	began := time.Now()
	for range 3 {
		for i := range f.replicas {
			f.restart(t, i)
		}
	}
	t.Logf("nine restarts took %.0f s", time.Since(began).Seconds())
	if report := end(t, clients); report.Failed() > 0 || report.Gap > 10*time.Second {
		t.Errorf("%d requests failed, no write for %s", report.Failed(), report.Gap)
	}
}

// TestReplicasKeepTheContractTogether sends each request to the next replica in
// turn: what one of them knew alone, the next would not.
func TestReplicasKeepTheContractTogether(t *testing.T) {
	t.Parallel()
	secret := newSecret()
	f := startFleet(t, secret)
	apitest.Run(t, apitest.Connect(t, f.url, tokensBy(t, secret)), "framing")
	for i, s := range f.replicas {
		if served := strings.Count(s.output.String(), `"msg":"request"`); served < 100 {
			t.Errorf("replica %d served only %d requests", i, served)
		}
	}
}
