package telemetry

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"taskhold/domain/fault"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// Tasks counts and traces what users do with tasks, and changes nothing of it.
type Tasks struct {
	next    ports.Tasks
	metrics *Metrics
	tracer  *Tracer
}

var _ ports.Tasks = Tasks{}

// NewTasks returns Tasks before next.
func NewTasks(next ports.Tasks, m *Metrics, t *Tracer) Tasks { return Tasks{next, m, t} }

// use is one operation, which runs.
type use struct {
	Tasks
	name string
	span trace.Span
}

func (t Tasks) begin(ctx context.Context, name string) (context.Context, use) {
	ctx, span := t.tracer.start(ctx, name, trace.SpanKindInternal)
	return ctx, use{t, name, span}
}

func (u use) end(err error) {
	outcome := outcomeOf(err)
	u.count(u.name, outcome)
	if u.span.IsRecording() {
		u.span.SetAttributes(attribute.String("taskhold.outcome", outcome))
	}
	endWith(u.span, failureOf(err))
}

func (t Tasks) count(operation, outcome string) {
	t.metrics.operations.WithLabelValues(operation, outcome).Inc()
}

// Create implements [ports.Tasks].
func (t Tasks) Create(ctx context.Context, user identity.UserID, c task.Change) (task.Task, error) {
	ctx, u := t.begin(ctx, "create_task")
	made, err := t.next.Create(ctx, user, c)
	u.end(err)
	return made, err
}

// Get implements [ports.Tasks].
func (t Tasks) Get(ctx context.Context, user identity.UserID, id task.ID) (task.Task, error) {
	ctx, u := t.begin(ctx, "get_task")
	got, err := t.next.Get(ctx, user, id)
	u.end(err)
	return got, err
}

// List implements [ports.Tasks].
func (t Tasks) List(ctx context.Context, user identity.UserID, q ports.Query) (ports.Page, error) {
	ctx, u := t.begin(ctx, "list_tasks")
	page, err := t.next.List(ctx, user, q)
	u.end(err)
	return page, err
}

// Edit implements [ports.Tasks].
func (t Tasks) Edit(ctx context.Context, user identity.UserID, id task.ID, m task.Match, c task.Change) (task.Task, error) {
	ctx, u := t.begin(ctx, "edit_task")
	edited, err := t.next.Edit(ctx, user, id, m, c)
	u.end(err)
	return edited, err
}

// Replace implements [ports.Tasks].
func (t Tasks) Replace(ctx context.Context, user identity.UserID, id task.ID, m task.Match, c task.Change) (task.Task, error) {
	ctx, u := t.begin(ctx, "replace_task")
	replaced, err := t.next.Replace(ctx, user, id, m, c)
	u.end(err)
	return replaced, err
}

// Complete implements [ports.Tasks].
func (t Tasks) Complete(ctx context.Context, user identity.UserID, id task.ID, m task.Match) (task.Task, error) {
	ctx, u := t.begin(ctx, "complete_task")
	completed, err := t.next.Complete(ctx, user, id, m)
	u.end(err)
	return completed, err
}

// Reopen implements [ports.Tasks].
func (t Tasks) Reopen(ctx context.Context, user identity.UserID, id task.ID, m task.Match) (task.Task, error) {
	ctx, u := t.begin(ctx, "reopen_task")
	reopened, err := t.next.Reopen(ctx, user, id, m)
	u.end(err)
	return reopened, err
}

// Revise implements [ports.Tasks].
func (t Tasks) Revise(ctx context.Context, user identity.UserID, id task.ID, m task.Match, change func(task.Snapshot) task.Change) (task.Task, error) {
	ctx, u := t.begin(ctx, "revise_task")
	revised, err := t.next.Revise(ctx, user, id, m, change)
	u.end(err)
	return revised, err
}

// Delete implements [ports.Tasks].
func (t Tasks) Delete(ctx context.Context, user identity.UserID, id task.ID, m task.Match) error {
	ctx, u := t.begin(ctx, "delete_task")
	err := t.next.Delete(ctx, user, id, m)
	u.end(err)
	return err
}

// Batch implements [ports.Tasks].
func (t Tasks) Batch(ctx context.Context, user identity.UserID, ops []ports.Operation) []ports.Outcome {
	ctx, u := t.begin(ctx, "batch")
	outcomes := t.next.Batch(ctx, user, ops)
	t.countEach(outcomes)
	u.end(nil)
	return outcomes
}

// BatchAtomically implements [ports.Tasks].
func (t Tasks) BatchAtomically(ctx context.Context, user identity.UserID, ops []ports.Operation) ([]ports.Outcome, error) {
	ctx, u := t.begin(ctx, "atomic_batch")
	outcomes, err := t.next.BatchAtomically(ctx, user, ops)
	t.countEach(outcomes)
	u.end(err)
	return outcomes, err
}

var verbs = map[ports.Verb]string{ports.Create: "create_task", ports.Edit: "edit_task", ports.Delete: "delete_task"}

func (t Tasks) countEach(outcomes []ports.Outcome) {
	for _, o := range outcomes {
		t.count(verbs[o.Verb], outcomeOf(o.Err))
	}
}

// Once implements [ports.Tasks]. What act does is counted for itself.
func (t Tasks) Once(ctx context.Context, user identity.UserID, k ports.Key, act func(context.Context, ports.Tasks) (ports.Reply, error)) (ports.Reply, bool, error) {
	ctx, span := t.tracer.start(ctx, "once", trace.SpanKindInternal)
	reply, replayed, err := t.next.Once(ctx, user, k, func(ctx context.Context, within ports.Tasks) (ports.Reply, error) {
		return act(ctx, Tasks{within, t.metrics, t.tracer})
	})
	t.metrics.keyed.WithLabelValues(keyedOutcome(replayed, err)).Inc()
	endWith(span, failureOf(err))
	return reply, replayed, err
}

// keyedOutcome names what became of a request with a key: "failed" leaves the
// key as new.
func keyedOutcome(replayed bool, err error) string {
	switch {
	case replayed:
		return "replayed"
	case err == nil:
		return "new"
	case errors.Is(err, ports.ErrKeyBusy):
		return "busy"
	case errors.Is(err, ports.ErrKeyReused):
		return "reused"
	case errors.Is(err, fault.Limited):
		return "limited"
	}
	return "failed"
}
