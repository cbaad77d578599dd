package gormstore

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"gorm.io/gorm"

	"taskhold/domain/fault"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

var errBoom = errors.New("boom")

func TestWithinIsUndoneWhateverEndsIt(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(context.CancelFunc) error
		want []string
	}{
		"by success": {
			func(context.CancelFunc) error { return nil },
			[]string{"BEGIN", "SAVEPOINT within", "RELEASE SAVEPOINT within", "COMMIT"},
		},
		"by an error": {
			func(context.CancelFunc) error { return errBoom },
			[]string{"BEGIN", "SAVEPOINT within", "ROLLBACK TO SAVEPOINT within", "RELEASE SAVEPOINT within", "COMMIT"},
		},
		"by a panic": {
			func(context.CancelFunc) error { panic(errBoom) },
			[]string{"BEGIN", "SAVEPOINT within", "ROLLBACK TO SAVEPOINT within", "RELEASE SAVEPOINT within", "COMMIT"},
		},
		"by the end of its context": {
			func(cancel context.CancelFunc) error { cancel(); return errBoom },
			[]string{"BEGIN", "SAVEPOINT within", "ROLLBACK TO SAVEPOINT within", "RELEASE SAVEPOINT within", "COMMIT"},
		},
	} {
		db, r := guarded(t)
		err := db.Transaction(func(tx *gorm.DB) error {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			defer func() { _ = recover() }()
			_ = Within(tx.WithContext(ctx), func(*gorm.DB) error { return c.do(cancel) })
			return nil
		})
		if err != nil || !slices.Equal(r.seen, c.want) {
			t.Errorf("a unit within that ended %s: %v, %q; want %q", name, err, r.seen, c.want)
		}
	}
}

func TestWithinBeginsATransactionWhereThereIsNone(t *testing.T) {
	for end, result := range map[string]error{"COMMIT": nil, "ROLLBACK": errBoom} {
		db, r := guarded(t)
		err := Within(db, func(*gorm.DB) error { return result })
		if want := []string{"BEGIN", end}; !errors.Is(err, result) || !slices.Equal(r.seen, want) {
			t.Errorf("got %v, %q; want %v, %q", err, r.seen, result, want)
		}
	}
}

// flaky is an engine that judges every error as it is told.
func flaky(t *testing.T, judge func(error) Trouble) *Store {
	t.Helper()
	db, _ := guarded(t)
	return New(Engine{Reader: db, Writer: db, Judge: judge})
}

func TestConflictIsTriedAgainAndNothingElse(t *testing.T) {
	ann, err := identity.ParseUserID("ann")
	if err != nil {
		t.Fatal(err)
	}
	for trouble, want := range map[Trouble]int{Conflict: mostTries, Failure: 1, Locked: 1, Outage: 1} {
		s := flaky(t, func(error) Trouble { return trouble })
		runs := 0
		err := s.Atomically(t.Context(), ann, func(context.Context, ports.Unit) error {
			runs++
			return errBoom
		})
		if runs != want || !errors.Is(err, errBoom) {
			t.Errorf("after trouble %d the closure ran %d times, then %v; want %d", trouble, runs, err, want)
		}
	}
	runs := 0
	s := flaky(t, func(error) Trouble { return Conflict })
	if err := s.Atomically(t.Context(), ann, func(context.Context, ports.Unit) error {
		if runs++; runs < 3 {
			return errBoom
		}
		return nil
	}); err != nil || runs != 3 {
		t.Errorf("a closure that succeeds the third time ran %d times, then %v", runs, err)
	}
}

func TestWhatEndsAUnitWithinIsNotTakenForTroubleOfTheDatabase(t *testing.T) {
	ann, err := identity.ParseUserID("ann")
	if err != nil {
		t.Fatal(err)
	}
	s := flaky(t, func(error) Trouble { return Outage })
	err = s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
		return u.Atomically(ctx, ann, func(context.Context, ports.Unit) error { return errBoom })
	})
	if err != errBoom { //nolint:errorlint // as it is
		t.Errorf("got %v, want it as it was returned", err)
	}
}

