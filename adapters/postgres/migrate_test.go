package postgres

import (
	"context"
	"crypto/rand"
	"net/url"
	"strings"
	"testing"
	"time"

	"taskhold/adapters/gormstore/schematest"
	"taskhold/adapters/postgres/postgrestest"
)

func TestSchemaKeepsItsContract(t *testing.T) {
	schematest.Run(t, func(t testing.TB) schematest.Database {
		address := postgrestest.Empty(t)
		behind := start(t, address, Options{PoolSize: 1})
		return schematest.Database{
			Open: func(ctx context.Context) (schematest.Store, error) { return Open(ctx, address, Options{PoolSize: 1}) },
			Exec: func(t testing.TB, statement string) { behind.sql(t, statement) },
			Count: func(t testing.TB, statement string) (n int) {
				must(t, behind.pool.QueryRow(t.Context(), statement).Scan(&n))
				return n
			},
			Tables: "SELECT count(*) FROM (SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public') AS tables WHERE TRUE",
		}
	})
}

func TestReplicaWithNothingToMigrateWaitsForNobody(t *testing.T) {
	s := start(t, postgrestest.Open(t, migrated), Options{})
	s.sql(t, "UPDATE goose_lock SET locked = true, locked_by = 'another', lease_expires_at = now() + interval '1 hour'")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if err := s.Migrate(ctx); err != nil {
		t.Error(err)
	}
}

func TestLockOfAKilledReplicaIsTaken(t *testing.T) {
	s := start(t, postgrestest.Empty(t), Options{})
	must(t, s.Migrate(t.Context()))
	must(t, s.Down(t.Context()))
	s.sql(t, "UPDATE goose_lock SET locked = true, locked_by = 'killed', lease_expires_at = now() + interval '1 second'")
	must(t, s.Migrate(t.Context()))
	schematest.WantSteps(t, s, true)
}

func TestDatabaseOfAnotherEncodingIsRefused(t *testing.T) {
	admin := start(t, postgrestest.Empty(t), Options{})
	name := "taskhold_test_latin1_" + strings.ToLower(rand.Text())
	admin.sql(t, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
	t.Cleanup(func() {
		if _, err := admin.pool.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	address, err := url.Parse(admin.pool.Config().ConnString())
	must(t, err)
	address.Path = name
	s := start(t, address.String(), Options{})
	if err := s.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), "LATIN1") || !strings.Contains(err.Error(), "UTF8") {
		t.Errorf("Migrate of a database in LATIN1 = %v, want an error that names both encodings", err)
	}
	schematest.WantSteps(t, s, false)
}

// An index that a save has to write makes each save twice as dear, since
// PostgreSQL then writes all of them.
func TestNoIndexHoldsWhatASaveWrites(t *testing.T) {
	s := start(t, postgrestest.Open(t, migrated), Options{})
	var indexes string
	must(t, s.pool.QueryRow(t.Context(), "SELECT string_agg(indexdef, ' ') FROM pg_indexes WHERE tablename = 'tasks'").Scan(&indexes))
	if want := "CREATE UNIQUE INDEX tasks_pkey ON public.tasks USING btree (user_id, id)"; indexes != want {
		t.Errorf("the indexes of tasks are %s, want %s", indexes, want)
	}
}
