package sqlite

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"strconv"
	"testing"
	"time"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// scene is a user with two tasks, of which the second is of version 2.
type scene struct {
	*Store
	user     identity.UserID
	one, two task.Task
}

func newScene(t *testing.T, s *Store) scene {
	t.Helper()
	u := user(rand.Text())
	c := scene{s, u, titled(u, "one"), titled(u, "two")}
	must(t, s.Insert(t.Context(), c.one, 2))
	must(t, s.Insert(t.Context(), c.two, 2))
	c.two.Complete(time.Now())
	must(t, s.Save(t.Context(), c.two))
	return c
}

// act is something that a store is asked for.
type act func(context.Context, scene) error

func lists(q ports.Query) act {
	return func(ctx context.Context, c scene) error {
		_, err := c.List(ctx, c.user, q)
		return err
	}
}

func inserts(quota int) act {
	return func(ctx context.Context, c scene) error { return c.Insert(ctx, titled(c.user, "three"), quota) }
}

// saves saves a task after as many more changes.
func saves(of func(scene) task.Task, changes int) act {
	return func(ctx context.Context, c scene) error {
		t := of(c)
		for range changes {
			if t.Snapshot().Completed.IsZero() {
				t.Complete(time.Now())
			} else {
				t.Reopen(time.Now())
			}
		}
		return c.Save(ctx, t)
	}
}

func second(c scene) task.Task { return c.two }

func stranger(c scene) task.Task { return titled(c.user, "never inserted") }

func deletes(of func(scene) task.Task, version int64) act {
	return func(ctx context.Context, c scene) error { return c.Delete(ctx, c.user, of(c).ID(), version) }
}

func within(do func(context.Context, scene, ports.Unit) error) act {
	return func(ctx context.Context, c scene) error {
		return c.Atomically(ctx, c.user, func(ctx context.Context, u ports.Unit) error { return do(ctx, c, u) })
	}
}

func claims(ctx context.Context, c scene, u ports.Unit) error {
	known, err := u.Claim(ctx, c.user, "key", time.Now())
	if err != nil || known != nil {
		return err
	}
	return u.Keep(ctx, c.user, "key", ports.Replay{})
}

func nests(ctx context.Context, c scene, u ports.Unit) error {
	return u.Atomically(ctx, c.user, func(ctx context.Context, u ports.Unit) error {
		if _, err := u.Find(ctx, c.user, c.one.ID()); err != nil {
			return err
		}
		return u.Insert(ctx, titled(c.user, "three"), 3)
	})
}

func erases(ctx context.Context, c scene) error { return c.Erase(ctx, c.user, time.Now()) }

// abandons claims a key and keeps nothing.
func abandons(ctx context.Context, c scene, u ports.Unit) error {
	_, err := u.Claim(ctx, c.user, "key", time.Now())
	return err
}

// fills uses all the keys that a user may use.
func fills(ctx context.Context, c scene) error {
	keys := make([]string, ports.MaxKeys)
	for i := range keys {
		keys[i] = strconv.Itoa(i)
	}
	return fill(ctx, c.Store, c.user, keys, time.Now())
}

