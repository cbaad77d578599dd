package storetest

import (
	"context"
	"errors"
	"slices"

	"taskhold/domain/task"
	"taskhold/ports"
)

func raceRules() []Rule {
	return []Rule{
		rule("of many writers of one version one wins", oneWriterWins),
		rule("no change is lost among many writers", noChangeIsLost),
		rule("no change is lost among many units of work", noUnitIsLost),
		rule("of a save and a delete of one version one wins", saveOrDelete),
	}
}

func oneWriterWins(ctx context.Context, w *world) {
	first := w.inserted(ctx, w.ann, "first")
	next := numbered(20, func(i int) task.Task {
		return w.edited(first, task.Change{Description: task.Some(string(rune('a' + i)))})
	})
	errs := w.together(len(next), func(i int) error { return w.Save(ctx, next[i]) })
	if wins := w.count("Save", errs, task.ErrStale); wins != 1 {
		w.object("%d of 20 writers of one version won", wins)
	}
	w.has(ctx, w, next[slices.Index(errs, nil)])
}

// mark adds a letter to the description of the stored task.
func (w *world) mark(ctx context.Context, s ports.TaskStore, t task.Task, letter string) error {
	t, err := s.Find(ctx, t.User(), t.ID())
	if err != nil {
		return err
	}
	return s.Save(ctx, w.edited(t, task.Change{Description: task.Some(t.Snapshot().Description + letter)}))
}

// marked objects unless t was marked n times, and no mark was lost.
func (w *world) marked(ctx context.Context, t task.Task, n int) {
	got, err := w.Find(ctx, t.User(), t.ID())
	w.fine("Find", err)
	if marks := len(got.Snapshot().Description); marks != n || got.Version() != int64(n+1) {
		w.object("after %d changes a task of version 1 is of version %d with %d of them", n, got.Version(), marks)
	}
}

const writers, marks = 8, 5

func noChangeIsLost(ctx context.Context, w *world) {
	t := w.inserted(ctx, w.ann, "marked")
	w.count("Save", w.together(writers, func(int) error {
		return repeated(marks, func() error { return w.mark(ctx, w, t, "x") })
	}))
	w.marked(ctx, t, writers*marks)
}

func noUnitIsLost(ctx context.Context, w *world) {
	t := w.inserted(ctx, w.ann, "marked")
	w.count("Atomically", w.together(writers, func(int) error {
		return repeated(marks, func() error {
			return w.Atomically(ctx, w.ann, func(ctx context.Context, u ports.Unit) error { return w.mark(ctx, u, t, "x") })
		})
	}))
	w.marked(ctx, t, writers*marks)
}

// repeated calls do until it succeeded n times, or failed but for a lost race.
func repeated(n int, do func() error) error {
	for n > 0 {
		if err := do(); err == nil {
			n--
		} else if !errors.Is(err, task.ErrStale) {
			return err
		}
	}
	return nil
}

func saveOrDelete(ctx context.Context, w *world) {
	for range 10 {
		t := w.inserted(ctx, w.ann, "contested")
		next := w.edited(t, titled("saved"))
		errs := w.together(2, func(i int) error {
			if i == 0 {
				return w.Save(ctx, next)
			}
			return w.Delete(ctx, w.ann, t.ID(), 1)
		})
		if wins := w.count("Save or Delete", errs, task.ErrStale, task.ErrNotFound); wins != 1 {
			w.object("%d of a save and a delete of one version won", wins)
		}
		if errs[0] == nil {
			w.has(ctx, w, next)
		} else {
			w.lacks(ctx, w, t)
		}
	}
}
