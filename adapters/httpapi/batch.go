package httpapi

import (
	"context"
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"taskhold/adapters/httpapi/strictjson"
	"taskhold/domain/fault"
	"taskhold/ports"
)

// runBatch carries out many operations.
func runBatch(x *exchange) error {
	if err := x.unconditional(); err != nil {
		return err
	}
	document, err := x.document()
	if err != nil {
		return err
	}
	b, err := readBatch(document)
	if err != nil {
		return err
	}
	return x.write(document, func(ctx context.Context, tasks ports.Tasks, out *reply) error {
		if b.atomic {
			return x.runAtomically(ctx, tasks, b, out)
		}
		outcomes := tasks.Batch(ctx, x.user, b.operations)
		out.status, out.body = fiber.StatusMultiStatus, x.appendResults(out.body, b, outcomes)
		return nil
	})
}

func (x *exchange) runAtomically(ctx context.Context, tasks ports.Tasks, b batch, out *reply) error {
	outcomes, err := tasks.BatchAtomically(ctx, x.user, b.operations)
	var failed *ports.BatchError
	if errors.As(err, &failed) {
		return &ports.BatchError{Index: failed.Index, Err: b.locate(failed.Index, failed.Err)}
	}
	if err == nil {
		out.status, out.body = fiber.StatusOK, x.appendResults(out.body, b, outcomes)
	}
	return err
}

// locate makes the pointers of a fault start at the body.
func (b batch) locate(index int, err error) error {
	var failed *fault.Error
	if !errors.As(err, &failed) || len(failed.Violations) == 0 {
		return err
	}
	member := "/patch"
	if b.operations[index].Verb == ports.Create {
		member = "/task"
	}
	located := *failed
	located.Violations = nil
	for _, v := range failed.Violations {
		located.Violations = append(located.Violations, v.At(pointerOf(index)+member))
	}
	return &located
}

func pointerOf(index int) string { return "/operations/" + strconv.Itoa(index) }

// appendResults appends what became of each operation.
func (x *exchange) appendResults(dst []byte, b batch, outcomes []ports.Outcome) []byte {
	dst = append(dst, `{"results":[`...)
	for i, outcome := range outcomes {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"status":`...)
		if outcome.Err != nil {
			dst = x.appendFailure(dst, b.locate(i, outcome.Err))
		} else {
			dst = appendSuccess(dst, outcome)
		}
		dst = append(dst, '}')
	}
	return append(dst, `]}`...)
}

func appendSuccess(dst []byte, outcome ports.Outcome) []byte {
	switch outcome.Verb {
	case ports.Delete:
		return strconv.AppendInt(dst, fiber.StatusNoContent, 10)
	case ports.Create:
		dst = strconv.AppendInt(dst, fiber.StatusCreated, 10)
	default:
		dst = strconv.AppendInt(dst, fiber.StatusOK, 10)
	}
	shown := outcome.Task.Snapshot()
	return appendTask(append(dst, `,"task":`...), &shown)
}

// appendFailure keeps the cause of what is not the client's fault for the
// operators.
func (x *exchange) appendFailure(dst []byte, err error) []byte {
	p := x.problemOf(err)
	if p.status >= fiber.StatusInternalServerError {
		x.cause = err
	}
	dst = strconv.AppendInt(dst, int64(p.status), 10)
	return x.appendProblem(append(dst, `,"problem":`...), p)
}

// batch is the body of a batch.
type batch struct {
	atomic     bool
	operations []ports.Operation
}

// maxOperations is how many operations a batch may have.
const maxOperations = 100

var batchMembers = map[string]bool{"atomic": true, "operations": true}

// readBatch refuses what cannot be read, and then what is not as it must be.
func readBatch(document strictjson.Value) (batch, error) {
	b := batch{atomic: true}
	if err := knownMembers(document, "", batchMembers); err != nil {
		return b, err
	}
	if violations := b.judge(document); len(violations) > 0 {
		return b, &fault.Error{Kind: fault.Invalid, Code: codeValidationFailed, Message: violations[0].Message, Violations: violations}
	}
	if atomic, sent := document.Get("atomic"); sent {
		b.atomic = atomic.Bool()
	}
	operations, _ := document.Get("operations")
	for i, v := range operations.Elements() {
		op, err := readOperation(v, pointerOf(i))
		if err != nil {
			return b, err
		}
		b.operations = append(b.operations, op)
	}
	return b, nil
}

func (batch) judge(document strictjson.Value) (violations fault.Violations) {
	if atomic, sent := document.Get("atomic"); sent && atomic.Kind() != strictjson.Bool {
		violations.Add("/atomic", &fault.Violation{Code: fault.WrongType, Message: "must be true or false"})
	}
	operations, _ := document.Get("operations")
	switch n := operations.Len(); {
	case operations.Kind() == strictjson.Null:
		violations.Add("/operations", &fault.Violation{Code: fault.Required, Message: "must not be missing or null"})
	case operations.Kind() != strictjson.Array:
		violations.Add("/operations", &fault.Violation{Code: fault.WrongType, Message: "must be an array"})
	case n == 0:
		violations.Add("/operations", &fault.Violation{Code: fault.Required, Message: "must have at least 1 entry"})
	case n > maxOperations:
		violations.Add("/operations", &fault.Violation{
			Code: fault.TooMany, Message: "must have at most " + strconv.Itoa(maxOperations) + " entries",
			Params: fault.Params{Max: maxOperations, Actual: n},
		})
	}
	return violations
}
