package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"taskhold/adapters/memory"
	"taskhold/adapters/telemetry"
	"taskhold/domain/task"
	"taskhold/ports"
	"taskhold/ports/storetest"
)

func TestAWatchedStoreKeepsTheContract(t *testing.T) {
	for name, tracer := range map[string]*telemetry.Tracer{"without traces": nil, "with traces": newCollector(t).tracer(t)} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(testing.TB) storetest.Subject {
				return telemetry.NewStore(new(memory.Store), "memory", telemetry.NewMetrics(), tracer)
			})
		})
	}
}

// trouble is a store that fails.
type trouble struct {
	memory.Store
	err error
}

func (s *trouble) Ping(context.Context) error { return s.err }

func (s *trouble) PurgeReplays(context.Context, time.Time, int) (int, error) { return 3, s.err }

func TestFailuresOfTheStoreAreToldApart(t *testing.T) {
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"no failure":                                 {nil, ""},
		"a rule refused":                             {fmt.Errorf("find: %w", task.ErrNotFound), ""},
		"the store is gone":                          {fmt.Errorf("find: %w: %w", ports.ErrUnavailable, errors.New("dial tcp 192.0.2.1")), "unavailable"},
		"the client hung up":                         {fmt.Errorf("find: %w", context.Canceled), "canceled"},
		"the request took too long":                  {fmt.Errorf("find: %w", context.DeadlineExceeded), "timeout"},
		"a mistake of the program, whatever it says": {errors.New("column ann does not exist"), "_OTHER"},
	} {
		t.Run(name, func(t *testing.T) {
			m := telemetry.NewMetrics()
			s := telemetry.NewStore(&trouble{err: tc.err}, "memory", m, nil)
			if err := s.Ping(t.Context()); !errors.Is(err, tc.err) {
				t.Errorf("Ping = %v, want %v", err, tc.err)
			}
			wantSamples(t, m, map[string]float64{
				`db_client_operation_duration_seconds_count{db_operation_name="ping",db_system_name="memory",error_type="` + tc.want + `"}`: 1,
			})
		})
	}
}

func TestEveryCallOfTheStoreIsMeasured(t *testing.T) {
	m := telemetry.NewMetrics()
	s := telemetry.NewStore(new(memory.Store), "memory", m, nil)
	work(t, s)
	want := map[string]float64{}
	for _, op := range []string{"find", "list", "insert", "save", "delete", "claim", "keep", "ping", "key", "purge", "erase"} {
		want[calls(op, "")] = 1
	}
	want[calls("unit_of_work", "")] = 2 // one within the other
	wantSamples(t, m, want)
}

func calls(op, failure string) string {
	return fmt.Sprintf(`db_client_operation_duration_seconds_count{db_operation_name=%q,db_system_name="memory",error_type=%q}`, op, failure)
}

// work calls each method of a store once: what a unit of work has, within one.
func work(t *testing.T, s *telemetry.Store) {
	t.Helper()
	at := time.Now().UTC().Truncate(time.Microsecond)
	first := newTask(t, at)
	second := first
	second.Complete(at.Add(time.Second))
	must := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	must(s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
		_, err := u.Claim(ctx, ann, "key", at)
		must(err)
		must(u.Keep(ctx, ann, "key", ports.Replay{}))
		must(u.Insert(ctx, first, 10))
		return u.Atomically(ctx, ann, func(ctx context.Context, u ports.Unit) error { return u.Save(ctx, second) })
	}))
	_, err := s.Find(t.Context(), ann, first.ID())
	must(err)
	_, err = s.List(t.Context(), ann, ports.Query{Limit: 1})
	must(err)
	must(s.Delete(t.Context(), ann, first.ID(), 0))
	must(s.Ping(t.Context()))
	_, err = s.Key(t.Context(), "name")
	must(err)
	_, err = s.PurgeReplays(t.Context(), at.Add(time.Hour), 10)
	must(err)
	must(s.Erase(t.Context(), ann, at))
}

func TestAUnitThatPanicsIsMeasured(t *testing.T) {
	m := telemetry.NewMetrics()
	s := telemetry.NewStore(new(memory.Store), "memory", m, nil)
	func() {
		defer func() {
			if recover() != "ann's secret" {
				t.Error("the panic is lost")
			}
		}()
		_ = s.Atomically(t.Context(), ann, func(context.Context, ports.Unit) error { panic("ann's secret") })
	}()
	wantSamples(t, m, map[string]float64{calls("unit_of_work", "panic"): 1, calls("unit_of_work", ""): 0})
}

func TestPurgesAreWatched(t *testing.T) {
	const last = "taskhold_replay_purge_last_success_timestamp_seconds"
	m := telemetry.NewMetrics()
	began := sample(t, scrape(t, m), last)
	if age := float64(time.Now().Unix()) - began; age < -1 || age > 60 {
		t.Errorf("a program that has just begun is %v s late", age)
	}
	broken := &trouble{err: ports.ErrUnavailable}
	s := telemetry.NewStore(broken, "memory", m, nil)
	_, _ = s.PurgeReplays(t.Context(), time.Now(), 10)
	wantSamples(t, m, map[string]float64{last: began, "taskhold_replays_purged_total": 3})
	broken.err = nil
	_, _ = s.PurgeReplays(t.Context(), time.Now(), 10)
	if got := sample(t, scrape(t, m), last); got <= began {
		t.Errorf("%s = %v after a purge, and was %v before", last, got, began)
	}
	wantSamples(t, m, map[string]float64{"taskhold_replays_purged_total": 6})
}

func newTask(t testing.TB, at time.Time) task.Task {
	t.Helper()
	made, err := task.New(task.NewID(at, [8]byte{}), ann, task.Change{Title: task.Some("ann's secret")}, at)
	if err != nil {
		t.Fatal(err)
	}
	return made
}
