package storetest_test

import (
	"context"
	"errors"
	"sync/atomic"

	"taskhold/domain/fault"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// runs changes how units of work run.
func runs(atomically func(ctx context.Context, s ports.Store, user identity.UserID, fn work) error) func(*broken) {
	return func(b *broken) { b.atomically = atomically }
}

// outermost is runs, but of no unit within.
func outermost(atomically func(ctx context.Context, s ports.Store, user identity.UserID, fn work) error) func(*broken) {
	return runs(func(ctx context.Context, s ports.Store, user identity.UserID, fn work) error {
		if _, within := s.(ports.Unit); within {
			return s.Atomically(ctx, user, fn)
		}
		return atomically(ctx, s, user, fn)
	})
}

// within is runs of the units within alone.
func within(atomically func(ctx context.Context, u ports.Unit, user identity.UserID, fn work) error) func(*broken) {
	return runs(func(ctx context.Context, s ports.Store, user identity.UserID, fn work) error {
		if u, within := s.(ports.Unit); within {
			return atomically(ctx, u, user, fn)
		}
		return s.Atomically(ctx, user, fn)
	})
}

// eager keeps what a unit of work wrote, whatever became of it.
func eager(ctx context.Context, s ports.Store, user identity.UserID, fn work) (err error) {
	var panicked any
	kept := s.Atomically(context.WithoutCancel(ctx), user, func(_ context.Context, u ports.Unit) error {
		defer func() { panicked = recover() }()
		err = fn(ctx, u)
		return nil
	})
	if panicked != nil {
		panic(panicked)
	}
	return errors.Join(err, kept, ctx.Err())
}

// deaf does not hear that its context is done.
func deaf(ctx context.Context, s ports.Store, user identity.UserID, fn work) error {
	return s.Atomically(context.WithoutCancel(ctx), user, func(_ context.Context, u ports.Unit) error { return fn(ctx, u) })
}

// calm returns an error of a panic, or nothing.
func calm(and error) func(context.Context, ports.Store, identity.UserID, work) error {
	return func(ctx context.Context, s ports.Store, user identity.UserID, fn work) (err error) {
		defer func() {
			if recover() != nil {
				err = and
			}
		}()
		return s.Atomically(ctx, user, fn)
	}
}

// undoes keeps nothing of a unit of work, and says nothing.
func undoes(ctx context.Context, s ports.Store, user identity.UserID, fn work) error {
	err := s.Atomically(ctx, user, func(ctx context.Context, u ports.Unit) error {
		if err := fn(ctx, u); err != nil {
			return err
		}
		return errHidden
	})
	return without(err, errHidden)
}

// outside reads what is outside of the unit of work.
func outside(b *broken) {
	b.find = func(ctx context.Context, _ ports.TaskStore, user identity.UserID, id task.ID) (task.Task, error) {
		return b.Store.Find(ctx, user, id)
	}
}

// dirty lets everybody read in the unit of work that runs.
func dirty(b *broken) {
	var running atomic.Pointer[ports.Unit]
	b.atomically = func(ctx context.Context, s ports.Store, user identity.UserID, fn work) error {
		return s.Atomically(ctx, user, func(ctx context.Context, u ports.Unit) error {
			running.Store(&u)
			defer running.Store(nil)
			return fn(ctx, u)
		})
	}
	b.list = func(ctx context.Context, s ports.TaskStore, user identity.UserID, q ports.Query) (ports.Page, error) {
		if u := running.Load(); u != nil {
			s = *u
		}
		return s.List(ctx, user, q)
	}
}

// aborts lets nothing more happen in a unit of work after a refusal.
func aborts(b *broken) {
	var aborted atomic.Bool
	b.save = func(ctx context.Context, s ports.TaskStore, t task.Task) error {
		if _, within := s.(ports.Unit); within && aborted.Load() {
			return errHidden
		}
		err := s.Save(ctx, t)
		aborted.Store(err != nil)
		return err
	}
}

// strays does for another user, outside, what a unit of work refuses.
func strays(b *broken) {
	b.find = func(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID) (task.Task, error) {
		found, err := s.Find(ctx, user, id)
		if errors.Is(err, ports.ErrOtherUser) {
			return b.Store.Find(ctx, user, id)
		}
		return found, err
	}
}

// lives goes on outside when the unit of work is over.
func lives(b *broken) {
	b.insert = func(ctx context.Context, s ports.TaskStore, t task.Task, quota int) error {
		err := s.Insert(ctx, t, quota)
		var known *fault.Error
		if _, within := s.(ports.Unit); within && err != nil && !errors.As(err, &known) && ctx.Err() == nil {
			return b.Store.Insert(ctx, t, quota)
		}
		return err
	}
}

var unitFlaws = flaws{
	"what a unit of work wrote is kept when it returns nil": {"undoes it": outermost(undoes)},
	"what a unit of work wrote is undone when it fails, and its error comes out": {
		"keeps it": outermost(eager),
		"hides the error": outermost(func(ctx context.Context, s ports.Store, user identity.UserID, fn work) error {
			return hidden(s.Atomically(ctx, user, fn))
		}),
		"swallows the error": outermost(func(ctx context.Context, s ports.Store, user identity.UserID, fn work) error {
			_ = s.Atomically(ctx, user, fn)
			return nil
		}),
	},
	"what a unit of work wrote is undone when it panics":           {"keeps it": outermost(eager), "swallows the panic": outermost(calm(nil))},
	"what a unit of work wrote is undone when its context is done": {"keeps it": outermost(eager), "does not look": outermost(deaf)},
	"what a unit of work wrote is undone when its time is up":      {"keeps it": outermost(eager), "does not look": outermost(deaf)},
	"a unit of work sees what it wrote":                            {"reads outside": outside},
	"nobody sees what a unit of work wrote before its end":         {"lets everybody see": dirty},
	"a refusal leaves a unit of work as it was":                    {"aborts": aborts},
	"a unit of work refuses every other user":                      {"strays": strays, "runs units of others": strayUnits, "says there is none": saysNone},
	"a unit of work is of no use after its end":                    {"lives on": lives},
}

func strayUnits(b *broken) {
	b.atomically = func(ctx context.Context, s ports.Store, user identity.UserID, fn work) error {
		err := s.Atomically(ctx, user, fn)
		if errors.Is(err, ports.ErrOtherUser) {
			return b.Store.Atomically(ctx, user, fn)
		}
		return err
	}
}

func saysNone(b *broken) {
	b.delete = func(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID, version int64) error {
		err := s.Delete(ctx, user, id, version)
		if errors.Is(err, ports.ErrOtherUser) {
			return task.ErrNotFound
		}
		return err
	}
}

// flat runs a unit within as a part of the whole.
func flat(ctx context.Context, u ports.Unit, _ identity.UserID, fn work) error { return fn(ctx, u) }

// autonomous runs a unit within by itself.
func autonomous(b *broken) {
	within(func(ctx context.Context, _ ports.Unit, user identity.UserID, fn work) error {
		return b.Store.Atomically(ctx, user, fn)
	})(b)
}

// shallow knows two levels and no more.
func shallow(b *broken) {
	within(func(ctx context.Context, u ports.Unit, user identity.UserID, fn work) error {
		if ctx.Value(shallowKey{}) != nil {
			return fn(ctx, u)
		}
		return u.Atomically(context.WithValue(ctx, shallowKey{}, true), user, fn)
	})(b)
}

type shallowKey struct{}

var nestingFlaws = flaws{
	"a unit of work within is kept with the whole": {
		"undoes it": within(func(ctx context.Context, u ports.Unit, user identity.UserID, fn work) error {
			return undoes(ctx, u, user, fn)
		}),
	},
	"a unit of work within is undone with the whole": {"keeps it": autonomous},
	"a unit of work within that fails is undone alone": {
		"keeps it":         within(flat),
		"undoes the whole": outermost(undoes),
	},
	"a unit of work within that panics is undone alone": {"keeps it": within(flat)},
	"units of work may stand three deep":                {"knows two": shallow, "knows one": within(flat)},
	"a unit of work within is of no use after its end":  {"lives on with the whole": within(flat)},
}
