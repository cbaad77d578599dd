package application

import (
	"context"
	"fmt"

	"taskhold/domain/identity"
	"taskhold/ports"
)

// Batch implements [ports.Tasks].
func (s *Tasks) Batch(ctx context.Context, user identity.UserID, ops []ports.Operation) []ports.Outcome {
	outcomes := make([]ports.Outcome, len(ops))
	for i, op := range ops {
		outcomes[i] = s.operate(ctx, user, op)
	}
	return outcomes
}

// BatchAtomically implements [ports.Tasks].
func (s *Tasks) BatchAtomically(ctx context.Context, user identity.UserID, ops []ports.Operation) (outcomes []ports.Outcome, err error) {
	err = s.store.Atomically(ctx, user, func(ctx context.Context, u ports.Unit) error {
		outcomes = make([]ports.Outcome, len(ops)) // a unit may run twice
		inner := s.within(u)
		for i, op := range ops {
			outcomes[i] = inner.operate(ctx, user, op)
			if err := outcomes[i].Err; err != nil {
				return &ports.BatchError{Index: i, Err: err}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}

func (s *Tasks) operate(ctx context.Context, user identity.UserID, op ports.Operation) ports.Outcome {
	out := ports.Outcome{Verb: op.Verb}
	switch op.Verb {
	case ports.Create:
		out.Task, out.Err = s.Create(ctx, user, op.Change)
	case ports.Edit:
		out.Task, out.Err = s.Edit(ctx, user, op.ID, op.Match, op.Change)
	case ports.Delete:
		out.Err = s.Delete(ctx, user, op.ID, op.Match)
	default:
		out.Err = fmt.Errorf("no such verb of an operation: %d", op.Verb)
	}
	return out
}
