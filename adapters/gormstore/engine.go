package gormstore

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"taskhold/domain/fault"
	"taskhold/ports"
)

// Engine is a database as a store needs it: its handles, and where it differs
// from others. Package postgres fills one, package sqlite another.
type Engine struct {
	// Reader and Writer reach the same database, through [Open].
	Reader, Writer *gorm.DB

	// Query reads outside of a unit of work, where an engine has a faster way
	// than that of database/sql. It is given what the guard let through.
	Query func(ctx context.Context, statement string, args []any) (Rows, error)

	// Insert counts one more task of a user and inserts its row, of which
	// [Columns] names the values and the first is the user; unless the user
	// has quota tasks, or was erased. It reports whether it did.
	Insert func(db *gorm.DB, row []any, quota int) (bool, error)

	// Delete removes a task and counts it off, unless it is of another
	// version; 0 is any. It reports whether it did.
	Delete func(db *gorm.DB, user, id string, version int64) (bool, error)

	// Find is the function that finds a part in a text and returns 0 where
	// there is none.
	Find string

	// Tagged is the condition that a task has a tag.
	Tagged string

	// Patience is what the statement that claims a key selects from: where
	// an engine waits for single rows, a call that bounds the wait, and the
	// user's row in users, locked against [Store.Erase].
	Patience string

	// Unhurried is a statement that lets those after it in a transaction take
	// as long as they need, where an engine bounds their time.
	Unhurried string

	// OneWriter says that units of work run one after the other, so that who
	// waits for the holder of a key waits to begin.
	OneWriter bool

	// SkipLocked is what lets [Store.PurgeReplays] pass by rows that another
	// replica is purging.
	SkipLocked string

	// Judge says what kind of trouble an error of the database is.
	Judge func(error) Trouble
}

// Rows are the result of a read, as *sql.Rows are.
type Rows interface {
	Next() bool
	Scan(fields ...any) error
	Err() error
	Close() error
}

// Trouble is what a failure of the database calls for.
type Trouble uint8

// The troubles.
const (
	Failure  Trouble = iota // nothing helps: a mistake of the program, or of somebody who wrote to the database
	Conflict                // nothing was done, and doing it again may help
	Locked                  // another holds what is wanted, for longer than one waits
	Outage                  // the database cannot be reached, or cannot serve now
)

// explain tells a caller of the store what err means. A fault stays what it
// is, and so does the end of ctx.
func (e *Engine) explain(ctx context.Context, doing string, err error) error {
	var known *fault.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", doing, ctx.Err())
	case e.Judge(err) != Failure:
		return fmt.Errorf("%s: %w: %w", doing, ports.ErrUnavailable, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}
