package postgres

import (
	"context"
	"errors"
	"testing"
	"time"

	"taskhold/adapters/postgres/postgrestest"
	"taskhold/ports"
)

func TestPoolsTellWhoWaits(t *testing.T) {
	s := start(t, postgrestest.Open(t, migrated), Options{PoolSize: 1, PoolTimeout: time.Second})
	ann := user(t, "ann")
	must(t, s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
		_, err := u.List(ctx, ann, ports.Query{Limit: 1})
		must(t, err)
		if err := s.Ping(ctx); !errors.Is(err, ports.ErrUnavailable) {
			t.Errorf("Ping beside a pool of one that is in use = %v", err)
		}
		if now := s.Pools()[0]; now.Max != 1 || now.Used != 1 || now.Idle != 0 {
			t.Errorf("within a unit of work: %+v", now)
		}
		return nil
	}))
	now := s.Pools()[0]
	if now.Used != 0 || now.Idle != 1 || now.TimedOut != 1 {
		t.Errorf("after a unit of work during which one gave up: %+v", now)
	}
	waited := make(chan error, 1)
	must(t, s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
		_, err := u.List(ctx, ann, ports.Query{Limit: 1})
		go func() { waited <- s.Ping(t.Context()) }()
		time.Sleep(100 * time.Millisecond)
		return err
	}))
	must(t, <-waited)
	if then := s.Pools()[0]; then.Waits <= now.Waits || then.Waited-now.Waited < time.Millisecond || then.TimedOut != 1 {
		t.Errorf("after one has waited: %+v, and before %+v", then, now)
	}
}
