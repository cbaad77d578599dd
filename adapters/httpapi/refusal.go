package httpapi

import (
	"strconv"

	"github.com/gofiber/fiber/v2"
)

// The codes of what is wrong with an exchange, which the ports know nothing
// of. The catalogue has their statuses.
const (
	codeMalformed        = "MALFORMED_REQUEST"
	codeParameter        = "INVALID_PARAMETER"
	codeCursor           = "INVALID_CURSOR"
	codeForbidden        = "FORBIDDEN"
	codeNotFound         = "NOT_FOUND"
	codeMethod           = "METHOD_NOT_ALLOWED"
	codeNotAcceptable    = "NOT_ACCEPTABLE"
	codeRequestTimeout   = "REQUEST_TIMEOUT"
	codeTooLarge         = "CONTENT_TOO_LARGE"
	codeMediaType        = "UNSUPPORTED_MEDIA_TYPE"
	codeRateLimited      = "RATE_LIMITED"
	codeHeadersTooLarge  = "HEADERS_TOO_LARGE"
	codeInternal         = "INTERNAL"
	codeUnavailable      = "UNAVAILABLE"
	codeTimeout          = "TIMEOUT"
	codeValidationFailed = "VALIDATION_FAILED"
)

// refusal is an error by which this adapter itself refuses a request.
type refusal struct {
	code     string
	detail   string
	findings []finding
	headers  []header
	cause    error
}

type header struct{ name, value string }

// finding is one thing that is wrong with a request.
type finding struct {
	where  string // "pointer", "parameter" or "header"
	at     string
	code   string // of a violation
	detail string
	max    int
	actual int // 0 if no limit was passed
}

func (r *refusal) Error() string { return r.detail }
func (r *refusal) Unwrap() error { return r.cause }

func refuse(code, detail string) *refusal { return &refusal{code: code, detail: detail} }

// unreadable refuses a body at the places that cannot be read.
func unreadable(detail string, findings ...finding) *refusal {
	return &refusal{code: codeMalformed, detail: detail, findings: findings}
}

func atPointer(pointer, detail string) finding {
	return finding{where: "pointer", at: pointer, detail: detail}
}

// badHeader refuses a header that has another form than it must have.
func badHeader(name, must string) *refusal {
	r := refuse(codeMalformed, name+" "+must+".")
	r.findings = []finding{{where: "header", at: name, detail: must}}
	return r
}

func (r *refusal) with(name, value string) *refusal {
	r.headers = append(r.headers, header{name, value})
	return r
}

func (r *refusal) retryAfter(seconds int) *refusal {
	return r.with(fiber.HeaderRetryAfter, strconv.Itoa(max(seconds, 1)))
}
