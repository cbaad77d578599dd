package postgres

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"taskhold/adapters/gormstore"
	"taskhold/domain/task"
)

// sent is a value in PostgreSQL's binary format, as pgx writes it.
func sent(t *testing.T, oid uint32, value any) []byte {
	raw, err := pgtype.NewMap().Encode(oid, pgtype.BinaryFormatCode, value, []byte{})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// scan reads one value into a field as rows do.
func scan(oid uint32, format int16, raw []byte, field any) error {
	described := []pgconn.FieldDescription{{DataTypeOID: oid, Format: format}}
	return columns(described, []any{field}, pgtype.NewMap())[0](raw)
}

func TestColumnsReadWhatPgxWrites(t *testing.T) {
	const year1, year10000 = -62135596800e6, 253402300800e6
	for range 1000 {
		at := time.UnixMicro(year1 + rand.Int64N(year10000-year1)).UTC()
		readsBack(t, pgtype.TimestamptzOID, at, gormstore.Instant{Time: at})
		readsBack(t, pgtype.DateOID, at, gormstore.Date{Date: task.DateOf(at)})
		number, id := rand.Uint64(), [16]byte{}
		binary.BigEndian.PutUint64(id[4:], number)
		readsBack(t, pgtype.Int8OID, int64(number), int64(number))
		readsBack(t, pgtype.Int2OID, int16(number), int64(int16(number)))
		readsBack(t, pgtype.UUIDOID, id, gormstore.ID{ID: task.ID(id)})
	}
}

func TestColumnsReadText(t *testing.T) {
	for _, want := range []string{"", "a", "Müsli kaufen", "\x01\"\\"} {
		var got string
		if err := scan(pgtype.TextOID, pgtype.TextFormatCode, []byte(want), &got); err != nil || got != want {
			t.Errorf("%q came back as %q, %v", want, got, err)
		}
	}
	var f jsonField
	if err := scan(pgtype.JSONBOID, pgtype.TextFormatCode, []byte(`["a"]`), &f); err != nil || f.text != `["a"]` {
		t.Errorf("the JSON came back as %q, %v", f.text, err)
	}
}

func readsBack[F comparable](t *testing.T, oid uint32, value any, want F) {
	t.Helper()
	var got F
	if err := scan(oid, pgtype.BinaryFormatCode, sent(t, oid, value), &got); err != nil || got != want {
		t.Fatalf("%v came back as %v, %v; want %v", value, got, err, want)
	}
}

func TestColumnsOfOtherTypesAreReadByPgx(t *testing.T) {
	var total int
	if err := scan(pgtype.Int8OID, pgtype.BinaryFormatCode, sent(t, pgtype.Int8OID, 7), &total); err != nil || total != 7 {
		t.Errorf("a bigint for an int is %d, %v", total, err)
	}
	var version int64
	if err := scan(pgtype.Int4OID, pgtype.BinaryFormatCode, sent(t, pgtype.Int4OID, 7), &version); err != nil || version != 7 {
		t.Errorf("an integer for an int64 is %d, %v", version, err)
	}
	if err := scan(pgtype.Int8OID, pgtype.TextFormatCode, []byte("7"), &version); err != nil || version != 7 {
		t.Errorf("a bigint as text is %d, %v", version, err)
	}
}

func TestNullIsTheZeroValueWhereATaskMayLackIt(t *testing.T) {
	const binary = pgtype.BinaryFormatCode
	instant, date := gormstore.Instant{Time: time.Now()}, gormstore.Date{Date: task.DateOf(time.Now())}
	if err := scan(pgtype.TimestamptzOID, binary, nil, &instant); err != nil || !instant.IsZero() {
		t.Errorf("null is the instant %v, %v", instant, err)
	}
	if err := scan(pgtype.DateOID, binary, nil, &date); err != nil || !date.IsZero() {
		t.Errorf("null is the date %v, %v", date, err)
	}
}

func TestWhatNoTaskCanHaveIsAnError(t *testing.T) {
	infinite := func(bits int, v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v)[8-bits/8:] }
	for name, tc := range map[string]struct {
		oid   uint32
		raw   []byte
		field any
		text  bool
	}{
		"a text that is null":      {pgtype.TextOID, nil, new(string), true},
		"an id that is null":       {pgtype.UUIDOID, nil, new(gormstore.ID), false},
		"a version that is null":   {pgtype.Int8OID, nil, new(int64), false},
		"tags that are null":       {pgtype.JSONBOID, nil, new(jsonField), true},
		"an id that is short":      {pgtype.UUIDOID, make([]byte, 15), new(gormstore.ID), false},
		"an instant that is short": {pgtype.TimestamptzOID, make([]byte, 4), new(gormstore.Instant), false},
		"an instant in no time":    {pgtype.TimestamptzOID, infinite(64, math.MaxInt64), new(gormstore.Instant), false},
		"an instant before time":   {pgtype.TimestamptzOID, infinite(64, 1<<63), new(gormstore.Instant), false},
		"a date in no time":        {pgtype.DateOID, infinite(32, math.MaxInt32), new(gormstore.Date), false},
		"a date before time":       {pgtype.DateOID, infinite(32, 1<<31), new(gormstore.Date), false},
		"a date that is long":      {pgtype.DateOID, make([]byte, 8), new(gormstore.Date), false},
	} {
		t.Run(name, func(t *testing.T) {
			before := reflect.ValueOf(tc.field).Elem().Interface()
			format := int16(pgtype.BinaryFormatCode)
			if tc.text {
				format = pgtype.TextFormatCode
			}
			if err := scan(tc.oid, format, tc.raw, tc.field); err == nil {
				t.Errorf("it is read as %v", tc.field)
			}
			if after := reflect.ValueOf(tc.field).Elem().Interface(); !reflect.DeepEqual(before, after) {
				t.Errorf("it became %v", after)
			}
		})
	}
}

type jsonField struct{ text string }

func (f *jsonField) ScanBytes(text []byte) error {
	f.text = string(text)
	return nil
}
