// Package ports declares the doors of the hexagon, in the words of the domain.
//
// Inbound ports are what the outside may ask of us; application implements
// them and inbound adapters call them. Outbound ports are what we ask of the
// outside; adapters implement them and application calls them. The package
// holds interfaces and plain inputs only: no behaviour, and no import beyond
// the domain and the standard library.
package ports

import (
	"context"

	"taskhold/domain/identity"
	"taskhold/domain/task"
)

// Tasks is the inbound port: everything that a user can do with tasks.
//
// Every method acts for one user and sees only that user's tasks; another
// user's is [task.ErrNotFound], exactly like a missing one. Whatever is
// refused changes nothing. A refused content is [task.ErrInvalid] with every
// violation; it is judged last, after the task was found and its version met
// the condition.
type Tasks interface {
	// Create adds a task. It returns task.ErrQuota if the user has as many
	// as one may have, and identity.ErrErased for a user who was erased.
	Create(ctx context.Context, user identity.UserID, c task.Change) (task.Task, error)

	// Get returns a task.
	Get(ctx context.Context, user identity.UserID, id task.ID) (task.Task, error)

	// List returns one page of tasks.
	List(ctx context.Context, user identity.UserID, q Query) (Page, error)

	// Edit changes the members that c names and keeps the others. Replace
	// wants all of them; Complete and Reopen are the verbs.
	//
	// A condition that does not hold is a [*task.PreconditionError]; but if
	// the stored version is the very next to one that it names and already is
	// what was asked, the task is returned: the first reply was lost, or
	// another asked for the same. Without a condition an edit that loses a
	// race is made again on what the winner left, and so both survive; after
	// several lost races it is task.ErrStale.
	Edit(ctx context.Context, user identity.UserID, id task.ID, m task.Match, c task.Change) (task.Task, error)
	Replace(ctx context.Context, user identity.UserID, id task.ID, m task.Match, c task.Change) (task.Task, error)
	Complete(ctx context.Context, user identity.UserID, id task.ID, m task.Match) (task.Task, error)
	Reopen(ctx context.Context, user identity.UserID, id task.ID, m task.Match) (task.Task, error)

	// Revise is Edit by a change that depends on the task as it stands.
	// change has no effect of its own, for it is called again after a lost
	// race, with what the winner left.
	Revise(ctx context.Context, user identity.UserID, id task.ID, m task.Match, change func(task.Snapshot) task.Change) (task.Task, error)

	// Delete removes a task, under the condition.
	Delete(ctx context.Context, user identity.UserID, id task.ID, m task.Match) error

	// Batch carries out each operation in turn, whatever becomes of the
	// others, and returns an outcome for each.
	Batch(ctx context.Context, user identity.UserID, ops []Operation) []Outcome

	// BatchAtomically carries out all operations or none. The first that
	// fails is a [*BatchError].
	BatchAtomically(ctx context.Context, user identity.UserID, ops []Operation) ([]Outcome, error)

	// Once answers a keyed request at most once: act runs with a Tasks whose
	// changes are kept together with the reply that it returns, and the same
	// request gets the same reply again, with replayed true. Nothing is kept
	// if act returns an error, and the key is as new. The errors are act's,
	// ErrKeyReused for another request, ErrKeyBusy while the first still
	// runs, and ErrTooManyKeys. act may run more than once.
	Once(ctx context.Context, user identity.UserID, k Key, act func(context.Context, Tasks) (Reply, error)) (r Reply, replayed bool, err error)
}

// Key names a request of a user.
type Key struct {
	Text    string
	Request [32]byte // fingerprint of what is asked
}

// Operation is one part of a batch.
type Operation struct {
	Verb   Verb
	ID     task.ID // but for Create
	Match  task.Match
	Change task.Change // of Create and Edit
}

// Verb is what an operation does.
type Verb uint8

// The verbs of operations.
const (
	Create Verb = iota + 1
	Edit
	Delete
)

// Outcome is what became of an operation: the task, but for Delete, or why
// not.
type Outcome struct {
	Verb Verb
	Task task.Task
	Err  error
}

// BatchError says which operation made an atomic batch fail.
type BatchError struct {
	Index int
	Err   error
}

func (e *BatchError) Error() string { return e.Err.Error() }

// Unwrap returns why.
func (e *BatchError) Unwrap() error { return e.Err }
