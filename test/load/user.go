package load

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// user has two clients, who create tasks and edit one together.
type user struct {
	caller
	shared string // the id of the task that both edit

	mu       sync.Mutex
	created  map[string]created // what was acknowledged, by key
	versions map[int]string     // of the shared task, that were acknowledged, with their keys
	unknown  int                // edits of it that were never answered
}

type created struct{ id, reply string }

type task struct {
	ID      string
	Title   string
	Version int
}

func newUser(l *Load, name string) *user {
	return &user{
		caller:  newCaller(l, name),
		created: map[string]created{}, versions: map[int]string{},
	}
}

func (u *user) prepare(ctx context.Context) error {
	key := u.name + "-shared"
	a, ok := u.ask(ctx, "POST", "/v1/tasks", body(key), key, "")
	if !ok || a.status != http.StatusCreated {
		return fmt.Errorf("the first task of %s: %d %s", u.name, a.status, a.text)
	}
	u.shared = a.task().ID
	u.created[key] = created{u.shared, a.text}
	return nil
}

// work is the life of one client, until the load stops.
func (u *user) work(ctx context.Context, client string) {
	version := 1
	for i := 0; u.load.run.Err() == nil; i++ {
		key := fmt.Sprintf("%s-%s-%d", u.name, client, i)
		u.create(ctx, key)
		version = u.edit(ctx, "edit-"+key, version)
	}
}

func (u *user) pause() { time.Sleep(u.load.Pause) }

// create makes a task and reads it back.
func (u *user) create(ctx context.Context, key string) {
	a, ok := u.ask(ctx, "POST", "/v1/tasks", body(key), key, "")
	u.pause()
	if !ok {
		u.load.unanswered()
		return
	}
	id := a.task().ID
	u.mu.Lock()
	u.created[key] = created{id, a.text}
	u.mu.Unlock()
	if read, ok := u.ask(ctx, "GET", "/v1/tasks/"+id, "", "", ""); ok && (read.status != http.StatusOK || read.text != a.text) {
		u.load.isStale(fmt.Sprintf("%s, read as %d %s", key, read.status, read.text))
	}
	u.pause()
}

// edit compares and sets the shared task, and returns its version.
func (u *user) edit(ctx context.Context, key string, version int) int {
	a, ok := u.ask(ctx, "PATCH", "/v1/tasks/"+u.shared, body(key), key, fmt.Sprintf(`"%d"`, version))
	u.pause()
	u.mu.Lock()
	defer u.mu.Unlock()
	if !ok {
		u.unknown++
		u.load.unanswered()
		return version
	}
	switch a.status {
	case http.StatusPreconditionFailed:
		return a.current().Version
	case http.StatusNotFound:
		u.load.isStale(fmt.Sprintf("%s finds no task", key))
		return version
	}
	version = a.task().Version
	if other, taken := u.versions[version]; taken {
		u.load.isStale(fmt.Sprintf("version %d is acknowledged to %s and %s", version, other, key))
	}
	u.versions[version] = key
	return version
}

func body(title string) string { return fmt.Sprintf(`{"title":%q}`, title) }
