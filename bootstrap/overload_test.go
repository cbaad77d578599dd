package bootstrap_test

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"taskhold/adapters/postgres/postgrestest"
)

// crowd is many clients, each with a connection of its own, who ask for the
// tasks of one user and, a little later, again.
type crowd struct {
	t       *testing.T
	base    string
	token   string
	client  *http.Client
	mu      sync.Mutex
	replies []reply
	failed  atomic.Int64 // without a reply
	over    atomic.Bool
	all     sync.WaitGroup
}

// reply is what one of them was answered.
type reply struct {
	status int
	at     time.Time
	took   time.Duration
	wrong  string // what is not as it has to be
}

func gather(t *testing.T, base string, size int) *crowd {
	t.Helper()
	c := &crowd{t: t, base: base, token: tokenOf(t, "ann")}
	c.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: size}, Timeout: 20 * time.Second}
	for range size {
		c.all.Go(func() {
			for !c.over.Load() {
				c.ask()
				time.Sleep(50 * time.Millisecond)
			}
		})
	}
	t.Cleanup(c.leave)
	return c
}

// leave returns when all have their last reply.
func (c *crowd) leave() {
	c.over.Store(true)
	c.all.Wait()
	c.client.CloseIdleConnections()
}

func (c *crowd) ask() {
	request, err := http.NewRequest("GET", c.base+"/v1/tasks", nil) //nolint:noctx // the client's time-out ends it
	if err != nil {
		c.failed.Add(1)
		return
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	began := time.Now()
	response, err := c.client.Do(request)
	if err != nil {
		c.failed.Add(1)
		return
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	r := reply{status: response.StatusCode, at: time.Now(), took: time.Since(began)}
	switch {
	case err != nil:
		r.wrong = err.Error()
	case r.status == http.StatusServiceUnavailable:
		after, err := strconv.Atoi(response.Header.Get("Retry-After"))
		if err != nil || after < 1 || !strings.Contains(string(body), `"code":"UNAVAILABLE"`) || response.Header.Get("Content-Type") != "application/problem+json" {
			r.wrong = string(body)
		}
	case r.status != http.StatusOK:
		r.wrong = string(body)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.replies = append(c.replies, r)
}

// during are the replies that came in a time.
func (c *crowd) during(from, to time.Time) (found []reply) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.replies {
		if r.at.After(from) && r.at.Before(to) {
			found = append(found, r)
		}
	}
	return found
}

// only returns the replies that had a status.
func only(replies []reply, status int) []reply {
	return slices.DeleteFunc(slices.Clone(replies), func(r reply) bool { return r.status != status })
}

// count tells how many replies had a status.
func count(replies []reply, status int) int { return len(only(replies, status)) }

// slowerThan tells how many replies took longer.
func slowerThan(replies []reply, limit time.Duration) (n int) {
	for _, r := range replies {
		if r.took > limit {
			n++
		}
	}
	return n
}

// quantile is the time within which that part of the replies came.
func quantile(replies []reply, part float64) time.Duration {
	if len(replies) == 0 {
		return 0
	}
	slices.SortFunc(replies, func(a, b reply) int { return int(a.took - b.took) })
	return replies[int(part*float64(len(replies)-1))].took
}

// A store that hangs makes a queue of what is else no load. Nobody may wait in
// it for long, and nothing of it may be left when the store is back.
func TestAStoreThatHangsMakesNoPileUp(t *testing.T) {
	const clients, places, patience = 200, 32, 500 * time.Millisecond
	url := postgrestest.Empty(t)
	server := start(t, append(append(environOf(url), noLimits[:3]...), "ADMIN_ADDR=127.0.0.1:0", "OVERLOAD_WAIT="+patience.String(), "REQUESTS_AT_ONCE="+strconv.Itoa(places)), "serve")
	memory := func() float64 { return sample(t, scrape(t, server), "process_resident_memory_bytes") }
	c := gather(t, server.base, clients)
	time.Sleep(time.Second)
	calm := c.during(time.Time{}, time.Now())
	before := memory()

	free, hung := lockTasks(t, url), time.Now()
	time.Sleep(2500 * time.Millisecond)
	asked := time.Now()
	if status, body := call(t, "GET", server.base+"/livez", ""); status != http.StatusOK || time.Since(asked) > 5*time.Second {
		t.Errorf("GET /livez = %d %s after %v", status, body, time.Since(asked))
	}
	if after := memory(); after > before+48<<20 {
		t.Errorf("memory grew from %.0f MB to %.0f MB", before/1e6, after/1e6)
	}
	refused := c.during(hung.Add(2*patience), time.Now())
	free()
	freed := time.Now()
	time.Sleep(1500 * time.Millisecond)
	well := c.during(freed.Add(time.Second), time.Now())
	c.leave()

	for _, r := range c.replies {
		if r.wrong != "" {
			t.Fatalf("a reply was %d %s", r.status, r.wrong)
		}
	}
	// A machine that is slow enough refuses some; one that is not, nobody.
	if served := only(calm, 200); len(served) == 0 || len(served) < len(calm) && quantile(served, 0.9) < patience/2 {
		t.Errorf("before, %d of %d were refused, nine of ten others served within %v", count(calm, 503), len(calm), quantile(served, 0.9))
	}
	// Whoever has a place waits for a connection, for as long as DB_POOL_TIMEOUT;
	// without a gate all would.
	if late := slowerThan(refused, 2*patience); count(refused, 503) < clients || count(refused, 200) > 0 || late > places+len(refused)/20 || quantile(refused, 0.5) > patience {
		t.Errorf("while nothing was done, %d were refused, %d served, half within %v, %d later than after %v", count(refused, 503), count(refused, 200), quantile(refused, 0.5), late, 2*patience)
	}
	if count(well, 503) > len(well)/50+count(calm, 503) || count(well, 200) < count(calm, 200)/8 { // in half of the time
		t.Errorf("1 s after, %d of %d were refused; before, %d of %d", count(well, 503), len(well), count(calm, 503), len(calm))
	}
	if told := sample(t, scrape(t, server), "taskhold_overload_refusals_total"); told < float64(count(refused, 503)) {
		t.Errorf("operators are told of %v refusals", told)
	}
	if lines := strings.Count(server.output.String(), "more to do than can be done"); lines == 0 || lines > 100 {
		t.Errorf("%d lines of the log tell of refusals", lines)
	}
	if c.failed.Load() > 0 {
		t.Errorf("%d had no reply", c.failed.Load())
	}
	t.Logf("%d replies; %d refusals, half within %v, %d later than after %v", len(c.replies), len(refused), quantile(refused, 0.5), slowerThan(refused, 2*patience), 2*patience)
}
