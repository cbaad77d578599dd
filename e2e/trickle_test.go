package e2e

import (
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// trickle is a user in good standing who asks all the time, whatever happens
// to the program and to Better Auth meanwhile.
type trickle struct {
	mu      sync.Mutex
	who     client
	answers []answered
	stop    chan struct{}
	stopped chan struct{}
}

// answered is how one request ended.
type answered struct {
	at     time.Time
	took   time.Duration
	status int // 0 if there was no answer
}

// pace is how often a trickle asks.
const pace = 50 * time.Millisecond

// startTrickle asks as who until the test ends, or its figures are wanted.
func startTrickle(t *testing.T, who client) *trickle {
	t.Helper()
	k := &trickle{who: who, stop: make(chan struct{}), stopped: make(chan struct{})}
	go k.run()
	t.Cleanup(func() { k.end() })
	return k
}

func (k *trickle) run() {
	defer close(k.stopped)
	for ticks := time.NewTicker(pace); ; {
		select {
		case <-k.stop:
			ticks.Stop()
			return
		case <-ticks.C:
			k.mu.Lock()
			who := k.who
			k.mu.Unlock()
			one := ask(who)
			k.mu.Lock()
			k.answers = append(k.answers, one)
			k.mu.Unlock()
		}
	}
}

func ask(who client) answered {
	one := answered{at: time.Now()}
	request, err := http.NewRequest("GET", who.url+"/v1/tasks", nil)
	if err != nil {
		return one
	}
	for name, value := range who.headers {
		request.Header.Set(name, value)
	}
	if reply, err := http.DefaultClient.Do(request); err == nil {
		_, _ = io.Copy(io.Discard, reply.Body)
		_ = reply.Body.Close()
		one.status = reply.StatusCode
	}
	one.took = time.Since(one.at)
	return one
}

// become has the user go on with other credentials, or at another server.
func (k *trickle) become(who client) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.who = who
}

func (k *trickle) end() []answered {
	select {
	case <-k.stop:
	default:
		close(k.stop)
	}
	<-k.stopped
	return k.answers
}

// wronged is what a trickle has suffered.
type wronged struct {
	refused int           // answers other than 200
	denied  int           // those of them that say that the token is bad
	last    time.Duration // from since until the last refusal
	longest time.Duration // in which there were refusals alone
}

// figures ends the trickle and logs how it fared from that moment on.
func (k *trickle) figures(t *testing.T, what string, since time.Time) (w wronged) {
	t.Helper()
	var times []time.Duration
	good := since // when the last answer was one
	for _, one := range k.end() {
		if one.at.Before(since) {
			continue
		}
		times = append(times, one.took)
		if one.status == http.StatusOK {
			good = one.at
			continue
		}
		w.refused++
		w.last, w.longest = one.at.Sub(since), max(w.longest, one.at.Sub(good))
		if one.status == http.StatusUnauthorized {
			w.denied++
		}
	}
	if len(times) < 10 {
		t.Fatalf("%s: only %d requests in %s", what, len(times), time.Since(since))
	}
	slices.Sort(times)
	t.Logf("%s: of %d good requests %d were refused, %d of them as if the token were bad, for %.1f s at most and last after %.1f s; half were answered within %.1f ms, all but one in a hundred within %.1f ms",
		what, len(times), w.refused, w.denied, w.longest.Seconds(), w.last.Seconds(), milliseconds(times[len(times)/2]), milliseconds(times[len(times)*99/100]))
	return w
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
