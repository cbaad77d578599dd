package telemetry

import (
	"context"
	"errors"

	"taskhold/domain/fault"
)

// What a call came to when it is no fault's kind. The last is the name that
// the semantic conventions have for what has none.
const (
	outcomeOK       = "ok"
	outcomeCanceled = "canceled"
	outcomeTimeout  = "timeout"
	outcomePanic    = "panic"
	outcomeOther    = "_OTHER"
)

// errPanicked stands for the error of a call that did not return.
var errPanicked = errors.New("panic")

// outcomeOf names what a call came to, in one of few words: the kind of a
// fault, but never its text.
func outcomeOf(err error) string {
	if err == nil {
		return outcomeOK
	}
	known, isFault := errors.AsType[*fault.Error](err)
	switch {
	case isFault:
		return known.Kind.Error()
	case errors.Is(err, context.Canceled):
		return outcomeCanceled
	case errors.Is(err, context.DeadlineExceeded):
		return outcomeTimeout
	case errors.Is(err, errPanicked):
		return outcomePanic
	}
	return outcomeOther
}

// failureOf names what went wrong, or is "" for a call that went well: to be
// refused by a rule is what a call is there for.
func failureOf(err error) string {
	if err == nil {
		return ""
	}
	if known, ok := errors.AsType[*fault.Error](err); ok && known.Kind != fault.Unavailable {
		return ""
	}
	return outcomeOf(err)
}
