package storetest_test

import (
	"context"
	"sync"
	"time"

	"taskhold/adapters/memory"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// broken is the memory store with some methods replaced, by itself and within
// its units of work. A replacement is given what it stands for.
type broken struct {
	*memory.Store

	find       func(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID) (task.Task, error)
	list       func(ctx context.Context, s ports.TaskStore, user identity.UserID, q ports.Query) (ports.Page, error)
	insert     func(ctx context.Context, s ports.TaskStore, t task.Task, quota int) error
	save       func(ctx context.Context, s ports.TaskStore, t task.Task) error
	delete     func(ctx context.Context, s ports.TaskStore, user identity.UserID, id task.ID, version int64) error
	atomically func(ctx context.Context, s ports.Store, user identity.UserID, fn work) error
	claim      func(ctx context.Context, u ports.Unit, user identity.UserID, key string, now time.Time) (*ports.Replay, error)
	keep       func(ctx context.Context, u ports.Unit, user identity.UserID, key string, r ports.Replay) error
	ping       func(ctx context.Context) error
	key        func(ctx context.Context, name string) ([]byte, error)
	purge      func(ctx context.Context, before time.Time, limit int) (int, error)
	erase      func(ctx context.Context, user identity.UserID, now time.Time) error

	mu    sync.Mutex
	users []identity.UserID // who inserted
	names string            // of the keys that were asked for
}

type work = func(context.Context, ports.Unit) error

// methods are those of tasks, of the store or of a unit of work.
type methods struct {
	ports.Store
	b *broken
}

func (m methods) Find(ctx context.Context, user identity.UserID, id task.ID) (task.Task, error) {
	if m.b.find == nil {
		return m.Store.Find(ctx, user, id)
	}
	return m.b.find(ctx, m.Store, user, id)
}

func (m methods) List(ctx context.Context, user identity.UserID, q ports.Query) (ports.Page, error) {
	if m.b.list == nil {
		return m.Store.List(ctx, user, q)
	}
	return m.b.list(ctx, m.Store, user, q)
}

func (m methods) Insert(ctx context.Context, t task.Task, quota int) error {
	m.b.meet(t.User())
	if m.b.insert == nil {
		return m.Store.Insert(ctx, t, quota)
	}
	return m.b.insert(ctx, m.Store, t, quota)
}

func (m methods) Save(ctx context.Context, t task.Task) error {
	if m.b.save == nil {
		return m.Store.Save(ctx, t)
	}
	return m.b.save(ctx, m.Store, t)
}

func (m methods) Delete(ctx context.Context, user identity.UserID, id task.ID, version int64) error {
	if m.b.delete == nil {
		return m.Store.Delete(ctx, user, id, version)
	}
	return m.b.delete(ctx, m.Store, user, id, version)
}

func (m methods) Atomically(ctx context.Context, user identity.UserID, fn func(context.Context, ports.Unit) error) error {
	within := func(ctx context.Context, u ports.Unit) error { return fn(ctx, unit{methods{u, m.b}, u}) }
	if m.b.atomically == nil {
		return m.Store.Atomically(ctx, user, within)
	}
	return m.b.atomically(ctx, m.Store, user, within)
}

type unit struct {
	methods
	sound ports.Unit
}

func (u unit) Claim(ctx context.Context, user identity.UserID, key string, now time.Time) (*ports.Replay, error) {
	if u.b.claim == nil {
		return u.sound.Claim(ctx, user, key, now)
	}
	return u.b.claim(ctx, u.sound, user, key, now)
}

func (u unit) Keep(ctx context.Context, user identity.UserID, key string, r ports.Replay) error {
	if u.b.keep == nil {
		return u.sound.Keep(ctx, user, key, r)
	}
	return u.b.keep(ctx, u.sound, user, key, r)
}

// subject is a broken store as the rules see it.
type subject struct {
	methods
	*housekeeping
}

type housekeeping struct{ *broken }

func newSubject(spoil func(*broken)) subject {
	b := &broken{Store: new(memory.Store)}
	spoil(b)
	return subject{methods{b.Store, b}, &housekeeping{b}}
}

func (h *housekeeping) Ping(ctx context.Context) error {
	if h.ping == nil {
		return h.Store.Ping(ctx)
	}
	return h.ping(ctx)
}

func (h *housekeeping) Key(ctx context.Context, name string) ([]byte, error) {
	if h.key == nil {
		return h.Store.Key(ctx, name)
	}
	return h.key(ctx, name)
}

func (h *housekeeping) PurgeReplays(ctx context.Context, before time.Time, limit int) (int, error) {
	if h.purge == nil {
		return h.Store.PurgeReplays(ctx, before, limit)
	}
	return h.purge(ctx, before, limit)
}

func (h *housekeeping) Erase(ctx context.Context, user identity.UserID, now time.Time) error {
	if h.erase == nil {
		return h.Store.Erase(ctx, user, now)
	}
	return h.erase(ctx, user, now)
}

// meet remembers a user.
func (b *broken) meet(user identity.UserID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.users = append(b.users, user)
}

// others are all who inserted but one.
func (b *broken) others(but identity.UserID) []identity.UserID {
	b.mu.Lock()
	defer b.mu.Unlock()
	others := []identity.UserID{}
	for _, user := range b.users {
		if user != but {
			others = append(others, user)
		}
	}
	return others
}

// everything lists all tasks of a user that a filter lets through.
func everything(ctx context.Context, s ports.TaskStore, user identity.UserID, q ports.Query) []task.Snapshot {
	q.After, q.Offset, q.Limit = nil, 0, 1_000_000
	page, err := s.List(ctx, user, q)
	if err != nil {
		return nil
	}
	return page.Tasks
}
