package postgres

import "taskhold/adapters/gormstore"

// Pools tells how the connections are used.
func (s *Store) Pools() []gormstore.Pool {
	now := s.pool.Stat()
	return []gormstore.Pool{{
		Name: "postgres",
		Max:  int(now.MaxConns()), Used: int(now.AcquiredConns()), Idle: int(now.IdleConns()),
		Waits: now.EmptyAcquireCount(), Waited: now.EmptyAcquireWaitTime(), TimedOut: now.CanceledAcquireCount(),
	}}
}
