package model

import (
	"context"
	"flag"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taskhold/adapters/memory"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// witness is told of failures, and fails nothing.
type witness struct {
	rapid.TB
	failed bool
}

func (*witness) Helper()                 {}
func (*witness) Name() string            { return "witness" }
func (*witness) Log(...any)              {}
func (*witness) Logf(string, ...any)     {}
func (w *witness) Errorf(string, ...any) { w.failed = true }
func (w *witness) Fatalf(string, ...any) { w.failed = true }
func (w *witness) Fail()                 { w.failed = true }
func (w *witness) FailNow()              { w.failed = true }
func (w *witness) Failed() bool          { return w.failed }

// objects reports whether lives on d come to differ from the model within so
// many commands, or a few more, and how many it took.
func objects(d driver, most int) (objected bool, commands int) {
	w, met := new(witness), map[string]int{}
	for commands < most && !w.failed {
		rapid.Check(w, lived(d, met))
		commands = 0
		for _, times := range met {
			commands += times
		}
	}
	return w.failed, commands
}

// TestALifeOnABrokenProgramIsNotTheModels breaks the program in one place
// each time.
func TestALifeOnABrokenProgramIsNotTheModels(t *testing.T) {
	before := flag.Lookup("rapid.shrinktime").Value.String()
	t.Cleanup(func() { _ = flag.Set("rapid.shrinktime", before) })
	if err := flag.Set("rapid.shrinktime", "1ns"); err != nil {
		t.Fatal(err)
	}
	for name, broken := range breakages() {
		t.Run(name, func(t *testing.T) {
			objected, commands := objects(broken, 200_000)
			if !objected {
				t.Errorf("nothing has differed in %d commands", commands)
			}
			t.Logf("found out within %d commands", commands)
		})
	}
	for name, sound := range map[string]driver{"store": over(spoiled{Store: new(memory.Store)}), "use cases": through(lax{newTasks(new(memory.Store)), ""})} {
		t.Run("unbroken "+name, func(t *testing.T) {
			if objected, _ := objects(sound, 3_000); objected {
				t.Error("it is not the flaw that is objected to")
			}
		})
	}
}

func breakages() map[string]driver {
	all := map[string]driver{}
	for name, spoil := range map[string]func(*ports.Query){
		"the filter by completed is ignored":         func(q *ports.Query) { q.Filter.Completed = task.Optional[bool]{} },
		"the filter by priority is ignored":          func(q *ports.Query) { q.Filter.Priorities = nil },
		"only the first of several tags counts":      func(q *ports.Query) { q.Filter.Tags = q.Filter.Tags[:min(1, len(q.Filter.Tags))] },
		"the text to search for is ignored":          func(q *ports.Query) { q.Filter.Text = "" },
		"the first due date is ignored":              func(q *ports.Query) { q.Filter.DueFrom = task.Date{} },
		"the last due date is ignored":               func(q *ports.Query) { q.Filter.DueTo = task.Date{} },
		"days are those of UTC":                      func(q *ports.Query) { q.Filter.Zone = time.UTC },
		"what was updated at an instant is left out": func(q *ports.Query) { q.Filter.UpdatedSince = later(q.Filter.UpdatedSince) },
		"every list ascends":                         func(q *ports.Query) { q.Order.Descending = false },
		"ties descend always":                        func(q *ports.Query) { q.Order.NewestFirst = true },
		"a page leaves one out": func(q *ports.Query) {
			if q.After != nil {
				q.Offset = 1
			}
		},
		"a page begins at the start again": func(q *ports.Query) { q.After = nil },
		"a page has one task more":         func(q *ports.Query) { q.Limit++ },
	} {
		all[name] = over(spoiled{Store: new(memory.Store), query: spoil})
	}
	for name, spoil := range map[string]func(task.Snapshot) task.Snapshot{
		"a version is not counted":  func(s task.Snapshot) task.Snapshot { s.Version--; return s },
		"a completion is forgotten": func(s task.Snapshot) task.Snapshot { s.Completed = time.Time{}; return s },
		"a completion is as old as the task": func(s task.Snapshot) task.Snapshot {
			if !s.Completed.IsZero() {
				s.Completed = s.Created
			}
			return s
		},
		"an update clears the tags": func(s task.Snapshot) task.Snapshot { s.Tags = nil; return s },
		"an update clears the due":  func(s task.Snapshot) task.Snapshot { s.Due = task.Due{}; return s },
		"an update keeps its old instant": func(s task.Snapshot) task.Snapshot {
			if s.Completed.IsZero() {
				s.Updated = s.Created
			}
			return s
		},
		"a priority is lost": func(s task.Snapshot) task.Snapshot { s.Priority = task.None; return s },
	} {
		all[name] = over(spoiled{Store: new(memory.Store), save: spoil})
	}
	all["the quota is one more"] = over(spoiled{Store: new(memory.Store), room: 1})
	all["the total is that of the page"] = over(spoiled{Store: new(memory.Store), total: true})
	tasks := func(flaw string) driver { return through(lax{newTasks(new(memory.Store)), flaw}) }
	for _, flaw := range []string{
		replaceKeeps, matchIgnored, deleteUnconditional, keysIgnored, reuseUnseen, batchInParts, refusalKept, noForgiveness, completeTwice,
	} {
		all[flaw] = tasks(flaw)
	}
	all["a user reaches another's task"] = through(shared{newTasks(new(memory.Store))})
	all["a key lasts for ever"] = over(spoiled{Store: new(memory.Store), claim: func(time.Time) time.Time { return time.Now() }})
	erased := over(new(memory.Store))
	erased.users = forgetful{}
	all["an erased user goes on"] = erased
	return all
}

func later(at time.Time) time.Time {
	if at.IsZero() {
		return at
	}
	return at.Add(time.Microsecond)
}

// spoiled is a store with one flaw.
type spoiled struct {
	ports.Store
	query func(*ports.Query)
	save  func(task.Snapshot) task.Snapshot
	claim func(time.Time) time.Time
	room  int
	total bool
}

func (s spoiled) List(ctx context.Context, user identity.UserID, q ports.Query) (ports.Page, error) {
	if s.query != nil {
		s.query(&q)
	}
	page, err := s.Store.List(ctx, user, q)
	if s.total && q.Count {
		page.Total = len(page.Tasks)
	}
	return page, err
}

func (s spoiled) Insert(ctx context.Context, t task.Task, quota int) error {
	return s.Store.Insert(ctx, t, quota+s.room)
}

func (s spoiled) Save(ctx context.Context, t task.Task) error {
	if err := s.Store.Save(ctx, t); err != nil || s.save == nil {
		return err
	}
	worse, err := task.Restore(s.save(t.Snapshot()))
	if err != nil {
		return err
	}
	if err := s.Store.Delete(ctx, t.User(), t.ID(), 0); err != nil {
		return err
	}
	return s.Store.Insert(ctx, worse, Quota)
}

func (s spoiled) Atomically(ctx context.Context, user identity.UserID, fn func(context.Context, ports.Unit) error) error {
	return s.Store.Atomically(ctx, user, func(ctx context.Context, u ports.Unit) error {
		inner := s
		inner.Store = u
		return fn(ctx, spoiledUnit{inner, u})
	})
}

type spoiledUnit struct {
	spoiled
	ports.Replays
}

func (u spoiledUnit) Claim(ctx context.Context, user identity.UserID, key string, now time.Time) (*ports.Replay, error) {
	if u.claim != nil {
		now = u.claim(now)
	}
	return u.Replays.Claim(ctx, user, key, now)
}

// forgetful forgets to erase.
type forgetful struct{}

func (forgetful) Erase(context.Context, identity.UserID) error { return nil }

// The flaws of lax.
const (
	replaceKeeps        = "a replacement keeps what it leaves out"
	matchIgnored        = "a condition is ignored"
	deleteUnconditional = "a delete ignores its condition"
	keysIgnored         = "keys are ignored"
	reuseUnseen         = "a key's other request is not seen"
	batchInParts        = "a batch is done in parts"
	refusalKept         = "a refused content is kept by its key"
	noForgiveness       = "a lost reply is a conflict"
	completeTwice       = "what is completed is completed again"
)

// lax are use cases with one flaw.
type lax struct {
	ports.Tasks
	flaw string
}

func (l lax) Replace(ctx context.Context, user identity.UserID, id task.ID, m task.Match, c task.Change) (task.Task, error) {
	if l.flaw == replaceKeeps {
		return l.Tasks.Edit(ctx, user, id, m, c)
	}
	return l.Tasks.Replace(ctx, user, id, m, c)
}

func (l lax) Edit(ctx context.Context, user identity.UserID, id task.ID, m task.Match, c task.Change) (task.Task, error) {
	switch stored, err := l.Get(ctx, user, id); {
	case l.flaw == matchIgnored:
		m = task.Match{}
	case l.flaw == noForgiveness && err == nil && !m.Holds(stored.Version()):
		return task.Task{}, &task.PreconditionError{Current: stored}
	}
	return l.Tasks.Edit(ctx, user, id, m, c)
}

func (l lax) Complete(ctx context.Context, user identity.UserID, id task.ID, m task.Match) (task.Task, error) {
	if l.flaw == completeTwice && !m.IsSet() {
		if _, err := l.Tasks.Reopen(ctx, user, id, m); err != nil {
			return task.Task{}, err
		}
	}
	return l.Tasks.Complete(ctx, user, id, m)
}

func (l lax) Delete(ctx context.Context, user identity.UserID, id task.ID, m task.Match) error {
	if l.flaw == deleteUnconditional {
		m = task.Match{}
	}
	return l.Tasks.Delete(ctx, user, id, m)
}

func (l lax) BatchAtomically(ctx context.Context, user identity.UserID, ops []ports.Operation) ([]ports.Outcome, error) {
	if l.flaw != batchInParts {
		return l.Tasks.BatchAtomically(ctx, user, ops)
	}
	outcomes := l.Batch(ctx, user, ops)
	for i, outcome := range outcomes {
		if outcome.Err != nil {
			return nil, &ports.BatchError{Index: i, Err: outcome.Err}
		}
	}
	return outcomes, nil
}

func (l lax) Once(ctx context.Context, user identity.UserID, k ports.Key, act func(context.Context, ports.Tasks) (ports.Reply, error)) (ports.Reply, bool, error) {
	switch l.flaw {
	case keysIgnored:
		reply, err := act(ctx, l.Tasks)
		return reply, false, err
	case reuseUnseen:
		k.Request = [32]byte{}
	}
	return l.Tasks.Once(ctx, user, k, func(ctx context.Context, tasks ports.Tasks) (ports.Reply, error) {
		reply, err := act(ctx, tasks)
		if err != nil && l.flaw == refusalKept {
			answer := answered(Answer{}, err)
			return ports.Reply{Status: answer.Status, Body: []byte(answer.String())}, nil
		}
		return reply, err
	})
}

// shared are use cases for which all users are one.
type shared struct{ ports.Tasks }

func (s shared) Get(ctx context.Context, user identity.UserID, id task.ID) (task.Task, error) {
	found, err := s.Tasks.Get(ctx, user, id)
	if err == nil {
		return found, nil
	}
	for _, name := range []string{"ann", "bob"} { // who lives is one of the two, with the same end
		if neighbour, parseErr := identity.ParseUserID(name + user.String()[3:]); parseErr == nil {
			if found, findErr := s.Tasks.Get(ctx, neighbour, id); findErr == nil {
				return found, nil
			}
		}
	}
	return found, err
}
