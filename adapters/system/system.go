// Package system is what the core asks of the machine: the time, and ids that
// nobody can guess.
package system

import (
	"crypto/rand"
	"sync/atomic"
	"time"

	"taskhold/domain/task"
	"taskhold/ports"
)

var (
	_ ports.Clock = (*Clock)(nil)
	_ ports.IDs   = IDs{}
)

// Clock is a [ports.Clock]. Its zero value is ready to use.
type Clock struct{ last atomic.Int64 }

// Now implements [ports.Clock]. While the machine's clock stands or runs
// backwards, each reading is a microsecond after the last.
func (c *Clock) Now() time.Time {
	for {
		last := c.last.Load()
		now := max(time.Now().UnixMicro(), last+1)
		if c.last.CompareAndSwap(last, now) {
			return time.UnixMicro(now).UTC()
		}
	}
}

// IDs is a [ports.IDs] by the operating system's random numbers.
type IDs struct{}

// NewTaskID implements [ports.IDs].
func (IDs) NewTaskID(created time.Time) task.ID {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails: it ends the program if it cannot be random
	return task.NewID(created, random)
}
