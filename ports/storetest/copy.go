package storetest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// What goes in comes out again, at the borders of what a task may hold.

func copyRules() []Rule {
	return []Rule{
		rule("every text comes out as it went in", textsComeBack),
		rule("every due comes out as it went in", duesComeBack),
		rule("every priority comes out as it went in", prioritiesComeBack),
		rule("tags come out as they went in, in their order", tagsComeBack),
		rule("every instant comes out to the microsecond", instantsComeBack),
		rule("a user's id is any text of up to 255 bytes", usersComeBack),
	}
}

// comeBack objects unless a task of each change is the same by every way out,
// inserted so or saved so.
func (w *world) comeBack(ctx context.Context, user identity.UserID, changes ...task.Change) {
	all := []task.Task{}
	for _, c := range changes {
		if c.Title.IsAbsent() {
			c.Title = task.Some("plain")
		}
		inserted := w.made(user, w.now(), c)
		saved := w.task(user, "before")
		w.insert(ctx, inserted, saved)
		saved = w.edited(saved, c)
		w.fine("Save", w.Save(ctx, saved))
		w.has(ctx, w, inserted)
		w.has(ctx, w, saved)
		all = append(all, inserted, saved)
	}
	w.holds(ctx, w, user, all...)
}

// texts are hard to keep as they are: for SQL, for JSON, for patterns, for
// whoever counts bytes or normalises.
var texts = []string{
	`'; DROP TABLE tasks; --`, `"quoted" and \ back\\slashed`, `%_*?[a-z]\%\_`, `$1 ? :name @p1 {{.}}`,
	"e\u0301 is not \u00e9", "\u212b \u2126 \ufb01 \u1e9e", "inner  spaces\u00a0and\u3000wide",
	"\u200b\ufeff\u202eright to left\u202c\ufffd\ufffe\U0010ffff", "👩‍👩‍👧‍👦 🇦🇺 \U0001d54f", `{"json": null}`, `NULL`, `null`, `0`, `\u0000 \x00 \n`,
}

func textsComeBack(ctx context.Context, w *world) {
	changes := []task.Change{
		{Title: task.Some(strings.Repeat("\U0001f95b", task.MaxTitleLen))},
		{Description: task.Some(strings.Repeat("\U0001f95b", task.MaxDescriptionLen))},
		{Description: task.Some(" \tnot trimmed\r\n\nlast line\n ")},
		{Description: task.Some("line\u2028and\u2029paragraph")},
		{Description: task.Some("\n")},
	}
	for _, text := range texts {
		changes = append(changes, task.Change{Title: task.Some(text), Description: task.Some(text)})
	}
	w.comeBack(ctx, w.ann, changes...)
}

func duesComeBack(ctx context.Context, w *world) {
	changes := []task.Change{{}}
	for _, date := range []string{"0001-01-01", "0001-01-02", "1582-10-10", "1969-12-31", "1970-01-01", "2024-02-29", "2026-03-29", "9999-12-31"} {
		changes = append(changes, task.Change{DueDate: task.Some(date)})
	}
	for _, at := range []string{
		"0001-01-01T00:00:00.000001Z", "0044-03-15T12:00:00Z", "1883-11-18T12:03:58.999999Z", "1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00Z",
		"2016-12-31T23:59:59.999999Z", "2026-03-29T02:30:00.100000+01:00", "2026-11-22T21:00:00.000001Z", "9999-12-31T23:59:59.999999Z",
	} {
		changes = append(changes, task.Change{DueAt: task.Some(at)})
	}
	w.comeBack(ctx, w.ann, changes...)
}

func prioritiesComeBack(ctx context.Context, w *world) {
	for _, p := range []string{"none", "low", "medium", "high"} {
		w.comeBack(ctx, someone("ann"), task.Change{Priority: task.Some(p)})
	}
}

func tagsComeBack(ctx context.Context, w *world) {
	most := make([]string, task.MaxTags)
	for i := range most {
		most[i] = fmt.Sprintf("%02d", 99-i) + strings.Repeat("\U0001f3f7", task.MaxTagLen-2)
	}
	w.comeBack(ctx, w.ann,
		task.Change{Tags: task.Some([]string{})},
		task.Change{Tags: task.Some(most)},
		task.Change{Tags: task.Some([]string{"z", "a", "m", "A", "Z"})},
		task.Change{Tags: task.Some([]string{"a,b", "a", "b", "a b", ",", "[", "]", "{}", "{a,b}"})},
		task.Change{Tags: task.Some([]string{"e\u0301", "\u00e9", "null", "1", "true"})},
		task.Change{Tags: task.Some(texts)},
	)
}

func instantsComeBack(ctx context.Context, w *world) {
	for _, created := range []time.Time{
		time.UnixMicro(0), time.UnixMicro(1), noon.Truncate(time.Second), noon.Truncate(time.Second).Add(999_999 * time.Microsecond),
		time.Date(2038, 1, 19, 3, 14, 8, 1000, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_998_000, time.UTC),
	} {
		open, done := w.made(w.ann, created, titled("open")), w.made(w.bob, created, titled("done"))
		done.Complete(created)
		w.insert(ctx, open)
		open.Complete(created.Add(time.Microsecond))
		w.fine("Save", w.Save(ctx, open))
		w.has(ctx, w, open)
		w.insert(ctx, done)
		w.has(ctx, w, done)
	}
}

func usersComeBack(ctx context.Context, w *world) {
	unique := someone("").String()
	for _, text := range []string{
		strings.Repeat("\U0001f469", (255-len(unique))/4) + unique,
		unique + strings.Repeat("x", 255-len(unique)),
		unique + ` o'hara "q" \ % _ ; -- $1 ?`, unique + " ", " " + unique, unique + "|" + unique, unique + "/\u2028\u200b",
	} {
		u := user(text)
		w.comeBack(ctx, u, task.Change{})
		t := w.inserted(ctx, u, "another")
		w.fine("Delete", w.Delete(ctx, u, t.ID(), 1))
		w.atomically(ctx, u, func(ctx context.Context, unit ports.Unit) error {
			_, err := unit.Claim(ctx, u, "key", noon)
			return err
		})
		w.fine("Erase", w.Erase(ctx, u, noon))
		w.holds(ctx, w, u)
	}
}
