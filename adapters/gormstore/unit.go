package gormstore

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"

	"gorm.io/gorm"

	"taskhold/domain/identity"
	"taskhold/ports"
)

// Atomically implements [ports.Store]. The transaction begins with the first
// statement, so that a unit of work which does not get to it holds no
// connection.
func (s *Store) Atomically(ctx context.Context, user identity.UserID, fn func(context.Context, ports.Unit) error) error {
	if err := s.admit(user); err != nil {
		return err
	}
	return s.again(ctx, func() error {
		w := &work{Engine: s.engine, user: user, ctx: ctx}
		defer w.end() // also when fn panics
		if err := w.run(ctx, fn); err != nil {
			return err
		}
		return s.engine.explain(ctx, "commit a unit of work", w.commit())
	})
}

// work is a transaction, which a unit of work and those within it share.
type work struct {
	*Engine
	user identity.UserID
	ctx  context.Context // of the whole unit, which a transaction lives in

	mu     sync.Mutex         // guards what follows
	tx     *gorm.DB           // nil before it is begun
	cancel context.CancelFunc // ends its context
}

var errOver = errors.New("a unit of work was used after its end")

// A unit sees what others commit while it runs: who waited for the holder of a
// key has to see what that one kept.
var committed = &sql.TxOptions{Isolation: sql.LevelReadCommitted}

// begin returns the transaction. It waits for its begin as long as ctx lasts,
// which may be shorter than the unit.
func (w *work) begin(ctx context.Context) (*gorm.DB, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tx != nil {
		return w.tx.WithContext(ctx), nil
	}
	lifetime, cancel := context.WithCancel(w.ctx)
	stop := context.AfterFunc(ctx, cancel)
	tx := w.Writer.WithContext(lifetime).Begin(committed)
	if !stop() || tx.Error != nil {
		cancel() // and with it the transaction, if there is one
		return nil, errors.Join(ctx.Err(), tx.Error)
	}
	w.tx, w.cancel = tx, cancel
	return tx.WithContext(ctx), nil
}

func (w *work) commit() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tx == nil {
		return nil
	}
	return w.tx.Commit().Error
}

// end rolls back what was not committed.
func (w *work) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tx != nil {
		w.tx.Rollback()
		w.cancel()
	}
}

// run runs fn as one unit, the outermost or one within.
func (w *work) run(ctx context.Context, fn func(context.Context, ports.Unit) error) error {
	u := &unit{work: w}
	u.tasks = tasks{engine: w.Engine, reach: u}
	defer u.over.Store(true)
	if err := fn(ctx, u); err != nil {
		return err
	}
	return ctx.Err()
}

// unit implements [ports.Unit].
type unit struct {
	tasks
	work *work
	over atomic.Bool
}

func (u *unit) admit(user identity.UserID) error {
	switch {
	case user.IsZero():
		return identity.ErrNoUser
	case user != u.work.user:
		return ports.ErrOtherUser
	case u.over.Load():
		return errOver
	}
	return nil
}

func (u *unit) query(ctx context.Context, statement string, args ...any) (Rows, error) {
	db, err := u.work.begin(ctx)
	if err != nil {
		return nil, err
	}
	return db.Raw(statement, args...).Rows()
}

func (u *unit) writer(ctx context.Context) (*gorm.DB, error) { return u.work.begin(ctx) }

// After a conflict the whole unit has to be done again, not its last step.
func (u *unit) again(_ context.Context, do func() error) error { return do() }

// Atomically is a unit within: what fn wrote is undone alone.
func (u *unit) Atomically(ctx context.Context, user identity.UserID, fn func(context.Context, ports.Unit) error) error {
	if err := u.admit(user); err != nil {
		return err
	}
	db, err := u.work.begin(ctx)
	if err != nil {
		return u.engine.explain(ctx, "begin a unit of work", err)
	}
	var result error
	err = Within(db, func(*gorm.DB) error {
		result = u.work.run(ctx, fn)
		return result
	})
	if result != nil {
		return result
	}
	return u.engine.explain(ctx, "end a unit within", err)
}

// Within runs do in a transaction; if db is one already, between a savepoint
// and its release.
func Within(db *gorm.DB, do func(*gorm.DB) error) error {
	if _, inside := db.Statement.ConnPool.(gorm.TxCommitter); !inside {
		return db.Transaction(do, committed)
	}
	// What do wrote must be undone also if its context has ended.
	tx := db.WithContext(context.WithoutCancel(db.Statement.Context))
	if err := tx.Exec("SAVEPOINT within").Error; err != nil {
		return err
	}
	kept := false
	defer func() {
		if !kept && tx.Exec("ROLLBACK TO SAVEPOINT within").Error == nil {
			tx.Exec("RELEASE SAVEPOINT within") // or the unit around would find it in place of its own
		}
	}()
	if err := do(db); err != nil {
		return err
	}
	kept = true
	return tx.Exec("RELEASE SAVEPOINT within").Error
}
