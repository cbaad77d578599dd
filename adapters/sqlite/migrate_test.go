package sqlite

import (
	"context"
	"testing"

	"taskhold/adapters/gormstore/schematest"
)

func TestSchemaKeepsItsContract(t *testing.T) {
	schematest.Run(t, func(t testing.TB) schematest.Database {
		address := fresh(t) // of a file that is not there before somebody opens it
		behind := func(t testing.TB) *Store {
			s, err := Open(t.Context(), address, Options{})
			must(t, err)
			t.Cleanup(func() { must(t, s.Close()) })
			return s
		}
		return schematest.Database{
			Open: func(ctx context.Context) (schematest.Store, error) { return Open(ctx, address, Options{}) },
			Exec: func(t testing.TB, statement string) {
				_, err := behind(t).writer.ExecContext(t.Context(), statement)
				must(t, err)
			},
			Count: func(t testing.TB, statement string) (n int) {
				must(t, behind(t).writer.QueryRowContext(t.Context(), statement).Scan(&n))
				return n
			},
			Tables: "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
		}
	})
}
