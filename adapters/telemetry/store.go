package telemetry

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// Store measures and traces every call of a store, those within a unit of work
// too, and changes none.
type Store struct {
	store
	house   ports.Housekeeping
	metrics *Metrics
}

var (
	_ ports.Store        = (*Store)(nil)
	_ ports.Housekeeping = (*Store)(nil)
	_ ports.Unit         = unit{}
)

// NewStore returns a Store before next; system is its name in the semantic
// conventions, such as postgresql.
func NewStore(next interface {
	ports.Store
	ports.Housekeeping
}, system string, m *Metrics, t *Tracer,
) *Store {
	return &Store{store{newCalls(system, m, t), next}, next, m}
}

// Tell has every call told, by its operation and its outcome. It is set before
// the first call.
func (s *Store) Tell(told func(operation string, err error)) { s.told = told }

// The operations of a store, as metrics and spans name them.
const (
	opFind   = "find"
	opList   = "list"
	opInsert = "insert"
	opSave   = "save"
	opDelete = "delete"
	opUnit   = "unit_of_work"
	opClaim  = "claim"
	opKeep   = "keep"
	opPing   = "ping"
	opKey    = "key"
	opPurge  = "purge"
	opErase  = "erase"
)

var operations = []string{
	opFind, opList, opInsert, opSave, opDelete, opUnit, opClaim, opKeep, opPing, opKey, opPurge, opErase,
}

// calls is what all calls of one store have in common.
type calls struct {
	system  string
	metrics *Metrics
	tracer  *Tracer
	good    map[string]prometheus.Observer // of calls that went well, by operation
	about   map[string][]attribute.KeyValue
	told    func(operation string, err error) // nil: nobody
}

func newCalls(system string, m *Metrics, t *Tracer) *calls {
	c := &calls{system: system, metrics: m, tracer: t, good: map[string]prometheus.Observer{}, about: map[string][]attribute.KeyValue{}}
	for _, op := range operations {
		c.good[op] = m.store.WithLabelValues(system, op, "")
		c.about[op] = []attribute.KeyValue{semconv.DBSystemNameKey.String(system), semconv.DBOperationName(op)}
	}
	return c
}

// call is one of them, which runs.
type call struct {
	*calls
	op    string
	began time.Time
	span  trace.Span
}

func (c *calls) begin(ctx context.Context, op string) (context.Context, call) {
	ctx, span := c.tracer.start(ctx, op, trace.SpanKindClient, c.about[op]...)
	return ctx, call{c, op, time.Now(), span}
}

func (c call) end(err error) {
	took, failure := time.Since(c.began).Seconds(), failureOf(err)
	if failure == "" {
		c.good[c.op].Observe(took)
	} else {
		c.metrics.store.WithLabelValues(c.system, c.op, failure).Observe(took)
	}
	endWith(c.span, failure)
	if c.told != nil {
		c.told(c.op, err)
	}
}

// store is a [ports.Store], outside a unit of work or within.
type store struct {
	*calls
	next ports.Store
}

// Find implements [ports.TaskStore].
func (s store) Find(ctx context.Context, user identity.UserID, id task.ID) (task.Task, error) {
	ctx, c := s.begin(ctx, opFind)
	found, err := s.next.Find(ctx, user, id)
	c.end(err)
	return found, err
}

// List implements [ports.TaskStore].
func (s store) List(ctx context.Context, user identity.UserID, q ports.Query) (ports.Page, error) {
	ctx, c := s.begin(ctx, opList)
	page, err := s.next.List(ctx, user, q)
	c.end(err)
	return page, err
}

// Insert implements [ports.TaskStore].
func (s store) Insert(ctx context.Context, t task.Task, quota int) error {
	ctx, c := s.begin(ctx, opInsert)
	err := s.next.Insert(ctx, t, quota)
	c.end(err)
	return err
}

// Save implements [ports.TaskStore].
func (s store) Save(ctx context.Context, t task.Task) error {
	ctx, c := s.begin(ctx, opSave)
	err := s.next.Save(ctx, t)
	c.end(err)
	return err
}

// Delete implements [ports.TaskStore].
func (s store) Delete(ctx context.Context, user identity.UserID, id task.ID, version int64) error {
	ctx, c := s.begin(ctx, opDelete)
	err := s.next.Delete(ctx, user, id, version)
	c.end(err)
	return err
}

// Atomically implements [ports.Store].
func (s store) Atomically(ctx context.Context, user identity.UserID, fn func(context.Context, ports.Unit) error) error {
	ctx, c := s.begin(ctx, opUnit)
	err := errPanicked
	defer func() { c.end(err) }() // also when fn panics
	err = s.next.Atomically(ctx, user, func(ctx context.Context, u ports.Unit) error {
		return fn(ctx, unit{store{s.calls, u}, u})
	})
	return err
}

// unit is a [ports.Unit].
type unit struct {
	store
	replays ports.Replays
}

// Claim implements [ports.Replays].
func (u unit) Claim(ctx context.Context, user identity.UserID, key string, now time.Time) (*ports.Replay, error) {
	ctx, c := u.begin(ctx, opClaim)
	kept, err := u.replays.Claim(ctx, user, key, now)
	c.end(err)
	return kept, err
}

// Keep implements [ports.Replays].
func (u unit) Keep(ctx context.Context, user identity.UserID, key string, r ports.Replay) error {
	ctx, c := u.begin(ctx, opKeep)
	err := u.replays.Keep(ctx, user, key, r)
	c.end(err)
	return err
}

// Ping implements [ports.Housekeeping].
func (s *Store) Ping(ctx context.Context) error {
	ctx, c := s.begin(ctx, opPing)
	err := s.house.Ping(ctx)
	c.end(err)
	return err
}

// Key implements [ports.Housekeeping].
func (s *Store) Key(ctx context.Context, name string) ([]byte, error) {
	ctx, c := s.begin(ctx, opKey)
	key, err := s.house.Key(ctx, name)
	c.end(err)
	return key, err
}

// PurgeReplays implements [ports.Housekeeping].
func (s *Store) PurgeReplays(ctx context.Context, before time.Time, limit int) (int, error) {
	ctx, c := s.begin(ctx, opPurge)
	purged, err := s.house.PurgeReplays(ctx, before, limit)
	c.end(err)
	s.metrics.purged.Add(float64(purged))
	if err == nil {
		s.metrics.lastPurge.SetToCurrentTime()
	}
	return purged, err
}

// Erase implements [ports.Housekeeping].
func (s *Store) Erase(ctx context.Context, user identity.UserID, now time.Time) error {
	ctx, c := s.begin(ctx, opErase)
	err := s.house.Erase(ctx, user, now)
	c.end(err)
	return err
}
