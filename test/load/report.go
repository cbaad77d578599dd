package load

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Report is what the clients saw, and what became of what they were told.
type Report struct {
	Writes, Reads int            // that were acknowledged
	Failures      map[string]int // tries that were not: by status, or "no reply"
	Gap           time.Duration  // the longest time without an acknowledged write
	Slowest       time.Duration  // the longest that an answer took which came at the first try

	Lost    []string // what was acknowledged and is not stored
	Doubled []string // keys that were carried out twice
	Unequal []string // keys whose second reply is another than the first
	Stale   []string // reads that did not see the reader's own write
	Unknown int      // writes that were never answered: they may have been carried out
}

// Failed is how many tries failed.
func (r Report) Failed() (n int) {
	for _, count := range r.Failures {
		n += count
	}
	return n
}

// Wrong says what must never be; "" if nothing is.
func (r Report) Wrong() string {
	var wrong []string
	for name, keys := range map[string][]string{"lost": r.Lost, "doubled": r.Doubled, "unequal": r.Unequal, "stale": r.Stale} {
		if len(keys) > 0 {
			wrong = append(wrong, fmt.Sprintf("%d %s, such as %s", len(keys), name, keys[0]))
		}
	}
	slices.Sort(wrong)
	return strings.Join(wrong, "; ")
}

// add takes over what was found to be wrong.
func (r *Report) add(found Report) {
	r.Lost = append(r.Lost, found.Lost...)
	r.Doubled = append(r.Doubled, found.Doubled...)
	r.Unequal = append(r.Unequal, found.Unequal...)
}

func (r Report) String() string {
	var failures []string
	for _, kind := range slices.Sorted(maps.Keys(r.Failures)) {
		failures = append(failures, fmt.Sprintf("%d %s", r.Failures[kind], kind))
	}
	return fmt.Sprintf("%d writes and %d reads acknowledged, the slowest of the first tries after %.2f s; failed tries: %d (%s); longest time without a write %.1f s;"+
		" lost %d, doubled %d, unequal replies %d, stale reads %d, never answered %d",
		r.Writes, r.Reads, r.Slowest.Seconds(), r.Failed(), strings.Join(failures, ", "), r.Gap.Seconds(),
		len(r.Lost), len(r.Doubled), len(r.Unequal), len(r.Stale), r.Unknown)
}

// log counts what clients see, as they see it.
type log struct {
	mu            sync.Mutex
	writes, reads int
	failures      map[string]int
	last          time.Time // when a write was acknowledged
	gap, slowest  time.Duration
	stale         []string
	unknown       int
}

func (l *log) answered(method string, status int, took time.Duration, first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if first {
		l.slowest = max(l.slowest, took)
	}
	switch {
	case method == http.MethodGet:
		l.reads++
		return
	case status == http.StatusPreconditionFailed:
		return // nothing was written
	}
	l.writes++
	l.gap = max(l.gap, time.Since(l.last))
	l.last = time.Now()
}

func (l *log) failed(kind string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failures[kind]++
}

func (l *log) unanswered() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unknown++
}

func (l *log) isStale(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stale = append(l.stale, what)
}

// Failures returns how many tries have failed so far.
func (l *log) Failures() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Report{Failures: l.failures}.Failed()
}

// Writes returns how many writes have been acknowledged so far.
func (l *log) Writes() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.writes
}

func (l *log) report() Report {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Report{
		Writes: l.writes, Reads: l.reads, Failures: maps.Clone(l.failures), Gap: l.gap, Slowest: l.slowest,
		Stale: slices.Clone(l.stale), Unknown: l.unknown,
	}
}
