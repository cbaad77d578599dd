package postgres

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"taskhold/adapters/gormstore"
	"taskhold/domain/task"
)

// column reads a value of one column, nil if it is null, into its field.
type column func(raw []byte) error

// columns returns what reads a row into fields. The types that a task is made
// of are read by hand, in the formats in which pgx asks for them: for each
// value pgx looks anew for a way, which took a third of the time of a list.
func columns(described []pgconn.FieldDescription, fields []any, types *pgtype.Map) []column {
	list := make([]column, len(fields))
	for i, d := range described {
		if d.Format == pgtype.BinaryFormatCode {
			list[i] = binaryColumn(d.DataTypeOID, fields[i])
		} else {
			list[i] = textColumn(d.DataTypeOID, fields[i])
		}
		if list[i] == nil {
			list[i] = func(raw []byte) error { return types.Scan(d.DataTypeOID, d.Format, raw, fields[i]) }
		}
	}
	return list
}

// binaryColumn returns nil where pgx has to look for a way.
func binaryColumn(oid uint32, field any) column {
	switch f := field.(type) {
	case *int64:
		return integerColumn(oid, f)
	case *gormstore.ID:
		return sized(oid == pgtype.UUIDOID, 16, func(raw []byte) { f.ID = task.ID(raw) })
	case *gormstore.Instant:
		return nullable(f, oid == pgtype.TimestamptzOID, 8, readInstant)
	case *gormstore.Date:
		return nullable(f, oid == pgtype.DateOID, 4, readDate)
	}
	return nil
}

// textColumn is binaryColumn for what pgx asks for as text.
func textColumn(oid uint32, field any) column {
	switch f := field.(type) {
	case *string:
		return textual(oid == pgtype.TextOID, func(text []byte) error {
			*f = string(text)
			return nil
		})
	case interface{ ScanBytes(text []byte) error }:
		return textual(oid == pgtype.JSONBOID, f.ScanBytes)
	}
	return nil
}

// textual reads values that cannot be null, if that is the type of the column.
func textual(known bool, read func(text []byte) error) column {
	if !known {
		return nil
	}
	return func(raw []byte) error {
		if raw == nil {
			return errColumn
		}
		return read(raw)
	}
}

// errColumn is of a value that PostgreSQL does not send for its type, or that
// no task can have.
var errColumn = errors.New("the value is none that was stored for a task")

// sized reads values of so many bytes, if that is the type of the column.
func sized(known bool, size int, read func(raw []byte)) column {
	if !known {
		return nil
	}
	return func(raw []byte) error {
		if len(raw) != size {
			return errColumn
		}
		read(raw)
		return nil
	}
}

// nullable is sized for a type that has infinite values, and a field whose
// zero value stands for null.
func nullable[F any](field *F, known bool, size int, read func(raw []byte) (F, bool)) column {
	if !known {
		return nil
	}
	return func(raw []byte) error {
		if raw == nil {
			*field = *new(F)
			return nil
		}
		if len(raw) != size {
			return errColumn
		}
		value, finite := read(raw)
		if !finite {
			return errColumn
		}
		*field = value
		return nil
	}
}

func integerColumn(oid uint32, field *int64) column {
	if oid == pgtype.Int2OID {
		return sized(true, 2, func(raw []byte) { *field = int64(int16(binary.BigEndian.Uint16(raw))) })
	}
	return sized(oid == pgtype.Int8OID, 8, func(raw []byte) { *field = int64(binary.BigEndian.Uint64(raw)) })
}

// epoch is where PostgreSQL begins to count.
var epoch = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)

// readInstant reads microseconds, of which the greatest and the least stand for
// the infinities.
func readInstant(raw []byte) (i gormstore.Instant, finite bool) {
	micros := int64(binary.BigEndian.Uint64(raw))
	i.Time = time.UnixMicro(epoch.UnixMicro() + micros).UTC()
	return i, micros != math.MaxInt64 && micros != math.MinInt64
}

// readDate reads days, likewise.
func readDate(raw []byte) (d gormstore.Date, finite bool) {
	days := int32(binary.BigEndian.Uint32(raw))
	d.Date = task.DateOf(epoch.AddDate(0, 0, int(days)))
	return d, days != math.MaxInt32 && days != math.MinInt32
}
