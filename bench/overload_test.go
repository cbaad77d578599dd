package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestGoodputIsOfTheBetterClosedLoop(t *testing.T) {
	during := served(900, time.Millisecond)
	during.refused, during.memory = 300, 90<<20
	during.served = []time.Duration{time.Second}
	during.turnedAway = []time.Duration{2 * time.Millisecond}
	all := []overloaded{{served(500, time.Millisecond), during, served(1000, time.Millisecond), 5 * time.Millisecond, 40 * time.Millisecond}}
	got := overloadTables(3, map[string][]overloaded{"postgres": all})
	for _, want := range []string{
		"| Taskhold on PostgreSQL, before | – | 500 | 500 | – | 0 | 0 | – | – | – | – | 100 | 30 |\n",
		"| overloaded | 1500 | 900 | 600 | 0.60 (0.60–0.60) | 0 | 300 | 1000.0 | 1000.0 | 2.0 | 2.0 | 100 | 90 |\n",
		"| Taskhold on PostgreSQL | 5.0 (5.0–5.0) | 40.0 (40.0–40.0) |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	head, line, _ := strings.Cut(strings.SplitN(got, "\n\n", 2)[1], "\n")
	if strings.Count(head, "|") != strings.Count(strings.SplitN(line, "\n", 3)[1], "|") {
		t.Errorf("a line has other columns than the head: %s", got)
	}
}

func TestServerThatStaysUnwellFailsTheRun(t *testing.T) {
	fine := overloaded{before: served(3, 1), during: served(3, 1), after: served(3, 1), recovered: time.Millisecond}
	if err := wrongOverload(map[string][]overloaded{"bare": {fine}}); err != nil {
		t.Errorf("all is well, but %v", err)
	}
	late, wrong := fine, fine
	late.recovered = mostSettle
	wrong.after.tally.wrong, wrong.after.first = 1, errors.New("another's task")
	for want, o := range map[string]overloaded{"bare: not well 30s": late, "another's task": wrong} {
		if err := wrongOverload(map[string][]overloaded{"bare": {fine, o}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}

func TestWellIsWhoAnswersSeveralInARowAsUsual(t *testing.T) {
	end := time.Now()
	at := func(ms int, took time.Duration, good bool) watched {
		return watched{end.Add(time.Duration(ms) * time.Millisecond), took, good}
	}
	const usual = 2 * time.Millisecond
	met := []watched{
		at(-20, 1, true), at(-10, 1, true), at(0, 1, true), at(10, 1, true), at(20, 1, false), at(30, usual, true),
		at(40, usual+1, true), at(50, 1, true), at(60, usual, true), at(70, 1, true),
	}
	if got, ok := wellAgain(met, end, usual); !ok || got != met[7].over {
		t.Errorf("well at %v, %v; want 50 ms", got.Sub(end), ok)
	}
	if got, ok := wellAgain(met[:9], end, usual); ok {
		t.Errorf("well at %v after two in a row", got.Sub(end))
	}
}

// itself is a server within the test's process.
func itself(t *testing.T, address string, users []*caller) *subject {
	t.Helper()
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: &exec.Cmd{Process: self}}
	return &subject{name: "bare", server: &server{process: p, address: address}, traffic: traffic{users, usual}}
}

func TestWatcherSeesAServerRecover(t *testing.T) {
	users := manyCallers(t)
	address := answering(t, users, func() { time.Sleep(30 * time.Millisecond) })
	w, err := watch(t.Context(), itself(t, address, users))
	if err != nil {
		t.Fatal(err)
	}
	defer w.stop()
	end := time.Now()
	if got, err := w.recovered(t.Context(), end, time.Second); err != nil || got > 20*time.Second {
		t.Errorf("recovered after %v, %v", got, err)
	}
	if w.memory() < 1<<20 {
		t.Errorf("memory = %d", w.memory())
	}
	if usual, err := w.usual(); err != nil || usual < 30*time.Millisecond || usual > 10*time.Second {
		t.Errorf("usual = %v, %v; want 30 ms and a little", usual, err)
	}
}

func TestMemoryIsOfAServerThatServedEveryConnection(t *testing.T) {
	users := manyCallers(t)
	s := itself(t, answering(t, users, func() {}), users)
	if got, err := s.memoryAt(t.Context(), 5); err != nil || got < 1<<20 {
		t.Errorf("memoryAt = %d, %v", got, err)
	}
	full := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }))
	t.Cleanup(full.Close)
	s = itself(t, full.Listener.Addr().String(), users)
	if got, err := s.memoryAt(t.Context(), 5); got == 0 || err == nil || !strings.Contains(err.Error(), "50 of 50 lists were refused") {
		t.Errorf("memoryAt = %d, %v", got, err)
	}
	if got := memoryHead([]int{64, 256}); got != "| | 64 | 256 |\n|---|---|---|" {
		t.Errorf("memoryHead = %s", got)
	}
}

func TestWhatIsDueWhenTheLoadEndsIsNotSent(t *testing.T) {
	users := manyCallers(t)
	address := answering(t, users, func() { time.Sleep(20 * time.Millisecond) })
	got, err := openLoop(t.Context(), address, traffic{users, usual}, pace{connections: 1, rate: 1000, period: 200 * time.Millisecond})
	if err != nil || got.good() > 11 || got.good()+got.unanswered != 200 || got.elapsed > 10*time.Second {
		t.Errorf("%d answered and %d not sent in %v, %v; want some 10 of 200 in 200 ms", got.good(), got.unanswered, got.elapsed, err)
	}
}

func TestRefusalsHaveALatencyOfTheirOwn(t *testing.T) {
	var both tally
	due := time.Now().Add(-time.Minute)
	both.add(due, time.Now().Add(-time.Second), errRefused)
	both.add(due, time.Now(), nil)
	var sum tally
	sum.merge(both)
	if len(sum.turnedAway) != 1 || sum.turnedAway[0] < time.Second || sum.turnedAway[0] > 30*time.Second || len(sum.served) != 1 || sum.served[0] > 30*time.Second {
		t.Errorf("refused in %v, served in %v", sum.turnedAway, sum.served)
	}
	if sum.latencies[0] < time.Minute {
		t.Errorf("the latency from when it was due is %v", sum.latencies[0])
	}
}
