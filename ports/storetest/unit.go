package storetest

import (
	"context"
	"time"

	"taskhold/domain/task"
	"taskhold/ports"
)

func unitRules() []Rule {
	return []Rule{
		rule("what a unit of work wrote is kept when it returns nil", unitIsKept),
		rule("what a unit of work wrote is undone when it fails, and its error comes out", errorUndoes),
		rule("what a unit of work wrote is undone when it panics", panicUndoes),
		rule("what a unit of work wrote is undone when its context is done", cancelUndoes),
		rule("what a unit of work wrote is undone when its time is up", timeoutUndoes),
		rule("a unit of work sees what it wrote", unitSeesItsWrites),
		rule("nobody sees what a unit of work wrote before its end", othersSeeNothing),
		rule("a refusal leaves a unit of work as it was", refusalLeavesUnit),
		rule("a unit of work refuses every other user", unitRefusesOthers),
		rule("a unit of work is of no use after its end", unitIsOfNoUse),
	}
}

// deeds are a write of each kind, by one unit of work or one within.
type deeds struct {
	w                      *world
	saved, deleted         task.Task // stood before
	next, inserted, passed task.Task
}

// stage inserts what deeds will be done to.
func (w *world) stage(ctx context.Context) deeds {
	d := deeds{w: w, saved: w.inserted(ctx, w.ann, "to be saved"), deleted: w.inserted(ctx, w.ann, "to be deleted")}
	d.next = w.edited(d.saved, titled("saved"))
	d.inserted, d.passed = w.task(w.ann, "inserted"), w.task(w.ann, "inserted and deleted")
	return d
}

func (d deeds) do(ctx context.Context, u ports.Unit) {
	d.w.fine("Insert", u.Insert(ctx, d.inserted, many))
	d.w.fine("Insert", u.Insert(ctx, d.passed, many))
	d.w.fine("Save", u.Save(ctx, d.next))
	d.w.fine("Delete", u.Delete(ctx, d.w.ann, d.deleted.ID(), 1))
	d.w.fine("Delete", u.Delete(ctx, d.w.ann, d.passed.ID(), 0))
	kept, err := u.Claim(ctx, d.w.ann, d.key(), noon)
	if d.w.fine("Claim", err); kept != nil {
		d.w.object("Claim of a fresh key = %s", describeReplay(kept))
	}
	d.w.fine("Keep", u.Keep(ctx, d.w.ann, d.key(), ports.Replay{Reply: ports.Reply{Status: 201}}))
}

func (d deeds) key() string { return "key of " + d.inserted.ID().String() }

func (d deeds) done() []task.Task   { return []task.Task{d.next, d.inserted} }
func (d deeds) undone() []task.Task { return []task.Task{d.saved, d.deleted} }

// wasDone objects unless the whole was kept.
func (d deeds) wasDone(ctx context.Context) {
	d.w.holds(ctx, d.w, d.w.ann, d.done()...)
	d.w.replays(ctx, d.key(), noon, &ports.Replay{Reply: ports.Reply{Status: 201}})
	d.w.full(ctx, d.w.ann, 2)
}

// wasUndone objects if anything was kept, or if the store is not fit for more.
func (d deeds) wasUndone(ctx context.Context) {
	d.w.holds(ctx, d.w, d.w.ann, d.undone()...)
	d.w.replays(ctx, d.key(), noon, nil)
	d.w.full(ctx, d.w.ann, 2)
	d.w.atomically(ctx, d.w.ann, func(ctx context.Context, u ports.Unit) error {
		d.do(ctx, u)
		return nil
	})
	d.wasDone(ctx)
}

func unitIsKept(ctx context.Context, w *world) {
	d := w.stage(ctx)
	w.atomically(ctx, w.ann, func(ctx context.Context, u ports.Unit) error {
		d.do(ctx, u)
		return nil
	})
	d.wasDone(ctx)
}

func errorUndoes(ctx context.Context, w *world) {
	d := w.stage(ctx)
	w.refused("Atomically", w.Atomically(ctx, w.ann, func(ctx context.Context, u ports.Unit) error {
		d.do(ctx, u)
		return errBoom
	}), errBoom)
	d.wasUndone(ctx)
}

func panicUndoes(ctx context.Context, w *world) {
	d := w.stage(ctx)
	if err := caught(func() error {
		return w.Atomically(ctx, w.ann, func(ctx context.Context, u ports.Unit) error {
			d.do(ctx, u)
			panic(errBoom)
		})
	}); err == nil {
		w.object("Atomically turned a panic into success")
	}
	d.wasUndone(ctx)
}

// caught returns what do returned, or errBoom if do panicked with it.
func caught(do func() error) (err error) {
	defer func() {
		if p := recover(); p == any(errBoom) {
			err = errBoom
		} else if p != nil {
			panic(p)
		}
	}()
	return do()
}

func cancelUndoes(ctx context.Context, w *world) {
	d := w.stage(ctx)
	brief, cancel := context.WithCancel(ctx)
	defer cancel()
	if w.Atomically(brief, w.ann, func(ctx context.Context, u ports.Unit) error {
		d.do(ctx, u)
		cancel()
		return nil
	}) == nil {
		w.object("Atomically succeeded with a context that was cancelled")
	}
	d.wasUndone(ctx)
}

func timeoutUndoes(ctx context.Context, w *world) {
	d := w.stage(ctx)
	brief, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	if w.Atomically(brief, w.ann, func(ctx context.Context, u ports.Unit) error {
		d.do(context.WithoutCancel(ctx), u)
		<-brief.Done()
		return nil
	}) == nil {
		w.object("Atomically succeeded after its time was up")
	}
	d.wasUndone(ctx)
}

