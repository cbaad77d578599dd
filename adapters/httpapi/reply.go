package httpapi

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"taskhold/domain/task"
	"taskhold/ports"
)

const (
	typeJSON    = "application/json"
	typePatch   = "application/merge-patch+json"
	typeProblem = "application/problem+json"
)

// reply is what is answered, before it is written.
type reply struct {
	status   int
	location string
	etag     string
	kind     string // media type; "" for JSON, or a problem by the status
	body     []byte
}

// task answers with a task and its validator.
func (r *reply) task(status int, t task.Task) {
	r.replaced(t)
	r.status, r.etag = status, etagOf(t.Version())
}

// replaced answers with a task and without a validator: what was sent is not
// byte for byte what is stored (RFC 9110, 9.3.4).
func (r *reply) replaced(t task.Task) {
	shown := t.Snapshot()
	r.status, r.body = fiber.StatusOK, appendTask(r.body, &shown)
}

// kept returns the reply as it is kept for the key of a request.
func (r reply) kept() ports.Reply {
	return ports.Reply{Status: r.status, Location: r.location, ETag: r.etag, Body: r.body}
}

// buffer takes the memory of the reply's body, for appending to it.
func (x *exchange) buffer() []byte { return x.http.Response.SwapBody(nil)[:0] }

// send writes the reply, and gives the memory of its body to the HTTP server
// for good.
func (x *exchange) send(r reply) {
	response := &x.http.Response
	response.SetStatusCode(r.status)
	if r.location != "" {
		response.Header.Set(fiber.HeaderLocation, r.location)
	}
	if r.etag != "" {
		response.Header.Set(fiber.HeaderETag, r.etag)
	}
	if len(r.body) > 0 {
		response.Header.SetContentType(x.mediaType(r))
	}
	x.loads.put(x.http.Conn(), load{x.user, len(r.body)}, true) // what was carried out is told
	response.SwapBody(r.body)
	response.SkipBody = x.http.IsHead()
}

func (x *exchange) mediaType(r reply) string {
	switch {
	case r.kind != "":
		return r.kind
	case r.status >= 400 && !x.front:
		return typeProblem
	}
	return typeJSON
}

func etagOf(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }
