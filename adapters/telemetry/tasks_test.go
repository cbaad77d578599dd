package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"taskhold/adapters/memory"
	"taskhold/adapters/telemetry"
	"taskhold/application"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

const quota = 3

// newTasks returns the watched use cases over a watched store.
func newTasks(m *telemetry.Metrics, t *telemetry.Tracer) telemetry.Tasks {
	store := telemetry.NewStore(new(memory.Store), "memory", m, t)
	return telemetry.NewTasks(application.NewTasks(store, noTurns{}, new(clock), ids{}, quota), m, t)
}

// clock goes on by a second with each reading.
type clock struct{ seconds atomic.Int64 }

func (c *clock) Now() time.Time {
	return time.Date(2026, 11, 22, 21, 0, int(c.seconds.Add(1)), 0, time.UTC)
}

type ids struct{}

func (ids) NewTaskID(created time.Time) task.ID { return task.NewID(created, [8]byte{}) }

type noTurns struct{}

func (noTurns) Take(context.Context, identity.UserID, string) (func(), error) { return func() {}, nil }

func titled(title string) task.Change { return task.Change{Title: task.Some(title)} }

func TestEveryOperationIsCountedByItsOutcome(t *testing.T) {
	m := telemetry.NewMetrics()
	tasks := newTasks(m, nil)
	ctx := t.Context()
	made, err := tasks.Create(ctx, ann, titled("ann's secret"))
	if err != nil {
		t.Fatal(err)
	}
	id, stale, none := made.ID(), task.MatchVersions(99), task.Match{}
	_, _ = tasks.Create(ctx, ann, titled(""))
	_, _ = tasks.Create(ctx, identity.UserID{}, titled("x"))
	_, _ = tasks.Get(ctx, ann, id)
	_, _ = tasks.Get(ctx, bob, id)
	_, _ = tasks.List(ctx, ann, ports.Query{Limit: 1})
	_, _ = tasks.Edit(ctx, ann, id, stale, titled("y"))
	_, _ = tasks.Replace(ctx, ann, id, none, titled("z"))
	_, _ = tasks.Complete(ctx, ann, id, none)
	_, _ = tasks.Reopen(ctx, ann, id, none)
	_, _ = tasks.Revise(ctx, ann, id, none, func(task.Snapshot) task.Change { return titled("w") })
	_ = tasks.Delete(ctx, ann, id, none)
	want := map[string]float64{}
	for operation, outcome := range map[string]string{
		"create_task": "ok", "get_task": "not found", "list_tasks": "ok", "edit_task": "stale", "replace_task": "invalid",
		"complete_task": "ok", "reopen_task": "ok", "revise_task": "ok", "delete_task": "ok",
	} {
		want[operations(operation, outcome)] = 1
	}
	want[operations("get_task", "ok")] = 1
	want[operations("create_task", "invalid")] = 1
	want[operations("create_task", "denied")] = 1
	wantSamples(t, m, want)
}

func operations(operation, outcome string) string {
	return fmt.Sprintf("taskhold_operations_total{operation=%q,outcome=%q}", operation, outcome)
}

func TestOperationsOfBatchesAreCounted(t *testing.T) {
	m := telemetry.NewMetrics()
	tasks := newTasks(m, nil)
	create := ports.Operation{Verb: ports.Create, Change: titled("x")}
	lost := ports.Operation{Verb: ports.Delete, ID: task.NewID(time.Now(), [8]byte{})}
	tasks.Batch(t.Context(), ann, []ports.Operation{create, create, lost})
	if _, err := tasks.BatchAtomically(t.Context(), ann, []ports.Operation{create}); err != nil {
		t.Fatal(err)
	}
	tasks.Batch(t.Context(), ann, []ports.Operation{create})
	if _, err := tasks.BatchAtomically(t.Context(), ann, []ports.Operation{create}); !errors.Is(err, task.ErrQuota) {
		t.Fatalf("one task too many: %v", err)
	}
	wantSamples(t, m, map[string]float64{
		operations("create_task", "ok"):         3,
		operations("create_task", "exhausted"):  1,
		operations("delete_task", "not found"):  1,
		operations("batch", "ok"):               2,
		operations("atomic_batch", "ok"):        1,
		operations("atomic_batch", "exhausted"): 1,
	})
}

// TestKeyedRequests has keys that are new, replayed, reused and given up.
func TestKeyedRequestsAreCountedByWhatBecameOfTheKey(t *testing.T) {
	m := telemetry.NewMetrics()
	tasks := newTasks(m, nil)
	once := func(key string, request byte, fails error) (bool, error) {
		_, replayed, err := tasks.Once(t.Context(), ann, ports.Key{Text: key, Request: [32]byte{request}},
			func(ctx context.Context, within ports.Tasks) (ports.Reply, error) {
				_, err := within.Create(ctx, ann, titled("x"))
				return ports.Reply{}, errors.Join(err, fails)
			})
		return replayed, err
	}
	_, _ = once("k1", 1, nil)
	if replayed, err := once("k1", 1, nil); !replayed || err != nil {
		t.Errorf("a request and its twin: replayed %t, %v", replayed, err)
	}
	if _, err := once("k1", 2, nil); !errors.Is(err, ports.ErrKeyReused) {
		t.Errorf("another request with the key: %v", err)
	}
	_, _ = once("k2", 1, errors.New("cannot be rendered"))
	wantSamples(t, m, map[string]float64{
		keyed("new"): 1, keyed("replayed"): 1, keyed("reused"): 1, keyed("failed"): 1,
		operations("create_task", "ok"): 2,
	})
}

// refusing is a Tasks whose keyed requests fail.
type refusing struct {
	ports.Tasks
	err error
}

func (r refusing) Once(context.Context, identity.UserID, ports.Key, func(context.Context, ports.Tasks) (ports.Reply, error)) (ports.Reply, bool, error) {
	return ports.Reply{}, false, r.err
}

func TestKeysThatAreRefusedAreToldApart(t *testing.T) {
	for outcome, err := range map[string]error{
		"busy":    fmt.Errorf("claim: %w", ports.ErrKeyBusy),
		"limited": fmt.Errorf("claim: %w", ports.ErrTooManyKeys),
		"failed":  fmt.Errorf("claim: %w", ports.ErrUnavailable),
	} {
		t.Run(outcome, func(t *testing.T) {
			m := telemetry.NewMetrics()
			_, _, got := telemetry.NewTasks(refusing{err: err}, m, nil).Once(t.Context(), ann, ports.Key{}, nil)
			if !errors.Is(got, err) {
				t.Errorf("Once = %v, want %v", got, err)
			}
			wantSamples(t, m, map[string]float64{keyed(outcome): 1})
		})
	}
}

func keyed(outcome string) string {
	return fmt.Sprintf("taskhold_keyed_requests_total{outcome=%q}", outcome)
}

// create is a keyed request that makes a task.
func create(ctx context.Context, within ports.Tasks) (ports.Reply, error) {
	_, err := within.Create(ctx, ann, titled("ann's secret"))
	return ports.Reply{}, err
}
