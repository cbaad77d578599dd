package model

import (
	"crypto/rand"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taskhold/adapters/postgres/postgrestest"
	"taskhold/proof"
)

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

// driver carries out commands on what is under proof. It is told what is sent,
// and not what it means.
type driver interface {
	do(t rapid.TB, c Command) Answer
	mayErase() bool
}

// life is what several users do to what is under proof and to the model.
type life struct {
	driver
	model *Model
	names names
	users []string       // but for those who were erased
	met   map[string]int // verbs and how they were answered

	erased   []string  // users
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
		today.days.Store(0)
		l := &life{driver: d, met: met}
		l.model = &Model{map[string]map[string]Task{}, map[string]map[string]Answer{}, map[string]Task{}, 0}
		l.names = names{map[string]string{}, map[string]string{}}
		suffix := "-" + rand.Text()
		l.join("ann" + suffix)
		l.join("bob" + suffix)
		t.Repeat(map[string]func(*rapid.T){"command": l.step, "again": l.step, "more": l.step, "still": l.step, "walk": l.walk, "fate": l.fate})
	}
}

// join adds a user, who has no tasks.
func (l *life) join(user string) {
	l.model.tasks[user] = map[string]Task{}
	l.users = append(l.users, user)
}

// fate lets a day pass or erases a user, now and then and where that can be
// done from here.
func (l *life) fate(t *rapid.T) {
	_, within := l.driver.(*inside)
	switch whim := pick(t, tenth, "fate"); {
	case within && whim == 10:
		today.days.Add(1)
	case whim == 9 && l.mayErase():
		user := l.user(t)
		l.run(t, Command{User: user, Verb: "erase"})
		if i := slices.Index(l.users, user); i >= 0 {
			l.users, l.erased = slices.Delete(l.users, i, i+1), append(l.erased, user)
			l.join(fmt.Sprint("new", len(l.erased), user))
		}
	default:
		l.step(t)
	}
}

// step lets somebody do something.
func (l *life) step(t *rapid.T) { l.run(t, l.command(t)) }

// run holds an answer against the model's, which it returns.
func (l *life) run(t rapid.TB, c Command) Answer {
	c.Day = int(today.days.Load())
	want, got := l.model.Do(c), l.do(t, l.names.sent(c))
	l.met[fmt.Sprint(c.Verb, " ", got.Status, " ", got.Code)]++
	if !l.names.agree(got.String(), want.String()) {
		t.Fatalf("%s\nis answered  %s\nand not with %s", l.names.sent(c), got, l.names.told(want.String()))
	}
	switch {
	case want.Next != "":
		c.Cursor = want.Next
		l.pages = append(l.pages, c)
	case c.Verb == "delete" && want.Status == 204:
		l.gone = append(l.gone, c.ID)
	case want.Task != nil:
		l.instants = append(l.instants, want.Task["updated_at"].Order)
	}
	return want
}

// walk goes through a list page by page while others write, and sees every
// task that stands unchanged throughout exactly once.
func (l *life) walk(t *rapid.T) {
	c := Command{User: pick(t, l.users, "walker"), Verb: "list", Query: map[string][]string{"sort": {pick(t, []string{"", "-"}, "way") + pick(t, sorts, "walk by")}}}
	before, seen := maps.Clone(l.model.tasks[c.User]), map[string]int{}
	for range 2 * Quota {
		c.Limit = rapid.IntRange(1, 3).Draw(t, "limit")
		page := l.run(t, c)
		for _, task := range page.Items {
			seen[task["id"].Order]++
		}
		if c.Cursor = page.Next; page.Next == "" {
			break
		}
		for range rapid.IntRange(0, 2).Draw(t, "writes") {
			l.step(t)
		}
	}
	for id, task := range l.model.tasks[c.User] {
		stood := before[id] != nil && before[id]["version"].Shown == task["version"].Shown
		if stood && c.Cursor == "" && seen[id] != 1 {
			t.Fatalf("a walk by %s saw %s %d times", c.Query, id, seen[id])
		}
	}
}
