package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"sync/atomic"
	"time"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

func housekeepingRules() []Rule {
	return []Rule{
		rule("a store that stands answers", storeAnswers),
		rule("the key of a name is 32 bytes and stays", keyStays),
		rule("keys of two names are two", keysDiffer),
		rule("all who ask for a key first get the same", keyIsOneAtOnce),
		rule("a purge removes what was claimed before, and nothing else", purgeRemovesTheOld),
		rule("a purge removes as many as it may and tells how many", purgeIsBounded),
		rule("purges at once remove each replay once", purgesAtOnce),
	}
}

func storeAnswers(ctx context.Context, w *world) { w.fine("Ping", w.Ping(ctx)) }

func (w *world) key(ctx context.Context, name string) []byte {
	key, err := w.Key(ctx, name)
	if w.fine("Key", err); len(key) != 32 || bytes.Count(key, key[:1]) == 32 {
		w.object("Key(%q) = %x, want 32 random bytes", name, key)
	}
	return key
}

func keyStays(ctx context.Context, w *world) {
	name := "key-" + rand.Text()
	first := w.key(ctx, name)
	want := bytes.Clone(first)
	clear(first)
	if got := w.key(ctx, name); !bytes.Equal(got, want) {
		w.object("Key(%q) is another when asked again", name)
	}
}

func keysDiffer(ctx context.Context, w *world) {
	seen := map[string]string{}
	name := "Key-" + rand.Text()
	for _, name := range []string{name, name + "2", "k" + name[1:], name[1:]} {
		key := string(w.key(ctx, name))
		if other, ok := seen[key]; ok {
			w.object("the names %q and %q have one key", name, other)
		}
		seen[key] = name
	}
}

func keyIsOneAtOnce(ctx context.Context, w *world) {
	name := "key-" + rand.Text()
	keys := make([][]byte, 8)
	w.together(len(keys), func(i int) error {
		keys[i] = w.key(ctx, name)
		return nil
	})
	for _, key := range keys {
		if !bytes.Equal(key, keys[0]) || !bytes.Equal(key, w.key(ctx, name)) {
			w.object("Key(%q) differs among those who asked first", name)
		}
	}
}

// The rules that purge play in the distant past, so that they remove nothing
// of another rule in the same store.

func (w *world) purge(ctx context.Context, before time.Time, limit, want int) {
	n, err := w.PurgeReplays(ctx, before, limit)
	if w.fine("PurgeReplays", err); n != want {
		w.object("PurgeReplays of at most %d = %d, want %d", limit, n, want)
	}
}

// past returns an instant before which there are no replays.
func (w *world) past(ctx context.Context, year int) time.Time {
	at := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	for range many {
		n, err := w.PurgeReplays(ctx, at.AddDate(1, 0, 0), many)
		if w.fine("PurgeReplays", err); n == 0 {
			return at
		}
	}
	w.object("PurgeReplays always finds more")
	return at
}

func purgeRemovesTheOld(ctx context.Context, w *world) {
	at := w.past(ctx, 2001)
	older, same, newer := answer("older"), answer("same"), answer("newer")
	w.keep(ctx, w.ann, "older", at.Add(-time.Microsecond), older)
	w.keep(ctx, w.bob, "older", at.Add(-time.Hour), older)
	w.keep(ctx, w.ann, "same", at, same)
	w.keep(ctx, w.bob, "newer", at.Add(time.Microsecond), newer)
	t := w.inserted(ctx, w.ann, "stays")
	w.purge(ctx, at, many, 2)
	w.replaysTo(ctx, w.ann, "older", at, nil)
	w.replaysTo(ctx, w.bob, "older", at, nil)
	w.replaysTo(ctx, w.ann, "same", at, &same)
	w.replaysTo(ctx, w.bob, "newer", at, &newer)
	w.holds(ctx, w, w.ann, t)
	w.purge(ctx, at, many, 0)
	w.keep(ctx, w.ann, "older", at, same)
}

// keepMany keeps replays of ann and bob in turn.
func (w *world) keepMany(ctx context.Context, n int, at time.Time) {
	for i := range n {
		user := []identity.UserID{w.ann, w.bob}[i%2]
		w.keep(ctx, user, fmt.Sprintf("key-%d", i), at, answer("old"))
	}
}

func purgeIsBounded(ctx context.Context, w *world) {
	at := w.past(ctx, 2002)
	w.keepMany(ctx, 7, at)
	for _, want := range []int{3, 3, 1, 0} {
		w.purge(ctx, at.Add(time.Microsecond), 3, want)
	}
}

