package telemetry_test

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// sheet notes each write, and refuses some.
type sheet struct {
	broken bool
	room   int // how many bytes it takes nevertheless

	mu   sync.Mutex
	said []string
}

func (s *sheet) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		taken := min(s.room, len(p))
		s.room -= taken
		s.said = append(s.said, string(p[:taken]))
		return taken, errors.New("the disk is full")
	}
	s.said = append(s.said, string(p))
	return len(p), nil
}

func (s *sheet) writes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.said)
}

func (s *sheet) lines() int { return strings.Count(strings.Join(s.writes(), ""), "\n") }

func TestEntriesAreWrittenTogetherWithinATenthOfASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out sheet
		log := logger(t, &out, "info", "json")
		log.Info("one")
		log.Info("two")
		time.Sleep(100*time.Millisecond - 1)
		if len(out.writes()) > 0 {
			t.Errorf("written after less: %q", out.writes())
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if len(out.writes()) != 1 || out.lines() != 2 {
			t.Errorf("written: %q, want two lines at once", out.writes())
		}
		log.Info("three")
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if len(out.writes()) != 2 || out.lines() != 3 {
			t.Errorf("written: %q, want a third line", out.writes())
		}
	})
}

func TestAnErrorIsWrittenAtOnceAndInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out sheet
		log := logger(t, &out, "info", "json")
		log.Info("first")
		log.Error("second")
		if len(out.writes()) != 1 || strings.Index(out.writes()[0], "first") > strings.Index(out.writes()[0], "second") {
			t.Errorf("written: %q, want both lines", out.writes())
		}
	})
}

func TestManyEntriesDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out sheet
		log := logger(t, &out, "info", "json")
		for range 1000 {
			log.Info(strings.Repeat("x", 100))
		}
		synctest.Wait()
		if len(out.writes()) < 1 {
			t.Error("nothing is written at once")
		}
		if err := log.Sync(); err != nil || out.lines() != 1000 {
			t.Errorf("%d lines after Sync, %v; want 1000", out.lines(), err)
		}
	})
}

func TestALogThatCouldNotBeWrittenGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := sheet{broken: true}
		log := logger(t, &out, "info", "json")
		log.Info("lost")
		if log.Sync() == nil {
			t.Error("Sync tells of no error")
		}
		out.broken = false
		log.Info("kept")
		if err := log.Sync(); err != nil || out.lines() != 1 {
			t.Errorf("written: %q, %v; want what came later", out.writes(), err)
		}
	})
}

func TestALineThatWasWrittenInPartIsCompleted(t *testing.T) {
	for name, room := range map[string]func(lines []string) int{
		"nothing":             func([]string) int { return 0 },
		"a part of the first": func([]string) int { return 9 },
		"the first":           func(lines []string) int { return len(lines[0]) },
		"a part of the last":  func(lines []string) int { return len(lines[0]) + len(lines[1]) - 1 },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var all sheet
				whole := logger(t, &all, "info", "json")
				whole.Info("one")
				whole.Info("two")
				synced(t, whole)
				lines := slices.Collect(strings.Lines(all.writes()[0]))

				out := sheet{broken: true, room: room(lines)}
				begun := (out.room + len(lines[0]) - 1) / len(lines[0])
				log := logger(t, &out, "info", "json")
				log.Info("one")
				log.Info("two")
				if log.Sync() == nil {
					t.Error("Sync tells of no error")
				}
				out.broken = false
				log.Info("six")
				synced(t, log)
				want := strings.Join(lines[:begun], "") + strings.Replace(lines[0], "one", "six", 1)
				if got := strings.Join(out.writes(), ""); got != want {
					t.Errorf("written:\n%swant:\n%s", got, want)
				}
			})
		})
	}
}

// pipe takes nothing until it is opened.
type pipe struct {
	sheet

	open chan struct{}
}

func (p *pipe) Write(b []byte) (int, error) {
	<-p.open
	return p.sheet.Write(b)
}

func TestALogThatNobodyReadsHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := pipe{open: make(chan struct{})}
		log := logger(t, &out, "info", "json")
		began := time.Now()
		for range 20_000 {
			log.Info(strings.Repeat("x", 100))
		}
		for range 100 {
			log.Error("an error, which is written at once")
		}
		if log.Sync() == nil {
			t.Error("Sync tells of no error")
		}
		if took := time.Since(began); took > 1100*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		close(out.open)
		synctest.Wait()
		said := strings.Join(out.writes(), "")
		lost := regexp.MustCompile(`"msg":"entries of the log are lost, for nobody took them","entries":(\d+)}\n`).FindStringSubmatch(said)
		if lost == nil {
			t.Fatalf("nothing is said of what is lost in the last of %d lines", out.lines())
		}
		if n, _ := strconv.Atoi(lost[1]); n+out.lines() != 20_100+1 {
			t.Errorf("%d lines and %d that are lost", out.lines(), n)
		}
		log.Info("the last")
		if err := log.Sync(); err != nil || !strings.HasSuffix(strings.Join(out.writes(), ""), "\"msg\":\"the last\"}\n") {
			t.Errorf("it does not go on: %v", err)
		}
	})
}
