package storetest

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

func replayRules() []Rule {
	return []Rule{
		rule("a key that nobody used is free", freshKeyIsFree),
		rule("a replay that was kept comes back, byte for byte", replayComesBack),
		rule("a replay is a copy", replayIsACopy),
		rule("a key that was claimed and not kept is free again", unkeptKeyIsFree),
		rule("a replay is kept for a day, to the microsecond", replayIsKeptForADay),
		rule("a key that expired is claimed anew, and counts from then", expiredKeyIsNew),
		rule("one key of two users is two keys", keysAreOnesOwn),
		rule("keys that differ in any character are two", keysAreExact),
		rule("nobody claims nothing", nobodyClaims),
	}
}

// once claims a key, and keeps r unless there is a replay already, which it
// returns.
func (w *world) once(ctx context.Context, user identity.UserID, key string, now time.Time, r ports.Replay) (kept *ports.Replay, err error) {
	err = w.Atomically(ctx, user, func(ctx context.Context, u ports.Unit) (err error) {
		if kept, err = u.Claim(ctx, user, key, now); err != nil || kept != nil {
			return err
		}
		return u.Keep(ctx, user, key, r)
	})
	return kept, err
}

// replays objects unless Claim says want of ann's key. It claims nothing.
func (w *world) replays(ctx context.Context, key string, now time.Time, want *ports.Replay) {
	w.replaysTo(ctx, w.ann, key, now, want)
}

func (w *world) replaysTo(ctx context.Context, user identity.UserID, key string, now time.Time, want *ports.Replay) {
	w.refused("Atomically", w.Atomically(ctx, user, func(ctx context.Context, u ports.Unit) error {
		got, err := u.Claim(ctx, user, key, now)
		w.fine("Claim", err)
		if !sameReplay(got, want) {
			w.object("Claim of %s = %s, want %s", brief(key), describeReplay(got), describeReplay(want))
		}
		return errBoom
	}), errBoom)
}

func sameReplay(a, b *ports.Replay) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Request == b.Request && a.Reply.Status == b.Reply.Status && a.Reply.Location == b.Reply.Location &&
		a.Reply.ETag == b.Reply.ETag && bytes.Equal(a.Reply.Body, b.Reply.Body)
}

func describeReplay(r *ports.Replay) string {
	if r == nil {
		return "none"
	}
	return fmt.Sprintf("[to %x: %d, Location %s, ETag %s, a body of %d: %s]",
		r.Request, r.Reply.Status, brief(r.Reply.Location), brief(r.Reply.ETag), len(r.Reply.Body), brief(string(r.Reply.Body)))
}

// answer is a replay that another does not look like.
func answer(text string) ports.Replay {
	r := ports.Replay{Reply: ports.Reply{Status: 201, Location: "/v1/tasks/" + text, ETag: `"1"`, Body: []byte(text)}}
	copy(r.Request[:], text)
	return r
}

// keep claims a fresh key at an instant and keeps r.
func (w *world) keep(ctx context.Context, user identity.UserID, key string, at time.Time, r ports.Replay) {
	kept, err := w.once(ctx, user, key, at, r)
	if w.fine("Claim and Keep", err); kept != nil {
		w.object("Claim of a free key = %s", describeReplay(kept))
	}
}

func freshKeyIsFree(ctx context.Context, w *world) {
	w.replays(ctx, "fresh", noon, nil)
	w.keep(ctx, w.ann, "used", noon, answer("used"))
	w.replays(ctx, "fresh", noon, nil)
}

func replayComesBack(ctx context.Context, w *world) {
	every := make([]byte, 256)
	whole := [32]byte{}
	for i := range every {
		every[i] = byte(i)
	}
	copy(whole[:], every[224:])
	for key, r := range map[string]ports.Replay{
		"all":    {Request: whole, Reply: ports.Reply{Status: 412, Location: "/v1/tasks/a?b=%20#c", ETag: `W/"3", "4"`, Body: every}},
		"zero":   {},
		"empty":  {Reply: ports.Reply{Status: 204, Body: []byte{}}},
		"big":    {Request: [32]byte{31: 1}, Reply: ports.Reply{Status: 207, Body: bytes.Repeat([]byte("\xf0\x9f\xa5\x9b"), 1<<18)}},
		"spaced": {Reply: ports.Reply{Status: 200, Body: []byte(" {\"a\" : 1.0,\t\"a\": 1e2}\n\n")}},
	} {
		w.keep(ctx, w.ann, key, noon, r)
		w.replays(ctx, key, noon, &r)
		w.replays(ctx, key, noon.Add(time.Hour), &r)
		again, err := w.once(ctx, w.ann, key, noon, answer("another"))
		if w.fine("Claim", err); !sameReplay(again, &r) {
			w.object("Claim of %s again = %s", key, describeReplay(again))
		}
	}
}

