// Package gormstore is the one store that speaks SQL, through GORM. What it
// says is the same on every engine, but for what an [Engine] holds.
//
// Statements are written out: each names the user and every column that it
// writes, and a test that looks for them finds them. GORM's own way of making
// them drops zero values, and with a zero value in a condition the condition.
package gormstore

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"gorm.io/gorm"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// Store implements [ports.Store] and [ports.Housekeeping].
type Store struct {
	tasks
}

// New returns the store on an engine.
func New(e Engine) *Store {
	return &Store{tasks{engine: &e, reach: outside{&e}}}
}

// errForeign marks what no program of ours has stored.
var errForeign = errors.New("somebody else wrote to the database")

// reach is how statements get to the database: each alone, or within a unit of
// work.
type reach interface {
	// admit returns why the user may not be served.
	admit(user identity.UserID) error

	// query returns the rows of a read.
	query(ctx context.Context, statement string, args ...any) (Rows, error)

	// writer returns what writes, and reads what was written.
	writer(ctx context.Context) (*gorm.DB, error)

	// again does what do does, and again after a conflict if it can.
	again(ctx context.Context, do func() error) error
}

// outside reaches the database for one call at a time.
type outside struct{ *Engine }

func (outside) admit(user identity.UserID) error {
	if user.IsZero() {
		return identity.ErrNoUser
	}
	return nil
}

func (o outside) query(ctx context.Context, statement string, args ...any) (Rows, error) {
	if o.Query == nil {
		return o.Reader.WithContext(ctx).Raw(statement, args...).Rows()
	}
	if err := verdicts.on(statement); err != nil {
		return nil, err
	}
	return o.Query(ctx, statement, args)
}

func (o outside) writer(ctx context.Context) (*gorm.DB, error) { return o.Writer.WithContext(ctx), nil }

// A conflict is over in milliseconds; who loses this often stands before a
// database in trouble.
const (
	mostTries = 6
	firstWait = 4 * time.Millisecond
)

func (o outside) again(ctx context.Context, do func() error) error {
	for try := 1; ; try++ {
		err := do()
		if err == nil || try == mostTries || o.Judge(err) != Conflict {
			return err
		}
		wait := firstWait << try
		select {
		case <-time.After(wait/2 + rand.N(wait)): //nolint:gosec // apart, or the same two meet again: nobody gains by guessing it
		case <-ctx.Done():
			return err
		}
	}
}

// named returns a fault unless user may be served and id names a task.
func (s tasks) named(user identity.UserID, id task.ID) error {
	if err := s.admit(user); err != nil {
		return err
	}
	if id.IsZero() {
		return task.ErrNotFound
	}
	return nil
}

var (
	_ ports.Store        = (*Store)(nil)
	_ ports.Housekeeping = (*Store)(nil)
	_ ports.Unit         = (*unit)(nil)
)
