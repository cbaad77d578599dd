package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"taskhold/domain/task"
	"taskhold/ports"
)

func twinRules() []Rule {
	return []Rule{
		rule("a twin waits for the first and gets its replay", twinGetsReplay),
		rule("the twin of a first that is undone gets the key", twinGetsKey),
		rule("of many twins at once one acts and the rest get its replay", oneTwinActs),
		rule("requests of one user with different keys act all, at once", keysActAtOnce),
		rule("a twin waits for two seconds and no longer", twinGivesUp),
		rule("a key that one user holds is free for another", heldKeyIsOnesOwn),
	}
}

// first runs a unit of work that claims ann's key, lets meanwhile run, and
// ends when the channel that it hands to meanwhile says how.
func (w *world) first(ctx context.Context, r ports.Replay, meanwhile func(end chan<- error)) {
	var (
		claimed = make(chan struct{}, 1)
		end     = make(chan error, 1)
		ended   = make(chan error, 1)
	)
	go func() {
		ended <- w.aside(func(aside *world) {
			if err := w.Atomically(ctx, w.ann, func(ctx context.Context, u ports.Unit) error {
				_, err := u.Claim(ctx, w.ann, "key", noon)
				aside.fine("Claim", err)
				aside.fine("Keep", u.Keep(ctx, w.ann, "key", r))
				claimed <- struct{}{}
				return <-end
			}); !errors.Is(err, errBoom) {
				aside.fine("Atomically", err)
			}
		})
	}()
	select {
	case <-claimed:
		func() {
			defer func() { // also when meanwhile objects
				select {
				case end <- nil:
				default: // it is told already
				}
			}()
			meanwhile(end)
		}()
	case err := <-ended:
		ended <- err
	}
	w.fine("the first", <-ended)
}

// soon is long enough for a twin to begin to wait.
const soon = 100 * time.Millisecond

func twinGetsReplay(ctx context.Context, w *world) { twin(ctx, w, nil, answer("first")) }

func twinGetsKey(ctx context.Context, w *world) { twin(ctx, w, errBoom, answer("second")) }

// twin objects unless the twin of a first that ends so leaves want behind.
func twin(ctx context.Context, w *world, outcome error, want ports.Replay) {
	w.first(ctx, answer("first"), func(end chan<- error) {
		time.AfterFunc(soon, func() { end <- outcome })
		kept, err := w.once(ctx, w.ann, "key", noon, answer("second"))
		w.fine("the twin", err)
		if (kept == nil) != (outcome != nil) {
			w.object("the twin got %s of a first that ended with %v", describeReplay(kept), outcome)
		}
	})
	w.replays(ctx, "key", noon, &want)
}

func oneTwinActs(ctx context.Context, w *world) {
	var acted atomic.Int64
	errs := w.together(8, func(i int) error {
		kept, err := w.once(ctx, w.ann, "key", noon, answer(string(rune('a'+i))))
		if err == nil && kept == nil {
			acted.Add(1)
		}
		return err
	})
	if w.count("Claim", errs); acted.Load() != 1 {
		w.object("%d of 8 twins acted", acted.Load())
	}
}

func keysActAtOnce(ctx context.Context, w *world) {
	tasks := numbered(8, func(int) task.Task { return w.task(w.ann, "keyed") })
	w.count("Atomically", w.together(len(tasks), func(i int) error {
		return w.Atomically(ctx, w.ann, func(ctx context.Context, u ports.Unit) error {
			key := fmt.Sprintf("key-%d", i)
			if kept, err := u.Claim(ctx, w.ann, key, noon); err != nil || kept != nil {
				return fmt.Errorf("claim of a fresh key: %s, %w", describeReplay(kept), err)
			}
			return errors.Join(u.Insert(ctx, tasks[i], len(tasks)), u.Keep(ctx, w.ann, key, answer(key)))
		})
	}))
	w.holds(ctx, w, w.ann, tasks...)
	for i := range tasks {
		key := fmt.Sprintf("key-%d", i)
		want := answer(key)
		w.replays(ctx, key, noon, &want)
	}
}

// twinGivesUp allows a store to run no two units of work at once: its Claim
// never waits.
func twinGivesUp(ctx context.Context, w *world) {
	const tooLong = 3500 * time.Millisecond
	var (
		waited time.Duration
		kept   *ports.Replay
	)
	w.first(ctx, answer("first"), func(end chan<- error) {
		timer := time.AfterFunc(tooLong, func() { end <- nil })
		err := w.Atomically(ctx, w.ann, func(ctx context.Context, u ports.Unit) (err error) {
			began := time.Now()
			kept, err = u.Claim(ctx, w.ann, "key", noon)
			waited = time.Since(began)
			return err
		})
		if timer.Stop() {
			end <- nil
			w.refused("Claim of a key that is held", err, ports.ErrKeyBusy)
			if waited < 1500*time.Millisecond {
				w.object("Claim gave up after %v", waited)
			}
		} else if w.fine("Claim of a key that was held", err); kept == nil || waited > 3*time.Second {
			w.object("Claim of a key that was held = %s after %v", describeReplay(kept), waited)
		}
	})
	want := answer("first")
	w.replays(ctx, "key", noon, &want)
}

// heldKeyIsOnesOwn allows a store to run no two units of work at once: the
// first ends after a while.
func heldKeyIsOnesOwn(ctx context.Context, w *world) {
	r := answer("bob's")
	w.first(ctx, answer("ann's"), func(end chan<- error) {
		timer := time.AfterFunc(time.Second, func() { end <- nil })
		w.keep(ctx, w.bob, "key", noon, r)
		if timer.Stop() {
			end <- nil
		}
	})
	w.replaysTo(ctx, w.bob, "key", noon, &r)
}
