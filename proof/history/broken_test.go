package history

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"taskhold/adapters/memory"
	"taskhold/adapters/system"
	"taskhold/application"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
	"taskhold/proof"
)

// TestABrokenProgramIsFoundOut lets clients write to programs with one flaw,
// through a bad network, until it shows; and for a moment to one without.
func TestABrokenProgramIsFoundOut(t *testing.T) {
	for _, c := range []struct {
		name         string
		store        func(ports.Store) ports.Store
		keysIgnored  bool
		inexplicable bool
		doubled      bool
	}{
		{name: "no flaw", store: func(s ports.Store) ports.Store { return s }},
		{name: "the version check is removed", store: func(s ports.Store) ports.Store { return unchecked{s} }, inexplicable: true},
		{name: "a read comes from a cache", store: func(s ports.Store) ports.Store { return &cached{Store: s} }, inexplicable: true},
		{name: "an acknowledged write is lost", store: func(s ports.Store) ports.Store { return forgetful{s} }, inexplicable: true, doubled: true},
		{name: "keys are ignored", store: func(s ports.Store) ports.Store { return s }, keysIgnored: true, inexplicable: true, doubled: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var tasks ports.Tasks = application.NewTasks(c.store(new(memory.Store)), new(system.Turns), new(system.Clock), system.IDs{}, 50_000)
			if c.keysIgnored {
				tasks = keyless{tasks}
			}
			base := proof.ServeTasks(t, tasks)
			explained, once := "", []string{}
			for try := 0; try == 0 || try < 20 && ((explained != "") != c.inexplicable || (len(once) > 0) != c.doubled); try++ {
				live := begin(t, newProxy(t, 0.03, 0.02, base[len("http://"):]).base())
				time.Sleep(time.Second)
				live.end()
				explained = cmp.Or(explained, explain(t, live.history, filepath.Join(t.TempDir(), "history.html")))
				once = append(once, live.keys.judge(newClient(t, base))...)
			}
			if (explained != "") != c.inexplicable {
				t.Errorf("the history of a program where %s is judged %q", c.name, explained)
			}
			if (len(once) > 0) != c.doubled {
				t.Errorf("of the keys of a program where %s is found %q", c.name, once)
			}
		})
	}
}

// unchecked saves whatever the stored version is.
type unchecked struct{ ports.Store }

func (u unchecked) Save(ctx context.Context, t task.Task) error {
	time.Sleep(time.Millisecond) // or few would write between the look and the save
	err := u.Store.Save(ctx, t)
	if !errors.Is(err, task.ErrStale) {
		return err
	}
	if err := u.Delete(ctx, t.User(), t.ID(), 0); err != nil {
		return err
	}
	return u.Insert(ctx, t, 50_000)
}

// cached finds a task as it was found before, every few times.
type cached struct {
	ports.Store
	mu    sync.Mutex
	known map[task.ID]task.Task
	finds int
}

func (c *cached) Find(ctx context.Context, user identity.UserID, id task.ID) (task.Task, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.finds++; c.finds%10 == 0 && c.known[id] != (task.Task{}) {
		return c.known[id], nil
	}
	found, err := c.Store.Find(ctx, user, id)
	if c.known == nil {
		c.known = map[task.ID]task.Task{}
	}
	if c.finds%10 == 1 {
		c.known[id] = found
	}
	return found, err
}

// forgetful acknowledges what it does not keep, every few times.
type forgetful struct{ ports.Store }

func (f forgetful) Save(ctx context.Context, t task.Task) error {
	if t.Version()%3 == 0 {
		return nil
	}
	return f.Store.Save(ctx, t)
}

func (f forgetful) Atomically(ctx context.Context, user identity.UserID, fn func(context.Context, ports.Unit) error) error {
	return f.Store.Atomically(ctx, user, func(ctx context.Context, u ports.Unit) error {
		return fn(ctx, forgetfulUnit{forgetful{u}, u})
	})
}

type forgetfulUnit struct {
	forgetful
	ports.Replays
}

// keyless carries out whatever comes.
type keyless struct{ ports.Tasks }

func (k keyless) Once(ctx context.Context, _ identity.UserID, _ ports.Key, act func(context.Context, ports.Tasks) (ports.Reply, error)) (ports.Reply, bool, error) {
	reply, err := act(ctx, k.Tasks)
	return reply, false, err
}
