package ports

import (
	"time"

	"taskhold/domain/task"
)

// Clock tells the time.
type Clock interface {
	// Now returns the time in UTC and whole microseconds. In one process each
	// reading is later than the one before, so that no two tasks that one
	// process makes share an instant.
	Now() time.Time
}

// IDs makes identifiers.
type IDs interface {
	// NewTaskID returns an id that nobody else has been given and that sorts
	// by created.
	NewTaskID(created time.Time) task.ID
}
