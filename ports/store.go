package ports

import (
	"context"
	"time"

	"taskhold/domain/fault"
	"taskhold/domain/identity"
	"taskhold/domain/task"
)

// TaskStore keeps tasks. Every method names the user and reaches nothing of
// another's: somebody else's task is [task.ErrNotFound], exactly like one that
// never was. The zero UserID is refused with [identity.ErrNoUser], and the
// zero ID names no task. Each call is atomic alone, and what it acknowledged
// outlasts a crash of this program and of the database.
type TaskStore interface {
	// Find returns the user's task, or task.ErrNotFound.
	Find(ctx context.Context, user identity.UserID, id task.ID) (task.Task, error)

	// List returns one page in the order of q: at most q.Limit tasks that
	// q.Filter lets through, after q.After and q.Offset more. Tasks that stand unchanged
	// throughout a walk from page to page are seen exactly once, whatever is
	// written meanwhile. All stores give the same order.
	List(ctx context.Context, user identity.UserID, q Query) (Page, error)

	// Insert adds t, counting it. It returns task.ErrQuota if the user has
	// quota tasks already, exactly, whoever else is inserting; and
	// identity.ErrErased for a user who was erased.
	Insert(ctx context.Context, t task.Task, quota int) error

	// Save puts t in the place of its predecessor, the version t.Version()-1.
	// It returns task.ErrStale if the stored version is another, and
	// task.ErrNotFound if there is none.
	Save(ctx context.Context, t task.Task) error

	// Delete removes the user's task and counts it off. A version other than
	// 0 has to be the stored one, else it returns task.ErrStale;
	// task.ErrNotFound if there is no such task.
	Delete(ctx context.Context, user identity.UserID, id task.ID, version int64) error
}

// Store is the outbound port to memory that lasts.
type Store interface {
	TaskStore

	// Atomically runs fn as one unit of work for one user: all that fn wrote
	// through the Unit is kept when fn returns nil, and none of it otherwise,
	// also when fn panics or ctx is done. It may run fn again after a
	// conflict with another unit of work, so fn must have no effect but
	// through the Unit, which is of no use once fn has returned.
	//
	// Within a unit it is a unit within: what fn wrote is undone alone.
	Atomically(ctx context.Context, user identity.UserID, fn func(context.Context, Unit) error) error
}

// Unit is the store as one unit of work of one user sees it, its own writes
// included. It refuses every other user with ErrOtherUser.
type Unit interface {
	Store
	Replays
}

// ErrUnavailable says that a store cannot serve now, whatever is asked of it.
// The cause, for operators, is wrapped beside it.
var ErrUnavailable = fault.New(fault.Unavailable, "UNAVAILABLE", "The service cannot reach its store at the moment. Try again.")

// ErrOtherUser is a mistake of the program, never of a client.
var ErrOtherUser error = otherUser{}

type otherUser struct{}

func (otherUser) Error() string { return "a unit of work was asked for another user" }

// Query says what to list.
type Query struct {
	Filter task.Filter
	Order  task.Order
	After  *task.Position // nil: from the start
	Offset int            // how many to leave out first
	Limit  int            // at least 1
	Count  bool           // count all that the filter lets through
}

// Page is a part of a list. Its Tasks are a plain view, never nil.
type Page struct {
	Tasks []task.Snapshot
	Next  *task.Position // of the last of Tasks; nil if nothing follows
	Total int            // if the query asked for it
}

// Replay is the outcome of a request that carried a key, kept so that the
// same request has the same answer again.
type Replay struct {
	Request [32]byte // fingerprint of what was asked
	Reply   Reply
}

// Reply is an outcome as an inbound adapter rendered it.
type Reply struct {
	Status   int
	Location string
	ETag     string
	Body     []byte
}

// MaxKeys is how many live keys one user may have.
const MaxKeys = 10_000

// KeyRetention is how long a key is remembered; after that it is as if it had
// never been used.
const KeyRetention = 24 * time.Hour

// What goes wrong with keys.
var (
	ErrKeyBusy     = fault.New(fault.Conflict, "IDEMPOTENCY_IN_PROGRESS", "A request with this Idempotency-Key is still running.")
	ErrKeyReused   = fault.New(fault.Invalid, "IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key was used for another request.")
	ErrTooManyKeys = fault.New(fault.Limited, "RATE_LIMITED", "You have used as many Idempotency-Keys as one user may use within 24 hours.")
)

// Replays keeps the outcomes of one user's requests, within the unit of work
// that makes their changes.
type Replays interface {
	// Claim returns the replay that is kept for the key of the user, or nil
	// having reserved the key for this unit. A replay older than KeyRetention
	// before now counts as none. While another unit holds the key, Claim
	// waits for its end, for 2 seconds at most, and then returns ErrKeyBusy.
	// It returns ErrTooManyKeys if the user has MaxKeys live ones.
	Claim(ctx context.Context, user identity.UserID, key string, now time.Time) (*Replay, error)

	// Keep stores the replay of a key that this unit claimed.
	Keep(ctx context.Context, user identity.UserID, key string, r Replay) error
}

// Turns lets one request of a user's key run at a time in this process, so
// that its twins wait without holding a connection to the store.
type Turns interface {
	// Take returns when it is the caller's turn, with the function that ends
	// it; or ErrKeyBusy after 2 seconds.
	Take(ctx context.Context, user identity.UserID, key string) (done func(), err error)
}

// Housekeeping is what the program does with the store for no user's sake.
type Housekeeping interface {
	// Ping returns nil if the store answers.
	Ping(ctx context.Context) error

	// Key returns the random key of a name: 32 bytes that were made when it
	// was first asked for, the same for every replica.
	Key(ctx context.Context, name string) ([]byte, error)

	// PurgeReplays removes at most limit replays that were claimed before an
	// instant, and returns how many it removed. Any number of replicas may
	// purge at once.
	PurgeReplays(ctx context.Context, before time.Time, limit int) (int, error)

	// Erase removes all that is the user's and remembers, for ever, that the
	// user was erased: nothing can be inserted for the user again. Erasing
	// again changes nothing.
	Erase(ctx context.Context, user identity.UserID, now time.Time) error
}
