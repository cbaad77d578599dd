package memory

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// work is what a unit of work and those within it share. It takes the user's
// turn when it is first used, and keeps it until its end.
type work struct {
	user  identity.UserID
	shelf *shelf

	mu      sync.Mutex // guards what follows
	begun   bool       // has the turn
	changes changes
}

// changes are what a unit of work wrote so far; the zero changes are none.
type changes struct {
	tasks  map[task.ID]*task.Task // nil: deleted
	added  int                    // inserted less deleted
	claims map[string]claim
}

func (c changes) clone() changes {
	return changes{tasks: maps.Clone(c.tasks), added: c.added, claims: maps.Clone(c.claims)}
}

// run carries out one unit, the outermost or one within.
func (w *work) run(ctx context.Context, fn func(context.Context, ports.Unit) error) error {
	u := &unit{work: w}
	w.mu.Lock()
	before := w.changes.clone()
	w.mu.Unlock()
	kept := false
	defer func() { u.finish(kept, before) }() // also when fn panics
	if err := fn(ctx, u); err != nil {
		return err
	}
	kept = ctx.Err() == nil
	return ctx.Err()
}

// begin waits for the user's turn.
func (w *work) begin(ctx context.Context) error {
	if w.begun {
		return nil
	}
	select {
	case w.shelf.turn <- struct{}{}:
		w.begun = true
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// beginWith waits for the user's turn in order to claim a key. It gives up if
// the unit whose turn it is holds that key after so long.
func (w *work) beginWith(ctx context.Context, key string) error {
	for {
		brief, cancel := context.WithTimeout(ctx, patience)
		err := w.begin(brief)
		cancel()
		switch {
		case err == nil || ctx.Err() != nil:
			return err
		case w.shelf.holds(key):
			return ports.ErrKeyBusy
		}
	}
}

// patience is how long [ports.Replays] lets Claim wait.
const patience = 2 * time.Second

// end gives the turn to the next.
func (w *work) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.begun {
		w.shelf.release(nil)
		<-w.shelf.turn
		w.begun = false
	}
}

func (w *work) commit() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shelf.apply(w.changes)
}

var errOver = errors.New("memory: a unit of work was used after its end")

// unit is one unit of work, the outermost or one within.
type unit struct {
	work *work
	over bool
}

// enter locks the work for one call of a user, which leaves it with leave.
func (u *unit) enter(ctx context.Context, user identity.UserID, begin func() error) error {
	if err := admit(ctx, user); err != nil {
		return err
	}
	if user != u.work.user {
		return ports.ErrOtherUser
	}
	u.work.mu.Lock()
	err := errOver
	if !u.over {
		err = begin()
	}
	if err != nil {
		u.work.mu.Unlock()
	}
	return err
}

func (u *unit) leave() { u.work.mu.Unlock() }

// finish makes the unit useless, and undoes what it wrote unless that is kept.
func (u *unit) finish(kept bool, before changes) {
	u.work.mu.Lock()
	defer u.work.mu.Unlock()
	u.over = true
	if !kept && u.work.begun {
		u.work.changes = before
		u.work.shelf.release(before.claims)
	}
}

// Atomically is a unit within: what fn wrote is undone alone.
func (u *unit) Atomically(ctx context.Context, user identity.UserID, fn func(context.Context, ports.Unit) error) error {
	if err := u.enter(ctx, user, func() error { return nil }); err != nil {
		return err
	}
	u.leave()
	return u.work.run(ctx, fn)
}
