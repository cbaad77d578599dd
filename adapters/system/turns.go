package system

import (
	"context"
	"sync"
	"time"

	"taskhold/domain/identity"
	"taskhold/ports"
)

// turnWait is how long a twin waits for the first to be done.
const turnWait = 2 * time.Second

var _ ports.Turns = (*Turns)(nil)

// Turns is a [ports.Turns] within this process. Its zero value is ready to
// use; it holds only the keys that are in use.
type Turns struct {
	mu    sync.Mutex
	queue map[turn]*place
}

type turn struct {
	user identity.UserID
	key  string
}

type place struct {
	token   chan struct{} // holds one value while nobody's turn it is
	waiting int           // how many hold or await the turn
}

// Take implements [ports.Turns].
func (t *Turns) Take(ctx context.Context, user identity.UserID, key string) (func(), error) {
	k := turn{user, key}
	p := t.enter(k)
	ctx, cancel := context.WithTimeoutCause(ctx, turnWait, ports.ErrKeyBusy)
	defer cancel()
	select {
	case <-p.token:
		return func() {
			p.token <- struct{}{}
			t.leave(k, p)
		}, nil
	case <-ctx.Done():
		t.leave(k, p)
		return nil, context.Cause(ctx)
	}
}

func (t *Turns) enter(k turn) *place {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.queue[k]
	if p == nil {
		if t.queue == nil {
			t.queue = map[turn]*place{}
		}
		p = &place{token: make(chan struct{}, 1)}
		p.token <- struct{}{}
		t.queue[k] = p
	}
	p.waiting++
	return p
}

func (t *Turns) leave(k turn, p *place) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p.waiting--; p.waiting == 0 {
		delete(t.queue, k)
	}
}
