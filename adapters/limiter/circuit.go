package limiter

import (
	"sync"
	"time"
)

// pause is how long Redis is left alone after a failure.
const pause = time.Second

// circuit keeps requests from waiting for what is not there: after a failure it
// is open, and lets one request pass in each pause to see whether that is over.
type circuit struct {
	observe func(error)

	mu    sync.Mutex
	open  bool
	retry time.Time // of an open one: when the next may pass
}

// passes reports whether to try. Whoever may has to settle.
func (c *circuit) passes() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.open {
		return true
	}
	now := time.Now()
	if now.Before(c.retry) {
		return false
	}
	c.retry = now.Add(pause)
	return true
}

// settle takes the outcome of a try. What is observed is every change, in its
// order.
func (c *circuit) settle(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	failed := err != nil
	if failed {
		c.retry = time.Now().Add(pause)
	}
	if failed != c.open {
		c.open = failed
		c.observe(err)
	}
}
