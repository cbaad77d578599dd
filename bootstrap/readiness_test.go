package bootstrap_test

import (
	"net/http"
	"testing"
	"time"

	"taskhold/adapters/postgres/postgrestest"
)

// A serverless database is paid for while it is asked, so nobody may ask it
// only to know that it is there.
func TestADatabaseMaySleepWhileReadinessIsAskedFor(t *testing.T) {
	way := postgrestest.NewProxy(t, postgrestest.Empty(t))
	server := start(t, append(environOf(way.URL), "DB_IDLE_TIMEOUT=1s", "DB_POOL_TIMEOUT=1s"), "serve")
	ready := func(want int) {
		t.Helper()
		if status, body := call(t, "GET", server.base+"/readyz", ""); status != want {
			t.Fatalf("GET /readyz = %d %s, want %d", status, body, want)
		}
	}
	eventually(t, func() bool { ready(http.StatusOK); return way.Open() == 0 })
	before := way.Sent()
	for range 30 {
		ready(http.StatusOK)
		time.Sleep(50 * time.Millisecond)
	}
	if asked := way.Sent() - before; asked > 0 || way.Open() > 0 {
		t.Errorf("the database was sent %d bytes by %d connections", asked, way.Open())
	}
	way.Delay(time.Second)
	if status, body := call(t, "GET", server.base+"/v1/tasks", ""); status != http.StatusOK {
		t.Errorf("the first request after the sleep: %d %s", status, body)
	}
}

func TestReadinessFollowsTheStore(t *testing.T) {
	cluster := postgrestest.StartCluster(t, postgrestest.Durable())
	server := start(t, append(environOf(cluster.URL("postgres")), "DB_POOL_TIMEOUT=1s"), "serve")
	status := func(path string) int { got, _ := call(t, "GET", server.base+path, ""); return got }
	if got := status("/v1/tasks"); got != http.StatusOK {
		t.Fatalf("GET = %d", got)
	}
	if err := cluster.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return status("/readyz") == http.StatusServiceUnavailable })
	if got := status("/v1/tasks"); got != http.StatusServiceUnavailable {
		t.Errorf("GET without a database = %d", got)
	}
	for path, want := range map[string]int{"/v1/tasks/none": http.StatusNotFound, "/livez": http.StatusOK} { // which ask no store
		if got := status(path); got != want {
			t.Errorf("GET %s = %d", path, got)
		}
	}
	if got := status("/readyz"); got != http.StatusServiceUnavailable {
		t.Errorf("GET /readyz = %d after what asked no store", got)
	}
	if err := cluster.Start(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	eventually(t, func() bool { return status("/readyz") == http.StatusOK })
	if got := status("/v1/tasks"); got != http.StatusOK || time.Since(began) > 20*time.Second {
		t.Errorf("GET = %d, %v after the database was back", got, time.Since(began))
	}
}

func TestAStatementEndsWithAProgramThatIsKilled(t *testing.T) {
	url := postgrestest.Empty(t)
	server := start(t, environOf(url), "serve")
	lockTasks(t, url)
	answered := waiting(t, server, url)
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-answered
	session, began := postgrestest.Connect(t, url), time.Now()
	eventually(t, func() bool { return session.Count(held) == 0 })
	if took := time.Since(began); took > 8*time.Second { // before its own time would be up
		t.Errorf("the statement ran on for %v", took)
	}
}
