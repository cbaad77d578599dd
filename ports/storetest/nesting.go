package storetest

import (
	"context"

	"taskhold/domain/task"
	"taskhold/ports"
)

func nestingRules() []Rule {
	return []Rule{
		rule("a unit of work within is kept with the whole", withinIsKept),
		rule("a unit of work within is undone with the whole", withinIsUndone),
		rule("a unit of work within that fails is undone alone", withinIsUndoneAlone),
		rule("a unit of work within that panics is undone alone", withinThatPanicsIsUndoneAlone),
		rule("units of work may stand three deep", threeDeep),
		rule("a unit of work within is of no use after its end", withinIsOfNoUse),
	}
}

func withinIsKept(ctx context.Context, w *world) {
	d := w.stage(ctx)
	w.atomically(ctx, w.ann, func(ctx context.Context, u ports.Unit) error {
		err := u.Atomically(ctx, w.ann, func(ctx context.Context, within ports.Unit) error {
			d.do(ctx, within)
			w.holds(ctx, within, w.ann, d.done()...)
			return nil
		})
		w.holds(ctx, u, w.ann, d.done()...)
		return err
	})
	d.wasDone(ctx)
}

func withinIsUndone(ctx context.Context, w *world) {
	d := w.stage(ctx)
	w.refused("Atomically", w.Atomically(ctx, w.ann, func(ctx context.Context, u ports.Unit) error {
		w.fine("Atomically", u.Atomically(ctx, w.ann, func(ctx context.Context, within ports.Unit) error {
			d.do(ctx, within)
			return nil
		}))
		return errBoom
	}), errBoom)
	d.wasUndone(ctx)
}

// undoneAlone runs fail, which does deeds in a unit within and undoes them,
// between two writes that have to be kept.
func undoneAlone(ctx context.Context, w *world, fail func(context.Context, ports.Unit, deeds) error) {
	before, after := w.task(w.ann, "before"), w.task(w.ann, "after")
	d := w.stage(ctx)
	w.atomically(ctx, w.ann, func(ctx context.Context, u ports.Unit) error {
		w.fine("Insert", u.Insert(ctx, before, 3))
		w.refused("Atomically within", fail(ctx, u, d), errBoom)
		w.holds(ctx, u, w.ann, append(d.undone(), before)...)
		w.fine("Insert", u.Insert(ctx, after, 4))
		kept, err := u.Claim(ctx, w.ann, d.key(), noon)
		if w.fine("Claim", err); kept != nil {
			w.object("a replay outlived the unit of work within that kept it")
		}
		return nil
	})
	w.holds(ctx, w, w.ann, append(d.undone(), before, after)...)
	w.replays(ctx, d.key(), noon, nil)
	w.full(ctx, w.ann, 4)
}

func withinIsUndoneAlone(ctx context.Context, w *world) {
	undoneAlone(ctx, w, func(ctx context.Context, u ports.Unit, d deeds) error {
		return u.Atomically(ctx, w.ann, func(ctx context.Context, within ports.Unit) error {
			d.do(ctx, within)
			return errBoom
		})
	})
}

func withinThatPanicsIsUndoneAlone(ctx context.Context, w *world) {
	undoneAlone(ctx, w, func(ctx context.Context, u ports.Unit, d deeds) error {
		return caught(func() error {
			return u.Atomically(ctx, w.ann, func(ctx context.Context, within ports.Unit) error {
				d.do(ctx, within)
				panic(errBoom)
			})
		})
	})
}

func threeDeep(ctx context.Context, w *world) {
	undoneAlone(ctx, w, func(ctx context.Context, u ports.Unit, d deeds) error {
		return u.Atomically(ctx, w.ann, func(ctx context.Context, within ports.Unit) error {
			w.fine("Insert", within.Insert(ctx, w.task(w.ann, "second deep"), many))
			for _, outcome := range []error{errBoom, nil} {
				err := within.Atomically(ctx, w.ann, func(ctx context.Context, deepest ports.Unit) error {
					d.do(ctx, deepest)
					return outcome
				})
				if (err == nil) != (outcome == nil) {
					w.object("Atomically = %v, want %v", err, outcome)
				}
			}
			return errBoom
		})
	})
}

func withinIsOfNoUse(ctx context.Context, w *world) {
	d := w.stage(ctx)
	w.atomically(ctx, w.ann, func(ctx context.Context, u ports.Unit) error {
		var escaped ports.Unit
		w.fine("Atomically", u.Atomically(ctx, w.ann, func(_ context.Context, within ports.Unit) error {
			escaped = within
			return nil
		}))
		_, err := escaped.Find(ctx, w.ann, d.saved.ID())
		if err == nil || escaped.Insert(ctx, w.task(w.ann, "late"), many) == nil {
			w.object("a unit of work within went on after its end")
		}
		w.holds(ctx, u, w.ann, []task.Task{d.saved, d.deleted}...)
		return nil
	})
	d.wasUndone(ctx)
}
