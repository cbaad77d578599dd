package httpapi

import (
	"net"
	"sync"
	"sync/atomic"

	"github.com/valyala/fasthttp"

	"taskhold/domain/identity"
	"taskhold/domain/task"
)

const (
	lightReply = 64 << 10 // what weighs no more is not reckoned with: pages of usual tasks
	mostOfUser = 128 << 20
	mostOfAll  = 512 << 20
)

// loads reckons how many bytes of replies are on their way. A reply is in
// memory until its client has taken it, and a list can have 40 MB: a few
// clients that ask for it and do not read would fill the memory, if it had no
// bound for each user and for all together.
type loads struct {
	ofUser, ofAll int // the most

	some atomic.Bool // whether there are any, which is seldom
	mu   sync.Mutex
	on   map[net.Conn]load
	sum  int
	sums map[identity.UserID]int
}

type load struct {
	user  identity.UserID
	bytes int
}

func newLoads() *loads {
	return &loads{ofUser: mostOfUser, ofAll: mostOfAll, on: map[net.Conn]load{}, sums: map[identity.UserID]int{}}
}

// put reckons with a reply by a connection until that is free again. Unless
// it has to be sent in any case, it is not to be sent if it would be too much.
func (l *loads) put(conn net.Conn, reply load, inAnyCase bool) bool {
	if reply.bytes <= lightReply {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.on[conn]; known {
		return true
	}
	if !inAnyCase && (l.sums[reply.user]+reply.bytes > l.ofUser || l.sum+reply.bytes > l.ofAll) {
		return false
	}
	l.some.Store(true)
	l.on[conn] = reply
	l.sums[reply.user] += reply.bytes
	l.sum += reply.bytes
	return true
}

// takeOff is told of every change of a connection's state. A reply was taken
// when its connection waits for the next request, and will never be when that
// is closed.
func (l *loads) takeOff(conn net.Conn, state fasthttp.ConnState) {
	if !l.some.Load() || state != fasthttp.StateIdle && state != fasthttp.StateClosed {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	reply, known := l.on[conn]
	if !known {
		return
	}
	delete(l.on, conn)
	l.sum -= reply.bytes
	if l.sums[reply.user] -= reply.bytes; l.sums[reply.user] == 0 {
		delete(l.sums, reply.user)
	}
	l.some.Store(len(l.on) > 0)
}

// bear returns an error if a reply of so many bytes would be too much, before
// memory is spent on it.
func (x *exchange) bear(bytes int) error {
	if x.loads.put(x.http.Conn(), load{x.user, bytes}, false) {
		return nil
	}
	return x.overloaded()
}

// usualMembers is how many bytes the members of a task are shown in, but for
// its texts.
const usualMembers = 480

// sizeOf is about how many bytes tasks are shown in.
func sizeOf(tasks []task.Snapshot) int {
	size := 0
	for i := range tasks {
		t := &tasks[i]
		size += usualMembers + len(t.Title) + len(t.Description)
		for _, tag := range t.Tags {
			size += len(tag) + len(`"",`)
		}
	}
	return size
}
