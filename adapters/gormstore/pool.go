package gormstore

import "time"

// Pool is how a pool of connections stands.
type Pool struct {
	Name     string
	Max      int // connections at most
	Used     int
	Idle     int
	Waits    int64         // how often somebody had to wait for a connection
	Waited   time.Duration // all of them together
	TimedOut int64         // how often somebody gave up, also for having been told to
}
