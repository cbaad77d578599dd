package storetest_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// cut keeps n bytes at most, as a column may.
func cut(s string, n int) string { return strings.ToValidUTF8(s[:min(n, len(s))], "") }

// due changes instants of a due.
func due(change func(time.Time) time.Time) func(*broken) {
	return reads(func(s *task.Snapshot) {
		if at := s.Due.At(); !at.IsZero() {
			s.Due = task.DueAt(change(at))
		}
	})
}

// day changes the date of a due.
func day(change func(task.Date) task.Date) func(*broken) {
	return reads(func(s *task.Snapshot) {
		if d := s.Due.Date(); !d.IsZero() {
			s.Due = task.DueOn(change(d))
		}
	})
}

func tags(change func([]string) []string) func(*broken) {
	return reads(func(s *task.Snapshot) { s.Tags = change(s.Tags) })
}

var copyFlaws = flaws{
	"every text comes out as it went in": {
		"keeps 255 bytes of a title":       reads(func(s *task.Snapshot) { s.Title = cut(s.Title, 255) }),
		"keeps 32 KiB of a description":    reads(func(s *task.Snapshot) { s.Description = cut(s.Description, 32<<10) }),
		"trims descriptions":               reads(func(s *task.Snapshot) { s.Description = strings.TrimSpace(s.Description) }),
		"composes accents":                 reads(func(s *task.Snapshot) { s.Title = strings.ReplaceAll(s.Title, "e\u0301", "é") }),
		"reads CR LF as LF":                reads(func(s *task.Snapshot) { s.Description = strings.ReplaceAll(s.Description, "\r", "") }),
		"eats backslashes":                 reads(func(s *task.Snapshot) { s.Title = strings.ReplaceAll(s.Title, `\\`, `\`) }),
		"has no room beyond the BMP":       reads(func(s *task.Snapshot) { s.Title = strings.ReplaceAll(s.Title, "\U0001f95b", "\ufffd") }),
		"loses what cannot be seen":        reads(func(s *task.Snapshot) { s.Title = strings.ReplaceAll(s.Title, "\u200b", "") }),
		"takes the text null for no text":  reads(func(s *task.Snapshot) { s.Description = strings.TrimPrefix(s.Description, "null") }),
		"changes what it has of U+2028":    reads(func(s *task.Snapshot) { s.Description = strings.ReplaceAll(s.Description, "\u2028", "\n") }),
		"keeps one description for a user": sharesDescriptions,
	},
	"every due comes out as it went in": {
		"reads a date as local midnight": day(func(d task.Date) task.Date { return task.DateOf(d.Start(time.UTC).Add(-time.Hour)) }),
		"counts days as Julius Caesar":   day(julian),
		"keeps milliseconds":             due(func(at time.Time) time.Time { return at.Truncate(time.Millisecond) }),
		"keeps what an int64 of nanoseconds can": due(func(at time.Time) time.Time {
			return time.Unix(0, at.UnixNano()).UTC()
		}),
		"forgets its offset": due(func(at time.Time) time.Time { return at.Add(time.Hour) }),
	},
	"every priority comes out as it went in": {
		"has three priorities": reads(func(s *task.Snapshot) { s.Priority = min(s.Priority, task.Medium) }),
		"has no none":          reads(func(s *task.Snapshot) { s.Priority = max(s.Priority, task.Low) }),
	},
	"tags come out as they went in, in their order": {
		"sorts them":         tags(func(tags []string) []string { return slices.Sorted(slices.Values(tags)) }),
		"joins by commas":    tags(func(tags []string) []string { return strings.Split(strings.Join(tags, ","), ",") }),
		"folds them":         tags(func(tags []string) []string { return strings.Split(strings.ToLower(strings.Join(tags, "\n")), "\n") }),
		"keeps nineteen":     tags(func(tags []string) []string { return tags[:min(19, len(tags))] }),
		"leaves nil of none": lists(func(_ ports.Query, page *ports.Page) { nilTags(page) }),
	},
	"every instant comes out to the microsecond": {
		"keeps milliseconds of updates":     reads(func(s *task.Snapshot) { s.Updated = s.Updated.Truncate(time.Millisecond) }),
		"keeps milliseconds of completions": reads(func(s *task.Snapshot) { s.Completed = s.Completed.Truncate(time.Millisecond) }),
		"takes 1970 for never":              reads(func(s *task.Snapshot) { s.Completed = s.Completed.Add(never(s.Completed)) }),
	},
	"a user's id is any text of up to 255 bytes": {
		"keeps 200 bytes": users(func(s string) string { return cut(s, 200) }),
		"trims":           users(strings.TrimSpace),
		"reads patterns":  users(func(s string) string { return strings.ReplaceAll(s, "%", "") }),
	},
}

func nilTags(page *ports.Page) {
	for i, t := range page.Tasks {
		if len(t.Tags) == 0 {
			page.Tasks[i].Tags = []string{"none"}
		}
	}
}

// never turns the start of 1970 into the zero time.
func never(at time.Time) time.Duration {
	if at.UnixMicro() == 0 {
		return -time.Microsecond
	}
	return 0
}

func julian(d task.Date) task.Date {
	if d.String() == "1582-10-10" {
		return d.Next()
	}
	return d
}

// sharesDescriptions keeps the last description for all tasks of one.
func sharesDescriptions(b *broken) {
	var last atomic.Value
	reads(func(s *task.Snapshot) {
		if text, ok := last.Load().(string); ok {
			s.Description = text
		}
	})(b)
	b.insert = func(ctx context.Context, s ports.TaskStore, t task.Task, quota int) error {
		last.Store(t.Snapshot().Description)
		return s.Insert(ctx, t, quota)
	}
}

// users has a column that changes the text of ids, so that tasks are listed
// for another user than they were inserted for.
func users(change func(string) string) func(*broken) {
	return func(b *broken) {
		b.find = func(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID) (task.Task, error) {
			found, err := s.Find(ctx, user, id)
			if err == nil && change(user.String()) != user.String() {
				return task.Task{}, task.ErrNotFound
			}
			return found, err
		}
	}
}

// counter counts the tasks of users beside the store, with a chosen mistake.
type counter struct {
	mu    sync.Mutex
	tasks map[identity.UserID]int

	neverDown   bool          // a delete is not counted
	downTwice   bool          // a delete that is refused is counted
	upRefused   bool          // an insert that is refused is counted
	upSaved     bool          // a save is counted
	hesitates   time.Duration // between reading and writing
	upNotUndone bool          // what is undone stays counted
}

func (c *counter) add(user identity.UserID, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tasks[user] += n
}

func (c *counter) of(user identity.UserID) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tasks[user]
}

// counts makes a store whose quota is by c.
func counts(mistake func(*counter)) func(*broken) {
	return func(b *broken) {
		c := &counter{tasks: map[identity.UserID]int{}}
		mistake(c)
		b.insert, b.save, b.delete, b.atomically = c.insert, c.save, c.delete, c.atomically
	}
}

func (c *counter) insert(ctx context.Context, s ports.TaskStore, t task.Task, quota int) error {
	n := c.of(t.User())
	if n >= quota {
		return task.ErrQuota
	}
	time.Sleep(c.hesitates)
	err := s.Insert(ctx, t, 1_000_000)
	if err == nil || c.upRefused {
		c.add(t.User(), 1)
	}
	return err
}

func (c *counter) save(ctx context.Context, s ports.TaskStore, t task.Task) error {
	err := s.Save(ctx, t)
	if err == nil && c.upSaved {
		c.add(t.User(), 1)
	}
	return err
}

func (c *counter) delete(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID, version int64) error {
	err := s.Delete(ctx, user, id, version)
	if (err == nil && !c.neverDown) || (err != nil && c.downTwice) {
		c.add(user, -1)
	}
	return err
}

func (c *counter) atomically(ctx context.Context, s ports.Store, user identity.UserID, fn work) error {
	before := c.of(user)
	err := s.Atomically(ctx, user, fn)
	if err != nil && !c.upNotUndone {
		c.add(user, before-c.of(user))
	}
	return err
}

// allows changes the quota.
func allows(change func(quota int) int) func(*broken) {
	return takes(func(ctx context.Context, s ports.TaskStore, t task.Task, quota int) error {
		return s.Insert(ctx, t, change(quota))
	})
}

var quotaFlaws = flaws{
	"a user has as many tasks as the quota and not one more": {
		"allows one more":      allows(func(quota int) int { return quota + 1 }),
		"allows one less":      allows(func(quota int) int { return quota - 1 }),
		"allows any number":    allows(func(int) int { return 1_000_000 }),
		"inserts all the same": takes(insertsAllTheSame),
	},
	"a quota of none lets nothing in": {
		"takes none for no bound": allows(func(quota int) int {
			if quota == 0 {
				return 1_000_000
			}
			return quota
		}),
	},
	"a delete makes room for another task":           {"never counts down": counts(func(c *counter) { c.neverDown = true })},
	"a delete that is refused makes no room":         {"counts down all the same": counts(func(c *counter) { c.downTwice = true })},
	"an insert that is refused takes no room":        {"counts up all the same": counts(func(c *counter) { c.upRefused = true })},
	"what a unit of work undid takes no room":        {"counts outside": counts(func(c *counter) { c.upNotUndone = true })},
	"a save takes no room":                           {"counts saves": counts(func(c *counter) { c.upSaved = true })},
	"the quota is exact while twenty insert at once": {"reads, then writes": counts(func(c *counter) { c.hesitates = 2 * time.Millisecond })},
	"the quota is exact while some insert and some delete": {
		"never counts down": counts(func(c *counter) { c.neverDown = true }),
		"allows one more":   allows(func(quota int) int { return quota + 1 }),
	},
	"of many deletes of one task one makes room": {
		"counts each": counts(func(c *counter) { c.downTwice = true }),
		"calls each a success": deletes(func(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID, version int64) error {
			return without(s.Delete(ctx, user, id, version), task.ErrNotFound)
		}),
	},
	"the first tasks of a new user may come at once": {"trips over the user's row": func(b *broken) { b.insert = trips() }},
}

func insertsAllTheSame(ctx context.Context, s ports.TaskStore, t task.Task, quota int) error {
	err := s.Insert(ctx, t, quota)
	if err != nil {
		_ = s.Insert(ctx, t, 1_000_000)
	}
	return err
}

// trips lets only one insert of a user who has no tasks succeed at a time.
func trips() func(context.Context, ports.TaskStore, task.Task, int) error {
	var meeting atomic.Int64
	return func(ctx context.Context, s ports.TaskStore, t task.Task, quota int) error {
		known := len(everything(ctx, s, t.User(), ports.Query{})) > 0
		first := meeting.Add(1) == 1
		defer meeting.Add(-1)
		if time.Sleep(time.Millisecond); !known && !first {
			return errHidden
		}
		return s.Insert(ctx, t, quota)
	}
}