// TestEveryFailureOfTheDatabaseIsTold lets each use of the database fail in
// turn that an act makes: the act has to fail for that.
func TestEveryFailureOfTheDatabaseIsTold(t *testing.T) {
	t.Parallel()
	s, saboteur := sabotaged(t)
	for name, c := range map[string]struct {
		before, do act
		want       error // when nothing fails
	}{
		"a find":                      {nil, func(ctx context.Context, c scene) error { _, err := c.Find(ctx, c.user, c.one.ID()); return err }, nil},
		"no find":                     {nil, func(ctx context.Context, c scene) error { _, err := c.Find(ctx, c.user, stranger(c).ID()); return err }, task.ErrNotFound},
		"a list":                      {nil, lists(ports.Query{Limit: 1, Count: true}), nil},
		"an end":                      {nil, lists(ports.Query{Limit: 1, Offset: 5, Count: true}), nil},
		"an insert":                   {nil, inserts(3), nil},
		"an insert beyond the quota":  {nil, inserts(2), task.ErrQuota},
		"an insert for one erased":    {erases, inserts(3), identity.ErrErased},
		"a save":                      {nil, saves(second, 1), nil},
		"a save of a stale version":   {nil, saves(second, 2), task.ErrStale},
		"a save of no task":           {nil, saves(stranger, 1), task.ErrNotFound},
		"a delete":                    {nil, deletes(second, 0), nil},
		"a delete of a stale version": {nil, deletes(second, 1), task.ErrStale},
		"a delete of no task":         {nil, deletes(stranger, 0), task.ErrNotFound},
		"a claim":                     {nil, within(claims), nil},
		"a replay":                    {within(claims), within(claims), nil},
		"a claim of one key too many": {fills, within(claims), ports.ErrTooManyKeys},
		"a claim for one erased":      {erases, within(claims), identity.ErrErased},
		"a keep of what was not claimed": {nil, func(ctx context.Context, c scene) error {
			err := within(func(ctx context.Context, c scene, u ports.Unit) error {
				return u.Keep(ctx, c.user, "key", ports.Replay{})
			})(ctx, c)
			if err != nil && !errors.Is(err, errStruck) {
				return nil
			}
			return cmp.Or(err, errors.New("it was kept"))
		}, nil},
		"an insert in a unit of work": {nil, within(func(ctx context.Context, c scene, u ports.Unit) error {
			return u.Insert(ctx, titled(c.user, "three"), 3)
		}), nil},
		"a find in a unit of work": {nil, within(func(ctx context.Context, c scene, u ports.Unit) error {
			_, err := u.Find(ctx, c.user, c.one.ID())
			return err
		}), nil},
		"a unit within":                  {nil, within(nests), nil},
		"an erasure":                     {nil, erases, nil},
		"a purge":                        {nil, func(ctx context.Context, c scene) error { _, err := c.PurgeReplays(ctx, time.Now(), 1); return err }, nil},
		"a key":                          {nil, func(ctx context.Context, c scene) error { _, err := c.Key(ctx, c.user.String()); return err }, nil},
		"a ping":                         {nil, func(ctx context.Context, c scene) error { return c.Ping(ctx) }, nil},
		"a check of the schema":          {nil, func(ctx context.Context, c scene) error { return c.Check(ctx) }, nil},
		"a migration with nothing to do": {nil, func(ctx context.Context, c scene) error { return c.Migrate(ctx) }, nil},
		"a list of the migrations":       {nil, func(ctx context.Context, c scene) error { _, err := c.Status(ctx); return err }, nil},
	} {
		for use := int64(1); ; use++ {
			scene := newScene(t, s)
			if c.before != nil {
				must(t, c.before(t.Context(), scene))
			}
			saboteur.left.Store(use)
			err := c.do(t.Context(), scene)
			if left := saboteur.left.Swap(0); left > 0 {
				if !errors.Is(err, c.want) || use == 1 {
					t.Errorf("%s, of which use %d does not fail: %v, want %v", name, use, err, c.want)
				}
				break
			}
			if !errors.Is(err, errStruck) {
				t.Errorf("%s, of which use %d fails: %v", name, use, err)
			}
		}
	}
}

func TestAKeyWithoutAReplayIsNoneWhereNoMoreKeysAreToBeHad(t *testing.T) {
	t.Parallel()
	c := newScene(t, start(t, fresh(t)))
	must(t, within(abandons)(t.Context(), c))
	must(t, fills(t.Context(), c))
	if err := within(claims)(t.Context(), c); !errors.Is(err, ports.ErrTooManyKeys) {
		t.Errorf("got %v, want %v", err, ports.ErrTooManyKeys)
	}
}

func TestAReplayIsKeptOnce(t *testing.T) {
	t.Parallel()
	c := newScene(t, start(t, fresh(t)))
	must(t, within(claims)(t.Context(), c))
	err := within(func(ctx context.Context, c scene, u ports.Unit) error {
		return u.Keep(ctx, c.user, "key", ports.Replay{Reply: ports.Reply{Status: 500}})
	})(t.Context(), c)
	if err == nil {
		t.Error("another unit of work keeps another replay")
	}
	must(t, within(func(ctx context.Context, c scene, u ports.Unit) error {
		if known, err := u.Claim(ctx, c.user, "key", time.Now()); err != nil || known == nil || known.Reply.Status != 0 {
			t.Errorf("the replay is %+v, %v; want the first", known, err)
		}
		return nil
	})(t.Context(), c))
}

func TestWhoWaitsForAKeyMayGiveUp(t *testing.T) {
	t.Parallel()
	c := newScene(t, start(t, fresh(t)))
	must(t, within(func(ctx context.Context, c scene, u ports.Unit) error {
		if err := abandons(ctx, c, u); err != nil {
			return err
		}
		brief, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		if err := within(claims)(brief, c); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want that the time is over", err)
		}
		return nil
	})(t.Context(), c))
}

func TestAStoredTaskThatIsNoneIsNotListed(t *testing.T) {
	t.Parallel()
	c := newScene(t, start(t, fresh(t)))
	if _, err := c.writer.ExecContext(t.Context(), "UPDATE tasks SET id = upper(id) WHERE user_id = ?", c.user.String()); err != nil {
		t.Fatal(err)
	}
	if page, err := c.List(t.Context(), c.user, ports.Query{Limit: 5}); err == nil {
		t.Errorf("got %+v, want an error", page.Tasks)
	}
}
