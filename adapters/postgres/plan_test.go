package postgres

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"taskhold/adapters/postgres/postgrestest"
	"taskhold/domain/task"
)

// last is a tracer that keeps the last statement.
type last struct {
	statement string
	args      []any
}

func (l *last) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if strings.HasPrefix(data.SQL, "SELECT") {
		l.statement, l.args = data.SQL, data.Args
	}
	return ctx
}

func (*last) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// many fills the database with tasks of many users, in the order of their
// instants as life would.
const many = `INSERT INTO tasks (user_id, id, created_at, updated_at, version, title, title_folded, description, description_folded, priority, tags)
	SELECT 'user-' || n % 100, (lpad(to_hex(n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
		'2026-01-01'::timestamptz + n * interval '1 second', '2026-01-01'::timestamptz + n * interval '1 second',
		1, 'milk', 'MILK', repeat('two litres ', 20), repeat('TWO LITRES ', 20), 0, '[]'
	FROM generate_series(1, 20000) AS n`

func (s *Store) explain(t *testing.T, mode, statement string, args []any) string {
	t.Helper()
	tx, err := s.pool.Begin(t.Context())
	must(t, err)
	defer tx.Rollback(t.Context())
	_, err = tx.Exec(t.Context(), "SET LOCAL plan_cache_mode = "+mode)
	must(t, err)
	rows, err := tx.Query(t.Context(), "EXPLAIN "+statement, args...)
	must(t, err)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	return strings.Join(lines, "\n")
}

// A save that finds room on the row's own page writes no index: PostgreSQL
// calls that a heap-only tuple.
func TestSavesAreHeapOnly(t *testing.T) {
	s := start(t, postgrestest.Open(t, migrated), Options{PoolSize: 1})
	ann := user(t, "ann")
	milk := titled(t, ann, "milk")
	must(t, s.Insert(t.Context(), milk, 1))
	for i := range 40 {
		must(t, milk.Edit(task.Change{Title: task.Some(fmt.Sprint(i)), Completed: task.Some(i%2 == 0)}, milk.Snapshot().Updated.Add(1)))
		must(t, s.Save(t.Context(), milk))
	}
	var saved, heapOnly int
	for deadline := time.Now().Add(10 * time.Second); saved < 40 && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) { // counts come late
		must(t, s.pool.QueryRow(t.Context(), "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'tasks'").Scan(&saved, &heapOnly))
	}
	if saved != 40 || heapOnly < 36 {
		t.Errorf("of %d saves %d were heap-only, want 36 of 40", saved, heapOnly)
	}
}
