package sqlite

import (
	"context"
	"errors"
	"testing"

	"taskhold/adapters/gormstore"
)

func TestSchemaGoesForwardAndBackAndForward(t *testing.T) {
	s, err := Open(t.Context(), fresh(t), Options{})
	must(t, err)
	defer s.Close()
	if err := s.Check(t.Context()); !errors.Is(err, gormstore.ErrSchemaOld) {
		t.Errorf("Check of an empty file = %v, want ErrSchemaOld", err)
	}
	for range 2 {
		wantSteps(t, s, false)
		must(t, s.Migrate(t.Context()))
		must(t, s.Check(t.Context()))
		wantSteps(t, s, true)
		must(t, s.Insert(t.Context(), titled(user("ann"), "milk"), 1))
		must(t, s.Down(t.Context()))
	}
	wantSteps(t, s, false)
	var tables int
	must(t, s.writer.QueryRow("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'goose%' AND name NOT LIKE 'sqlite%'").Scan(&tables))
	if tables != 0 {
		t.Errorf("all the way back there are still %d tables", tables)
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

func TestTenProcessesMayMigrateAnEmptyFileAtOnce(t *testing.T) {
	address := fresh(t)
	results := make(chan error, 10)
	begin := make(chan struct{})
	for range cap(results) {
		go func() {
			<-begin
			s, err := Open(t.Context(), address, Options{})
			if err == nil {
				err = errors.Join(s.Migrate(t.Context()), s.Close())
			}
			results <- err
		}()
	}
	close(begin)
	for range cap(results) {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	wantSteps(t, start(t, address), true)
}

func TestNewerSchemaIsRefusedOnlyIfItSaysSo(t *testing.T) {
	s := start(t, fresh(t))
	checks := map[string]func(context.Context) error{"Check": s.Check, "Migrate": s.Migrate}
	_, err := s.writer.Exec("INSERT INTO compatibility (migration, oldest) VALUES (98, 1)")
	must(t, err)
	for name, do := range checks {
		if err := do(t.Context()); err != nil {
			t.Errorf("%s of a schema that this program can live with = %v", name, err)
		}
	}
	_, err = s.writer.Exec("INSERT INTO compatibility (migration, oldest) VALUES (99, 98)")
	must(t, err)
	for name, do := range checks {
		if err := do(t.Context()); !errors.Is(err, gormstore.ErrSchemaNew) {
			t.Errorf("%s of a schema that this program cannot live with = %v, want ErrSchemaNew", name, err)
		}
	}
}