func unitSeesItsWrites(ctx context.Context, w *world) {
	d := w.stage(ctx)
	w.atomically(ctx, w.ann, func(ctx context.Context, u ports.Unit) error {
		d.do(ctx, u)
		w.holds(ctx, u, w.ann, d.done()...)
		w.has(ctx, u, d.next)
		w.has(ctx, u, d.inserted)
		w.lacks(ctx, u, d.deleted)
		w.lacks(ctx, u, d.passed)
		w.refused("Save of the same version again", u.Save(ctx, d.next), task.ErrStale)
		w.refused("Insert over the quota", u.Insert(ctx, w.task(w.ann, "third"), 2), task.ErrQuota)
		again := w.edited(d.next, titled("again"))
		w.fine("Save", u.Save(ctx, again))
		w.has(ctx, u, again)
		return nil
	})
}

// othersSeeNothing lets a store make readers wait for the end of the unit of
// work, which is undone: either way they never see what it wrote.
func othersSeeNothing(ctx context.Context, w *world) {
	d := w.stage(ctx)
	seen := make(chan error, 1)
	w.refused("Atomically", w.Atomically(ctx, w.ann, func(inside context.Context, u ports.Unit) error {
		d.do(inside, u)
		go func() {
			seen <- w.aside(func(aside *world) {
				aside.holds(ctx, w, w.ann, d.undone()...)
				aside.has(ctx, w, d.saved)
				aside.lacks(ctx, w, d.inserted)
			})
		}()
		select {
		case err := <-seen:
			seen <- err
		case <-time.After(200 * time.Millisecond):
		}
		return errBoom
	}), errBoom)
	w.fine("while a unit of work runs", <-seen)
	d.wasUndone(ctx)
}

// aside returns what a world of its own objects to.
func (w *world) aside(check func(*world)) error {
	aside := &world{Subject: w.Subject, ann: w.ann, bob: w.bob}
	func() {
		defer func() { quietly(recover()) }()
		check(aside)
	}()
	return aside.err()
}

func refusalLeavesUnit(ctx context.Context, w *world) {
	d := w.stage(ctx)
	w.atomically(ctx, w.ann, func(ctx context.Context, u ports.Unit) error {
		missing := w.task(w.ann, "missing")
		_, err := u.Find(ctx, w.ann, missing.ID())
		w.refused("Find", err, task.ErrNotFound)
		w.refused("Delete", u.Delete(ctx, w.ann, missing.ID(), 0), task.ErrNotFound)
		w.refused("Save", u.Save(ctx, w.edited(missing, titled("more"))), task.ErrNotFound)
		w.refused("Save", u.Save(ctx, d.saved), task.ErrStale)
		w.refused("Delete", u.Delete(ctx, w.ann, d.saved.ID(), 5), task.ErrStale)
		w.refused("Insert", u.Insert(ctx, missing, 2), task.ErrQuota)
		w.refused("Atomically", u.Atomically(ctx, w.ann, func(context.Context, ports.Unit) error { return errBoom }), errBoom)
		d.do(ctx, u)
		return nil
	})
	d.wasDone(ctx)
}

func unitRefusesOthers(ctx context.Context, w *world) {
	mine := w.inserted(ctx, w.ann, "ann's")
	twin := w.twin(mine, "bob's")
	w.insert(ctx, twin)
	w.atomically(ctx, w.ann, func(ctx context.Context, u ports.Unit) error {
		_, find := u.Find(ctx, w.bob, twin.ID())
		_, list := u.List(ctx, w.bob, ports.Query{Limit: 1})
		_, claim := u.Claim(ctx, w.bob, "key", noon)
		for method, err := range map[string]error{
			"Find": find, "List": list, "Claim": claim,
			"Insert": u.Insert(ctx, w.task(w.bob, "new"), many),
			"Save":   u.Save(ctx, w.edited(twin, titled("saved"))),
			"Delete": u.Delete(ctx, w.bob, twin.ID(), 0),
			"Keep":   u.Keep(ctx, w.bob, "key", ports.Replay{}),
			"Atomically": u.Atomically(ctx, w.bob, func(context.Context, ports.Unit) error {
				w.object("a unit of work within ran for another user")
				return nil
			}),
		} {
			w.refused(method+" for another user", err, ports.ErrOtherUser)
		}
		w.has(ctx, u, mine)
		return nil
	})
	w.holds(ctx, w, w.bob, twin)
}

func unitIsOfNoUse(ctx context.Context, w *world) {
	for _, outcome := range []error{nil, errBoom} {
		w.ann = someone("ann")
		d := w.stage(ctx)
		var escaped ports.Unit
		err := w.Atomically(ctx, w.ann, func(_ context.Context, u ports.Unit) error {
			escaped = u
			return outcome
		})
		w.refused("Atomically", err, outcome)
		w.useless(ctx, escaped, d)
		d.wasUndone(ctx)
	}
}

// useless objects unless every method of a unit of work fails.
func (w *world) useless(ctx context.Context, u ports.Unit, d deeds) {
	_, find := u.Find(ctx, w.ann, d.saved.ID())
	_, list := u.List(ctx, w.ann, ports.Query{Limit: 1})
	_, claim := u.Claim(ctx, w.ann, d.key(), noon)
	for method, err := range map[string]error{
		"Find": find, "List": list, "Claim": claim,
		"Insert":     u.Insert(ctx, d.inserted, many),
		"Save":       u.Save(ctx, d.next),
		"Delete":     u.Delete(ctx, w.ann, d.deleted.ID(), 0),
		"Keep":       u.Keep(ctx, w.ann, d.key(), ports.Replay{}),
		"Atomically": u.Atomically(ctx, w.ann, func(context.Context, ports.Unit) error { return nil }),
	} {
		if err == nil {
			w.object("%s went through after the end of the unit of work", method)
		}
	}
}
