package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"taskhold/adapters/gormstore"
	"taskhold/adapters/postgres/postgrestest"
)

func TestSchemaGoesForwardAndBackAndForward(t *testing.T) {
	s := start(t, postgrestest.Empty(t), Options{})
	if err := s.Check(t.Context()); !errors.Is(err, gormstore.ErrSchemaOld) {
		t.Errorf("Check of an empty database = %v, want ErrSchemaOld", err)
	}
	for range 2 {
		wantSteps(t, s, false)
		must(t, s.Migrate(t.Context()))
		must(t, s.Check(t.Context()))
		wantSteps(t, s, true)
		must(t, s.Insert(t.Context(), titled(t, user(t, "ann"), "milk"), 1))
		must(t, s.Down(t.Context()))
	}
	wantSteps(t, s, false)
	var tables string
	must(t, s.pool.QueryRow(t.Context(), `SELECT coalesce(string_agg(tablename, ' '), '') FROM pg_tables
		WHERE schemaname = 'public' AND tablename NOT LIKE 'goose%'`).Scan(&tables))
	if tables != "" {
		t.Errorf("all the way back there are still tables: %s", tables)
	}
}

func wantSteps(t *testing.T, s *Store, applied bool) {
	t.Helper()
	steps, err := s.Status(t.Context())
	must(t, err)
	if len(steps) == 0 {
		t.Error("Status knows no step")
	}
	for _, step := range steps {
		if step.Applied != applied || step.Name == "" {
			t.Errorf("Status says %+v, want applied %v", step, applied)
		}
	}
}

func TestTenReplicasMayMigrateAnEmptyDatabaseAtOnce(t *testing.T) {
	address := postgrestest.Empty(t)
	results := make(chan error, 10)
	begin := make(chan struct{})
	for range cap(results) {
		s := start(t, address, Options{PoolSize: 1})
		go func() {
			<-begin
			results <- s.Migrate(t.Context())
		}()
	}
	close(begin)
	for range cap(results) {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	s := start(t, address, Options{})
	wantSteps(t, s, true)
	var steps int
	must(t, s.pool.QueryRow(t.Context(), "SELECT count(*) FROM goose_db_version WHERE version_id > 0").Scan(&steps))
	if known, _ := s.Status(t.Context()); steps != len(known) {
		t.Errorf("%d steps were done, want %d", steps, len(known))
	}
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
	wantSteps(t, s, true)
}

func TestNewerSchemaIsRefusedOnlyIfItSaysSo(t *testing.T) {
	s := start(t, postgrestest.Open(t, migrated), Options{})
	s.sql(t, "INSERT INTO compatibility (migration, oldest) VALUES (98, 1)")
	for name, do := range map[string]func(context.Context) error{"Check": s.Check, "Migrate": s.Migrate} {
		if err := do(t.Context()); err != nil {
			t.Errorf("%s of a schema that this program can live with = %v", name, err)
		}
	}
	steps, err := s.Status(t.Context())
	must(t, err)
	if last := steps[len(steps)-1]; last != (gormstore.Step{Version: 98, Applied: true}) {
		t.Errorf("Status ends with %+v, want step 98, of no name", last)
	}
	s.sql(t, "INSERT INTO compatibility (migration, oldest) VALUES (99, 98)")
	for name, do := range map[string]func(context.Context) error{"Check": s.Check, "Migrate": s.Migrate} {
		if err := do(t.Context()); !errors.Is(err, gormstore.ErrSchemaNew) {
			t.Errorf("%s of a schema that this program cannot live with = %v, want ErrSchemaNew", name, err)
		}
	}
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
	wantSteps(t, s, false)
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
