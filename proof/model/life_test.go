package model

import (
	"crypto/rand"
	"flag"
	"fmt"
	"maps"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taskhold/adapters/postgres/postgrestest"
	"taskhold/proof"
)

// quota is how many tasks a user may have: few, so that lists are full of
// ties, and the bound is met.
const quota = 12

// A life is short and a failure is told by its seed, unless flags say
// otherwise.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{"rapid.checks": "20", "rapid.steps": "40", "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	flag.Parse()
	os.Exit(postgrestest.Run(m))
}

// driver carries out commands on what is under proof.
type driver interface {
	do(t rapid.TB, c Command) Answer
}

// life is what several users do to what is under proof and to the model.
type life struct {
	driver
	model *Model
	users []string
	met   map[string]int // verbs and how they were answered

	gone     []string  // ids of deleted tasks
	instants []string  // that were seen
	keyed    []Command // that had a key
	pages    []Command // that lists can go on with
}

// live runs random lives until its time is over. Every life has users of its
// own, so that all can have one store.
func live(t *testing.T, d driver) {
	t.Helper()
	met := map[string]int{}
	for end := time.Now().Add(proof.Time(t, 2*time.Second)); time.Now().Before(end) && !t.Failed(); {
		rapid.Check(t, lived(d, met))
	}
	steps := 0
	for _, times := range met {
		steps += times
	}
	t.Logf("%d commands, each answered as the model says: %v", steps, met)
	if steps < 100 {
		t.Errorf("%d commands are no life", steps)
	}
}

func lived(d driver, met map[string]int) func(*rapid.T) {
	return func(t *rapid.T) {
		suffix := "-" + rand.Text()
		l := &life{driver: d, model: New(quota), met: met, users: []string{"ann" + suffix, "bob" + suffix}}
		t.Repeat(map[string]func(*rapid.T){"command": l.step, "again": l.step, "more": l.step, "still": l.step, "walk": l.walk})
	}
}

// step lets somebody do something.
func (l *life) step(t *rapid.T) { l.run(t, l.command(t)) }

// run holds an answer against the model's.
func (l *life) run(t rapid.TB, c Command) Answer {
	got := l.do(t, c)
	l.met[fmt.Sprint(c.Verb, " ", got.Status, " ", got.Code)]++
	if want := l.model.Do(c, got); got.String() != want.String() {
		t.Fatalf("%s\nis answered  %s\nand not with %s", c, got, want)
	}
	switch {
	case got.Next != "":
		c.Cursor = got.Next
		l.pages = append(l.pages, c)
	case c.Verb == "delete" && got.Status == 204:
		l.gone = append(l.gone, c.ID)
	case got.Task != nil:
		l.instants = append(l.instants, got.Task["updated_at"].(string))
	}
	return got
}

// walk goes through a list page by page while others write, and sees every
// task that stands unchanged throughout exactly once.
func (l *life) walk(t *rapid.T) {
	c := Command{User: pick(t, l.users, "walker"), Verb: "list", Query: map[string][]string{"sort": {pick(t, []string{"", "-"}, "way") + pick(t, sorts, "walk by")}}}
	before, seen := maps.Clone(l.model.tasks[c.User]), map[any]int{}
	for range 2 * quota {
		c.Limit = rapid.IntRange(1, 3).Draw(t, "limit")
		page := l.run(t, c)
		for _, task := range page.Items {
			seen[task["id"]]++
		}
		if c.Cursor = page.Next; page.Next == "" {
			break
		}
		for range rapid.IntRange(0, 2).Draw(t, "writes") {
			l.step(t)
		}
	}
	for id, task := range l.model.tasks[c.User] {
		stood := before[id] != nil && before[id]["version"] == task["version"]
		if stood && c.Cursor == "" && seen[id] != 1 {
			t.Fatalf("a walk by %s saw %s %d times", c.Query, id, seen[id])
		}
	}
}