func purgesAtOnce(ctx context.Context, w *world) {
	at := w.past(ctx, 2003)
	w.keepMany(ctx, 20, at)
	var purged atomic.Int64
	w.count("PurgeReplays", w.together(4, func(int) error {
		for range 20 { // one that skips what another is removing may find none
			n, err := w.PurgeReplays(ctx, at.Add(time.Microsecond), 4)
			if purged.Add(int64(n)); err != nil {
				return err
			}
		}
		return nil
	}))
	if purged.Load() != 20 {
		w.object("purges at once say that they removed %d replays of 20", purged.Load())
	}
	w.purge(ctx, at.Add(time.Microsecond), many, 0)
}

func eraseRules() []Rule {
	return []Rule{
		rule("an erased user has no tasks and no replays", eraseRemovesAll),
		rule("nothing can be inserted for an erased user again", erasedStaysErased),
		rule("who never was here can be erased", strangerCanBeErased),
		rule("an erased user claims no key", erasedClaimsNothing),
		rule("erasing a user leaves every other alone", eraseSparesOthers),
		rule("nothing outlives an erasure that happens at the same time", eraseAmongInserts),
	}
}

func eraseRemovesAll(ctx context.Context, w *world) {
	d := w.stage(ctx)
	w.keep(ctx, w.ann, "key", noon, answer("before"))
	w.fine("Erase", w.Erase(ctx, w.ann, w.now()))
	w.holds(ctx, w, w.ann)
	w.lacks(ctx, w, d.saved)
	w.refused("Save", w.Save(ctx, d.next), task.ErrNotFound)
	w.refused("Delete", w.Delete(ctx, w.ann, d.deleted.ID(), 0), task.ErrNotFound)
	if kept, err := w.once(ctx, w.ann, "key", noon, answer("after")); err == nil || kept != nil {
		w.object("Claim of a key of an erased user = %s, %v", describeReplay(kept), err)
	}
}

func erasedStaysErased(ctx context.Context, w *world) {
	t := w.inserted(ctx, w.ann, "milk")
	for range 2 { // erasing again changes nothing
		w.fine("Erase", w.Erase(ctx, w.ann, w.now()))
		w.refused("Insert", w.Insert(ctx, w.task(w.ann, "new"), many), identity.ErrErased)
		w.refused("Insert", w.Insert(ctx, t, many), identity.ErrErased)
		w.refused("Atomically", w.Atomically(ctx, w.ann, func(ctx context.Context, u ports.Unit) error {
			return u.Insert(ctx, w.task(w.ann, "new"), many)
		}), identity.ErrErased)
		w.holds(ctx, w, w.ann)
	}
}

func strangerCanBeErased(ctx context.Context, w *world) {
	w.fine("Erase", w.Erase(ctx, w.ann, w.now()))
	w.refused("Insert", w.Insert(ctx, w.task(w.ann, "first"), many), identity.ErrErased)
	w.holds(ctx, w, w.ann)
}

func erasedClaimsNothing(ctx context.Context, w *world) {
	w.fine("Erase", w.Erase(ctx, w.ann, w.now()))
	_, err := w.once(ctx, w.ann, "key", noon, answer("new"))
	w.refused("Claim", err, identity.ErrErased)
}

func eraseSparesOthers(ctx context.Context, w *world) {
	w.inserted(ctx, w.ann, "ann's")
	bobs := w.inserted(ctx, w.bob, "bob's")
	r := answer("bob's")
	w.keep(ctx, w.ann, "key", noon, answer("ann's"))
	w.keep(ctx, w.bob, "key", noon, r)
	w.fine("Erase", w.Erase(ctx, w.ann, w.now()))
	w.holds(ctx, w, w.bob, bobs)
	w.replaysTo(ctx, w.bob, "key", noon, &r)
	w.full(ctx, w.bob, 1)
}

func eraseAmongInserts(ctx context.Context, w *world) {
	w.inserted(ctx, w.ann, "before")
	tasks := numbered(12, func(int) task.Task { return w.task(w.ann, "at once") })
	const erasing = 6
	errs := w.together(len(tasks), func(i int) error {
		if i == erasing {
			return w.Erase(ctx, w.ann, noon)
		}
		return w.Insert(ctx, tasks[i], many)
	})
	w.fine("Erase", errs[erasing])
	w.count("Insert", errs, identity.ErrErased)
	w.holds(ctx, w, w.ann)
}