func replayIsACopy(ctx context.Context, w *world) {
	r := answer("original")
	w.keep(ctx, w.ann, "key", noon, r)
	r.Reply.Body[0] = 'X'
	got, err := w.once(ctx, w.ann, "key", noon, r)
	if w.fine("Claim", err); got == nil {
		w.object("Claim of a key that was kept = nil")
	}
	got.Reply.Body[0] = 'Y'
	want := answer("original")
	w.replays(ctx, "key", noon, &want)
}

func unkeptKeyIsFree(ctx context.Context, w *world) {
	t := w.task(w.ann, "kept though the key was not")
	w.atomically(ctx, w.ann, func(ctx context.Context, u ports.Unit) error {
		_, err := u.Claim(ctx, w.ann, "key", noon)
		w.fine("Claim", err)
		return u.Insert(ctx, t, many)
	})
	w.has(ctx, w, t)
	w.replays(ctx, "key", noon, nil)
	r := answer("late")
	w.keep(ctx, w.ann, "key", noon, r)
	w.replays(ctx, "key", noon, &r)
}

func replayIsKeptForADay(ctx context.Context, w *world) {
	r := answer("day")
	w.keep(ctx, w.ann, "key", noon, r)
	w.replays(ctx, "key", noon.Add(-time.Minute), &r) // claimed by a clock that is ahead
	w.replays(ctx, "key", noon.Add(ports.KeyRetention-time.Microsecond), &r)
	w.replays(ctx, "key", noon.Add(ports.KeyRetention), &r)
	w.replays(ctx, "key", noon.Add(ports.KeyRetention+time.Microsecond), nil)
}

func expiredKeyIsNew(ctx context.Context, w *world) {
	later := noon.Add(ports.KeyRetention + time.Hour)
	second := answer("second")
	w.keep(ctx, w.ann, "key", noon, answer("first"))
	w.keep(ctx, w.ann, "key", later, second)
	w.replays(ctx, "key", later, &second)
	w.replays(ctx, "key", later.Add(ports.KeyRetention), &second)
	w.replays(ctx, "key", later.Add(ports.KeyRetention+time.Microsecond), nil)
}

func keysAreOnesOwn(ctx context.Context, w *world) {
	anns, bobs := answer("ann's"), answer("bob's")
	w.keep(ctx, w.ann, "key", noon, anns)
	w.replaysTo(ctx, w.bob, "key", noon, nil)
	w.keep(ctx, w.bob, "key", noon, bobs)
	w.replaysTo(ctx, w.ann, "key", noon, &anns)
	w.replaysTo(ctx, w.bob, "key", noon, &bobs)

	w.atomically(ctx, w.bob, func(ctx context.Context, u ports.Unit) error {
		_, err := u.Claim(ctx, w.bob, "claimed", noon) // and keeps nothing
		return err
	})
	w.keep(ctx, w.ann, "claimed", noon, anns)
	w.replaysTo(ctx, w.bob, "claimed", noon, nil)
}

func keysAreExact(ctx context.Context, w *world) {
	long := strings.Repeat("k", 254)
	keys := []string{"key", "KEY", "Key", "key.", "ke", "k", "k%", "k_y", "%", "'", `"`, `\`, "0", "00", "0.0", long + "a", long + "b", "~!@#$^&*()"}
	for _, key := range keys {
		w.keep(ctx, w.ann, key, noon, answer("to "+key))
	}
	for _, key := range keys {
		want := answer("to " + key)
		w.replays(ctx, key, noon, &want)
	}
}

func nobodyClaims(ctx context.Context, w *world) {
	w.atomically(ctx, w.ann, func(ctx context.Context, u ports.Unit) error {
		var nobody identity.UserID
		_, err := u.Claim(ctx, nobody, "key", noon)
		w.refused("Claim for nobody", err, identity.ErrNoUser, ports.ErrOtherUser)
		w.refused("Keep for nobody", u.Keep(ctx, nobody, "key", ports.Replay{}), identity.ErrNoUser, ports.ErrOtherUser)
		_, err = u.Find(ctx, nobody, task.ID{})
		w.refused("Find for nobody", err, identity.ErrNoUser, ports.ErrOtherUser)
		return nil
	})
}