func TestAnErasureThatMayNotTakeItsTimeIsNotBegun(t *testing.T) {
	ann, err := identity.ParseUserID("ann")
	if err != nil {
		t.Fatal(err)
	}
	db, r := guarded(t)
	s := New(Engine{Reader: db, Writer: db, Judge: func(error) Trouble { return Failure }, Unhurried: "a statement that the guard refuses"})
	if err := s.Erase(t.Context(), ann, time.Now()); !errors.Is(err, ErrUnguarded) {
		t.Errorf("got %v, want %v", err, ErrUnguarded)
	}
	if want := []string{"BEGIN", "ROLLBACK"}; !slices.Equal(r.seen, want) {
		t.Errorf("%q reached the database, want %q", r.seen, want)
	}
}

func TestAClaimWaitsForTheOneWriterForTwoSecondsAtMost(t *testing.T) {
	ann, err := identity.ParseUserID("ann")
	if err != nil {
		t.Fatal(err)
	}
	for one, c := range map[bool]struct {
		waits time.Duration
		want  error
	}{true: {2 * time.Second, ports.ErrKeyBusy}, false: {3 * time.Second, ports.ErrTooManyKeys}} {
		synctest.Test(t, func(t *testing.T) {
			db, r := guarded(t)
			r.delay = 3 * time.Second
			s := New(Engine{Reader: db, Writer: db, OneWriter: one, Judge: func(error) Trouble { return Failure }, Patience: "FROM keys"})
			start := time.Now()
			err := s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
				_, err := u.Claim(ctx, ann, "key", start)
				return err
			})
			if took := time.Since(start); took != c.waits || !errors.Is(err, c.want) {
				t.Errorf("with one writer %t: after %v got %v, want after %v %v", one, took, err, c.waits, c.want)
			}
		})
	}
}

func TestNobodyWaitsToTryAgainOnceTheContextIsDone(t *testing.T) {
	s := flaky(t, func(error) Trouble { return Conflict })
	ctx, cancel := context.WithCancel(t.Context())
	runs := 0
	began := time.Now()
	err := s.again(ctx, func() error {
		runs++
		cancel()
		return errBoom
	})
	if runs != 1 || !errors.Is(err, errBoom) || time.Since(began) > 10*time.Second {
		t.Errorf("the closure ran %d times in %v, then %v", runs, time.Since(began), err)
	}
}

func TestCallersAreToldWhatTheyCanDo(t *testing.T) {
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx     context.Context
		trouble Trouble
		err     error
		want    []error
		never   []error
	}{
		"nothing":             {t.Context(), Outage, nil, []error{nil}, nil},
		"a fault":             {t.Context(), Failure, task.ErrStale, []error{task.ErrStale}, nil},
		"a fault, late":       {done, Failure, task.ErrStale, []error{task.ErrStale}, []error{context.Canceled}},
		"an outage":           {t.Context(), Outage, errBoom, []error{ports.ErrUnavailable, fault.Unavailable, errBoom}, nil},
		"one lock too many":   {t.Context(), Locked, errBoom, []error{ports.ErrUnavailable, errBoom}, nil},
		"conflicts for ever":  {t.Context(), Conflict, errBoom, []error{ports.ErrUnavailable, errBoom}, nil},
		"a mistake":           {t.Context(), Failure, errBoom, []error{errBoom}, []error{fault.Unavailable}},
		"an end":              {done, Outage, errBoom, []error{context.Canceled}, []error{fault.Unavailable}},
		"an outage and a bug": {t.Context(), Outage, errors.Join(errBoom, task.ErrNotFound), []error{task.ErrNotFound}, []error{ports.ErrUnavailable}},
	} {
		e := Engine{Judge: func(error) Trouble { return c.trouble }}
		got := e.explain(c.ctx, "do", c.err)
		for _, want := range c.want {
			if !errors.Is(got, want) {
				t.Errorf("%s: got %v, which is no %v", name, got, want)
			}
		}
		for _, never := range c.never {
			if errors.Is(got, never) {
				t.Errorf("%s: got %v, which is a %v", name, got, never)
			}
		}
	}
}
