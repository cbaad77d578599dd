package httpapi

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"

	"taskhold/adapters/httpapi/apitest"
	"taskhold/adapters/memory"
	"taskhold/adapters/system"
	"taskhold/application"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// tokens vouches for "token-of-ann" as ann, and for nothing else.
type tokens struct{}

func tokenOf(user string) string { return "token-of-" + user }

var errHadItsDay = errors.New("it had its day")

func (tokens) Verify(_ context.Context, token string) (identity.UserID, error) {
	switch name, ok := strings.CutPrefix(token, "token-of-"); {
	case ok:
		return identity.ParseUserID(name)
	case token == "expired":
		return identity.UserID{}, errors.Join(ports.ErrTokenExpired, errHadItsDay)
	case token == "unverifiable":
		return identity.UserID{}, ports.ErrKeysUnavailable
	}
	return identity.UserID{}, ports.ErrTokenInvalid
}

func newTasks(quota int) ports.Tasks { return tasksIn(new(memory.Store), quota) }

func tasksIn(s ports.Store, quota int) ports.Tasks {
	return application.NewTasks(s, new(system.Turns), new(system.Clock), system.IDs{}, quota)
}

// injected is the port, but for what a test wants it to do.
type injected struct {
	ports.Tasks
	edit func(context.Context) error
}

func (i injected) Edit(ctx context.Context, user identity.UserID, id task.ID, m task.Match, c task.Change) (task.Task, error) {
	if err := i.edit(ctx); err != nil {
		return task.Task{}, err
	}
	return i.Tasks.Edit(ctx, user, id, m, c)
}

func (i injected) Batch(ctx context.Context, user identity.UserID, ops []ports.Operation) []ports.Outcome {
	outcomes := i.Tasks.Batch(ctx, user, ops)
	outcomes[0].Err = i.edit(ctx)
	return outcomes
}

func (i injected) Once(ctx context.Context, user identity.UserID, k ports.Key, act func(context.Context, ports.Tasks) (ports.Reply, error)) (ports.Reply, bool, error) {
	return i.Tasks.Once(ctx, user, k, func(ctx context.Context, tasks ports.Tasks) (ports.Reply, error) {
		return act(ctx, injected{tasks, i.edit})
	})
}

// editing makes every edit do first what a test wants.
func editing(edit func(context.Context) error) func(*Options) {
	return func(o *Options) { o.Tasks = injected{o.Tasks, edit} }
}

// failing makes every edit fail.
func failing(err error) func(*Options) {
	return editing(func(context.Context) error { return err })
}

func observing(j *journal) func(*Options) {
	return func(o *Options) {
		o.Trace = func(ctx context.Context, _, _ string) (context.Context, func(Exchange)) { return ctx, j.observe }
	}
}

// journal keeps what was told of requests.
type journal struct {
	mu   sync.Mutex
	told []Exchange
}

func (j *journal) observe(e Exchange) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.told = append(j.told, e)
}

// last is what was told of the last request.
func (j *journal) last(t *testing.T) Exchange {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.told) == 0 {
		t.Fatal("no request was told of")
	}
	return j.told[len(j.told)-1]
}

// world is a server that listens, over a store in memory, and a client of it.
type world struct {
	apitest.Client
	server *Server
	done   chan error // of Serve
}

func newServer(t *testing.T, changes ...func(*Options)) *Server {
	t.Helper()
	o := Options{Tasks: newTasks(1000), Verifier: tokens{}, CursorKey: bytes.Repeat([]byte{7}, 32)}
	for _, change := range changes {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newWorld(t *testing.T, changes ...func(*Options)) world {
	t.Helper()
	return serve(t, newServer(t, changes...))
}

func serve(t *testing.T, s *Server) world {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(ln) }()
	t.Cleanup(func() { s.Shutdown(t.Context()) })
	return world{apitest.Connect(t, "http://"+ln.Addr().String(), tokenOf).User(t, "ann"), s, done}
}
