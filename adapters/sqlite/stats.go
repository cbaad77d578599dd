package sqlite

import (
	"database/sql"

	"taskhold/adapters/gormstore"
)

// Pools tells how the connections are used. Nobody gives up waiting for one but
// by the end of a context, which is not counted.
func (s *Store) Pools() []gormstore.Pool {
	return []gormstore.Pool{pool("writer", s.writer), pool("readers", s.readers)}
}

func pool(name string, db *sql.DB) gormstore.Pool {
	now := db.Stats()
	return gormstore.Pool{
		Name: name, Max: now.MaxOpenConnections, Used: now.InUse, Idle: now.Idle,
		Waits: now.WaitCount, Waited: now.WaitDuration,
	}
}
