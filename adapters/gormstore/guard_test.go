package gormstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/utils/tests"
)

// recorder is a database that notes what reaches it and has no rows.
type recorder struct {
	delay time.Duration // until a transaction begins
	mu    sync.Mutex
	seen  []string
}

func (r *recorder) note(statement string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, statement)
}

func (r *recorder) Connect(context.Context) (driver.Conn, error) { return connection{r}, nil }
func (r *recorder) Driver() driver.Driver                        { return nil }

type connection struct{ *recorder }

func (c connection) Prepare(statement string) (driver.Stmt, error) {
	c.note(statement)
	return prepared{}, nil
}
func (c connection) Close() error { return nil }
func (c connection) Begin() (driver.Tx, error) {
	c.note("BEGIN")
	return c, nil
}

func (c connection) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	if c.delay > 0 {
		select {
		case <-time.After(c.delay):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return c.Begin()
}

func (c connection) Commit() error { c.note("COMMIT"); return nil }

func (c connection) Rollback() error { c.note("ROLLBACK"); return nil }

type prepared struct{}

func (prepared) Close() error                               { return nil }
func (prepared) NumInput() int                              { return -1 }
func (prepared) Exec([]driver.Value) (driver.Result, error) { return driver.RowsAffected(0), nil }
func (prepared) Query([]driver.Value) (driver.Rows, error)  { return none{}, nil }

type none struct{}

func (none) Columns() []string         { return nil }
func (none) Close() error              { return nil }
func (none) Next([]driver.Value) error { return io.EOF }

// plain speaks as engines do, to a pool.
type plain struct {
	tests.DummyDialector
	pool gorm.ConnPool
}

func (p plain) Initialize(db *gorm.DB) error {
	db.ConnPool = p.pool
	return p.DummyDialector.Initialize(db)
}

func guarded(t *testing.T) (*gorm.DB, *recorder) {
	t.Helper()
	r := new(recorder)
	raw := sql.OpenDB(r)
	t.Cleanup(func() { raw.Close() })
	db, err := Open(raw, func(pool gorm.ConnPool) gorm.Dialector { return plain{pool: pool} })
	if err != nil {
		t.Fatal(err)
	}
	return db, r
}

func (plain) Translate(err error) error { return err }

// item is what a careless programmer maps.
type item struct {
	UserID string
	ID     string
	Title  string
}

func (item) TableName() string { return "tasks" }

func TestForgottenUserNeverReachesTheDatabase(t *testing.T) {
	for name, careless := range map[string]func(*gorm.DB) error{
		"Find":             func(db *gorm.DB) error { return db.Find(&[]item{}).Error },
		"First":            func(db *gorm.DB) error { return db.First(&item{}, "id = ?", "1").Error },
		"a zero condition": func(db *gorm.DB) error { return db.Where(&item{UserID: ""}).Find(&[]item{}).Error },
		"Update": func(db *gorm.DB) error {
			return db.Session(&gorm.Session{AllowGlobalUpdate: true}).Model(&item{}).Update("title", "x").Error
		},
		"Delete":   func(db *gorm.DB) error { return db.Delete(&item{}, "id = ?", "1").Error },
		"Count":    func(db *gorm.DB) error { return db.Model(&item{}).Count(new(int64)).Error },
		"Exec":     func(db *gorm.DB) error { return db.Exec("DELETE FROM tasks").Error },
		"Raw":      func(db *gorm.DB) error { return db.Raw("SELECT * FROM tasks").Scan(&[]item{}).Error },
		"Row":      func(db *gorm.DB) error { return db.Raw("SELECT id FROM tasks").Row().Scan(new(string)) },
		"Rows":     func(db *gorm.DB) error { _, err := db.Raw("SELECT id FROM tasks").Rows(); return err },
		"prepared": func(db *gorm.DB) error { return db.Session(&gorm.Session{PrepareStmt: true}).Find(&[]item{}).Error },
		"a transaction": func(db *gorm.DB) error {
			return db.Transaction(func(tx *gorm.DB) error { return tx.Find(&[]item{}).Error })
		},
		"a transaction within": func(db *gorm.DB) error {
			return db.Transaction(func(tx *gorm.DB) error {
				return Within(tx, func(tx *gorm.DB) error { return tx.Exec("UPDATE tasks SET title = ''").Error })
			})
		},
	} {
		db, r := guarded(t)
		if err := careless(db); !errors.Is(err, ErrUnguarded) {
			t.Errorf("%s: got error %v, want ErrUnguarded", name, err)
		}
		if text := fmt.Sprint(r.seen); strings.Contains(text, "tasks") {
			t.Errorf("%s reached the database: %s", name, text)
		}
	}
}

func TestWhatNamesTheUserReachesTheDatabase(t *testing.T) {
	db, r := guarded(t)
	for name, careful := range map[string]func(*gorm.DB) error{
		"Find": func(db *gorm.DB) error { return db.Find(&[]item{}, "user_id = ?", "ann").Error },
		"Exec": func(db *gorm.DB) error { return db.Exec("DELETE FROM tasks WHERE user_id = ?", "ann").Error },
		"Row": func(db *gorm.DB) error {
			if err := db.Raw("SELECT id FROM tasks WHERE user_id = ?", "ann").Row().Scan(new(string)); !errors.Is(err, sql.ErrNoRows) {
				return errors.Join(err, errors.New("not ErrNoRows"))
			}
			return nil
		},
		"a transaction": func(db *gorm.DB) error {
			return db.Transaction(func(tx *gorm.DB) error { return tx.Find(&[]item{}, "user_id = ?", "ann").Error })
		},
	} {
		r.seen = nil
		if err := careful(db); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if text := fmt.Sprint(r.seen); !strings.Contains(text, "tasks") {
			t.Errorf("%s did not reach the database: %s", name, text)
		}
	}
}

func TestARefusedRowLeavesNothingBehind(t *testing.T) {
	db, _ := guarded(t)
	before := runtime.NumGoroutine()
	for range 100 {
		if err := db.Raw("SELECT id FROM tasks").Row().Scan(new(string)); !errors.Is(err, ErrUnguarded) {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before+10; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines are left of 100 rows", runtime.NumGoroutine()-before)
		}
	}
}

func TestDatabaseIsFoundBehindTheGuard(t *testing.T) {
	db, _ := guarded(t)
	if raw, err := db.DB(); err != nil || raw == nil {
		t.Errorf("DB() = %v, %v", raw, err)
	}
}

func TestGuardRemembersSoManyTextsAndNoMore(t *testing.T) {
	var m memory
	for i := range mostVerdicts + 10 {
		if err := m.on(fmt.Sprintf("SELECT %d FROM tasks", i)); !errors.Is(err, ErrUnguarded) {
			t.Fatalf("text %d: %v", i, err)
		}
		if err := m.on(fmt.Sprintf("SELECT %d", i)); err != nil {
			t.Fatalf("text %d: %v", i, err)
		}
	}
	known := 0
	m.known.Range(func(any, any) bool { known++; return true })
	if known != mostVerdicts {
		t.Errorf("%d texts are remembered, want %d", known, mostVerdicts)
	}
	for range 2 { // a remembered verdict is the same
		if m.on("SELECT 0 FROM tasks") == nil || m.on("SELECT 0") != nil {
			t.Error("a remembered verdict is another")
		}
	}
}

func TestTheGuardIsAskedBeforeAnEnginesOwnQuery(t *testing.T) {
	var seen []string
	engine := &Engine{Query: func(_ context.Context, statement string, _ []any) (Rows, error) {
		seen = append(seen, statement)
		return nil, errBoom
	}}
	if _, err := (outside{engine}).query(t.Context(), "SELECT id FROM tasks"); !errors.Is(err, ErrUnguarded) || len(seen) > 0 {
		t.Errorf("without a user: got %v, and %q was asked", err, seen)
	}
	const good = "SELECT id FROM tasks WHERE user_id = ?"
	if _, err := (outside{engine}).query(t.Context(), good); !errors.Is(err, errBoom) || len(seen) != 1 || seen[0] != good {
		t.Errorf("with a user: got %v, and %q was asked", err, seen)
	}
}
