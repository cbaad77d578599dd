package postgres

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"taskhold/adapters/gormstore"
	"taskhold/domain/task"
)

// query reads by pgx itself, which costs a list half of what database/sql does.
func (p patient) query(ctx context.Context, statement string, args []any) (gormstore.Rows, error) {
	conn, err := p.acquire(ctx)
	if err != nil {
		return nil, err
	}
	result, err := conn.Query(ctx, numbered(statement), args...)
	if err != nil {
		conn.Release()
		return nil, err
	}
	return &rows{Rows: result, conn: conn}, nil
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

// rows scans without the detour over values of database/sql.
type rows struct {
	pgx.Rows
	conn   *pgxpool.Conn // nil once it is given back
	fields []any
}

func (r *rows) Close() error {
	r.Rows.Close()
	if r.conn != nil {
		r.conn.Release()
		r.conn = nil
	}
	return r.Err()
}

func (r *rows) Scan(fields ...any) error {
	if r.fields == nil {
		for _, field := range fields {
			switch f := field.(type) {
			case *gormstore.Instant:
				field = (*instant)(f)
			case *gormstore.Date:
				field = (*date)(f)
			}
			r.fields = append(r.fields, field)
		}
	}
	return r.Rows.Scan(r.fields...)
}

type instant gormstore.Instant

// ScanTimestamptz implements pgtype.TimestamptzScanner.
func (i *instant) ScanTimestamptz(v pgtype.Timestamptz) error {
	i.Time = time.Time{}
	if v.Valid {
		i.Time = v.Time.UTC()
	}
	return nil
}

type date gormstore.Date

// ScanDate implements pgtype.DateScanner.
func (d *date) ScanDate(v pgtype.Date) error {
	d.Date = task.Date{}
	if v.Valid {
		d.Date = task.DateOf(v.Time)
	}
	return nil
}
