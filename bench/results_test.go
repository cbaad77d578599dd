package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// served is a round of a second with so many answers.
func served(answers int, each time.Duration) round {
	n := time.Duration(answers)
	r := round{spent: spent{n * 100 * time.Microsecond, n * 200 * time.Microsecond, n * 50 * time.Microsecond}, memory: 30 << 20}
	r.elapsed = time.Second
	for range answers {
		r.latencies = append(r.latencies, each)
	}
	return r
}

func TestRatiosAreOfRoundsThatFollowedEachOther(t *testing.T) {
	r := &results{rounds: map[string][]round{
		"bare":     {served(100, time.Millisecond), served(400, time.Millisecond), served(200, time.Millisecond)},
		"postgres": {served(150, time.Millisecond), served(800, time.Millisecond), served(200, time.Millisecond)},
		"sqlite":   {served(150, time.Millisecond)},
	}}
	for _, c := range []struct{ name, to, want string }{
		{"postgres", "bare", "1.50 (1.00–2.00)"}, {"postgres", "pgbench", "–"}, {"bare", "bare", "–"}, {"sqlite", "bare", "–"},
	} {
		if got := r.ratio(c.name, c.to, round.rate); got != c.want {
			t.Errorf("%s to %s: %s, want %s", c.name, c.to, got, c.want)
		}
	}
	if got := r.pace(); got != 200 {
		t.Errorf("pace = %d, want that of Taskhold on PostgreSQL, 200", got)
	}
}

func TestProcessorTimeIsComparedWithTheBareServers(t *testing.T) {
	half := served(100, time.Millisecond)
	half.server /= 2
	r := &results{rounds: map[string][]round{"bare": {served(300, time.Millisecond)}, "postgres": {half}}}
	for _, table := range []string{r.closedTable(), r.openTable(1)} {
		if !strings.Contains(table, "| 0.50 (0.50–0.50) | 1.0 |") {
			t.Errorf("no processor time of 0.50 of the bare server's in %s", table)
		}
	}
	none := &results{rounds: map[string][]round{"bare": {served(3, 1)}, "postgres": {{tally: served(3, 1).tally}}}}
	if got := none.ratio("postgres", "bare", round.work); got != "–" {
		t.Errorf("what took no time that was noticed is %s of the bare server's", got)
	}
}

func TestTablesHaveALineForEachThatWasMeasured(t *testing.T) {
	slow := served(98, time.Millisecond)
	slow.latencies = append(slow.latencies, time.Second, 2*time.Second)
	slow.tally.wrong, slow.refused, slow.unanswered = 1, 2, 1
	r := &results{rounds: map[string][]round{"pgbench": {served(1000, 0)}, "postgres": {slow}}}
	want := "| Taskhold on PostgreSQL | 96 | 0.10 (0.10–0.10) | – | – | 1.0 | 1.0 | 2000.0 | 1 | 2 | 99 | 198 | 49 | 30 |\n"
	if got := r.closedTable(); !strings.Contains(got, want) {
		t.Errorf("closedTable() = %s\nwant %s", got, want)
	}
	if got := r.closedTable(); !strings.Contains(got, "alone | 1000 | – | – | – | – | – | – | 0 | 0 | 100 | 200 | 50 | 30 |\n") || strings.Contains(got, "SQLite") {
		t.Errorf("closedTable() = %s", got)
	}
	want = "| Taskhold on PostgreSQL | 96 | 1 | – | 1.0 | 1.0 | 2000.0 | 1 | 2 | 99 | 198 | 49 | 30 |\n"
	if got := r.openTable(50); !strings.Contains(got, want) || !strings.Contains(got, "50 requests a second") {
		t.Errorf("openTable() = %s\nwant %s", got, want)
	}
	for _, table := range []string{r.closedTable(), r.openTable(1)} {
		lines := strings.Split(strings.TrimSpace(table), "\n")[2:]
		for _, line := range lines {
			if strings.Count(line, "|") != strings.Count(lines[0], "|") {
				t.Errorf("a line has other columns than the head: %s", line)
			}
		}
	}
}

func TestOneWrongAnswerFailsTheRun(t *testing.T) {
	fine := &results{rounds: map[string][]round{"bare": {served(3, 1)}}}
	if err := fine.wrong(); err != nil {
		t.Errorf("wrong() = %v without a wrong answer", err)
	}
	bad := served(3, 1)
	bad.tally.wrong, bad.first = 1, errors.New("another's task")
	fine.rounds["bare"] = append(fine.rounds["bare"], bad)
	if err := fine.wrong(); err == nil || !strings.Contains(err.Error(), "bare: 1 wrong answers, the first: another's task") {
		t.Errorf("wrong() = %v", err)
	}
}

func TestPercentilesAreOfWhatWasMet(t *testing.T) {
	var hundred []time.Duration
	for i := range 100 {
		hundred = append(hundred, time.Duration(i+1))
	}
	for percent, want := range map[float64]time.Duration{0: 1, 50: 51, 95: 96, 99: 100, 100: 100} {
		if got := percentile(hundred, percent); got != want {
			t.Errorf("p%g = %d, want %d", percent, got, want)
		}
	}
	if got := percentile(nil, 50); got != 0 {
		t.Errorf("p50 of nothing = %d", got)
	}
	if got := middle([]float64{4, 1, 3, 2}); got != 2.5 {
		t.Errorf("middle = %g, want 2.5", got)
	}
}
