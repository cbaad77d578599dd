package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"taskhold/adapters/gormstore"
)

// query reads by pgx itself, which costs a list half of what database/sql does.
// Reading changes nothing, so where a connection breaks another is asked: when
// the server has restarted, each that the pool kept is broken.
func (p patient) query(ctx context.Context, statement string, args []any) (gormstore.Rows, error) {
	for tries := p.size; ; tries-- {
		conn, err := p.acquire(ctx)
		if err != nil {
			return nil, err
		}
		r, err := ask(ctx, conn, numbered(statement), args)
		if err == nil {
			return r, nil
		}
		broken := conn.Conn().IsClosed() && ctx.Err() == nil
		conn.Release()
		if !broken || tries == 0 {
			return nil, err
		}
	}
}

// ask returns the rows once the first has come.
func ask(ctx context.Context, conn *pgxpool.Conn, statement string, args []any) (*rows, error) {
	result, err := conn.Query(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	first := result.Next()
	if err := result.Err(); err != nil {
		return nil, err
	}
	return &rows{Rows: result, conn: conn, first: first}, nil
}

// numbered writes the placeholders as PostgreSQL does.
func numbered(statement string) string {
	var b strings.Builder
	for n := 1; ; n++ {
		before, after, more := strings.Cut(statement, "?")
		b.WriteString(before)
		if !more {
			return b.String()
		}
		b.WriteString("$" + strconv.Itoa(n))
		statement = after
	}
}

// rows reads values where they lie, without the detour over those of
// database/sql.
type rows struct {
	pgx.Rows
	conn    *pgxpool.Conn // nil once it is given back
	first   bool          // whether there is one
	begun   bool
	columns []column
}

func (r *rows) Next() bool {
	if r.begun {
		return r.Rows.Next()
	}
	r.begun = true
	return r.first
}

func (r *rows) Close() error {
	r.Rows.Close()
	if r.conn != nil {
		r.conn.Release()
		r.conn = nil
	}
	return r.Err()
}

// Scan fills the fields of the first call, whichever it is given: who reads
// rows has one set of fields for all of them.
func (r *rows) Scan(fields ...any) error {
	if r.columns == nil {
		r.columns = columns(r.FieldDescriptions(), fields, r.conn.Conn().TypeMap())
	}
	for i, raw := range r.RawValues() {
		if err := r.columns[i](raw); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}
