package httpapi

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"taskhold/domain/fault"
	"taskhold/domain/task"
	"taskhold/ports"
)

// problem is what a client is told of an error (RFC 9457).
type problem struct {
	kindOfProblem
	status   int
	detail   string
	findings []finding
	current  *task.Snapshot // with a stale precondition, the task as it is
	index    int            // in an atomic batch, which operation failed; -1 for none
	headers  []header
}

// statusOf is how each kind of fault is answered; 0 for what is none.
func statusOf(kind fault.Kind) int {
	switch kind {
	case fault.Invalid, fault.Exhausted:
		return fiber.StatusUnprocessableEntity
	case fault.NotFound:
		return fiber.StatusNotFound
	case fault.Conflict:
		return fiber.StatusConflict
	case fault.Stale:
		return fiber.StatusPreconditionFailed
	case fault.Denied:
		return fiber.StatusUnauthorized
	case fault.Limited:
		return fiber.StatusTooManyRequests
	case fault.Unavailable:
		return fiber.StatusServiceUnavailable
	}
	return 0
}

// problemOf is the one place that turns an error into what a client is told.
// Whatever it does not know is a bug or an outage, and its text stays here.
func (s *Server) problemOf(err error) problem {
	var (
		refused *refusal
		fiberly *fiber.Error
		failed  *fault.Error
	)
	switch {
	case errors.As(err, &refused):
		return refused.problem()
	case errors.As(err, &fiberly):
		return refuse(codeNotFound, "There is nothing at this address.").problem()
	case errors.As(err, &failed) && statusOf(failed.Kind) != 0:
		return problemOfFault(err, failed)
	case errors.Is(err, context.DeadlineExceeded):
		return refuse(codeTimeout, "The request took too long to carry out.").problem()
	case errors.Is(err, context.Canceled):
		return refuse(codeUnavailable, "The server is shutting down.").retryAfter(soon).problem()
	}
	return refuse(codeInternal, "The request could not be carried out.").problem()
}

func (r *refusal) problem() problem {
	kind := catalogue[r.code]
	return problem{kindOfProblem: kind, status: kind.Status, detail: r.detail, findings: r.findings, headers: r.headers, index: -1}
}

// Seconds after which it makes sense to try again, where nothing says it
// better.
const (
	atOnce = 1    // a race
	soon   = 5    // an outage
	late   = 3600 // a quota that days fill
)

func problemOfFault(err error, failed *fault.Error) problem {
	p := problem{kindOfProblem: catalogue[failed.Code], status: statusOf(failed.Kind), detail: failed.Message, index: -1}
	p.Code = failed.Code
	p.headers = headersOfFault(err, failed.Kind)
	p.addViolations(failed.Violations)
	var stale *task.PreconditionError
	if errors.As(err, &stale) {
		current := stale.Current.Snapshot()
		p.current = &current
	}
	var batch *ports.BatchError
	if errors.As(err, &batch) {
		p.index = batch.Index
	}
	return p
}

func headersOfFault(err error, kind fault.Kind) []header {
	switch kind {
	case fault.Denied:
		return []header{{fiber.HeaderWWWAuthenticate, challenge(err)}}
	case fault.Conflict:
		return []header{{fiber.HeaderRetryAfter, strconv.Itoa(atOnce)}}
	case fault.Unavailable:
		return []header{{fiber.HeaderRetryAfter, strconv.Itoa(soon)}}
	case fault.Limited:
		return []header{{fiber.HeaderRetryAfter, strconv.Itoa(late)}}
	}
	return nil
}

// addViolations reports every rule that is broken, and makes the first the
// detail.
func (p *problem) addViolations(violations []fault.Violation) {
	if len(violations) == 0 {
		return
	}
	for _, v := range violations {
		p.findings = append(p.findings, finding{
			where: "pointer", at: v.Pointer, code: v.Code, detail: clause(v.Message),
			max: v.Params.Max, actual: v.Params.Actual,
		})
	}
	p.detail = strings.TrimPrefix(violations[0].Pointer, "/") + " " + violations[0].Message + "."
	switch more := len(violations) - 1; {
	case more == 1:
		p.detail += " 1 more rule is broken."
	case more > 1:
		p.detail += " " + strconv.Itoa(more) + " more rules are broken."
	}
}

// clause is what a violation says without its verb, to stand beside a field.
func clause(message string) string {
	for _, verb := range []string{"must have ", "must be "} {
		if rest, ok := strings.CutPrefix(message, verb); ok {
			return rest
		}
	}
	return message
}
