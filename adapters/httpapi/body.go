package httpapi

import (
	"fmt"
	"io"

	"taskhold/adapters/httpapi/strictjson"
)

// maxDepth is how deep arrays and objects may stand within each other.
const maxDepth = 16

// receive reads the body, as far as the route allows.
func (x *exchange) receive() error {
	limit := x.route.limit
	if limit == 0 {
		return nil // what is sent nevertheless, the HTTP server skips
	}
	declared := x.http.Request.Header.ContentLength() // negative: not declared
	if declared > limit {
		return x.tooLarge()
	}
	stream := x.http.RequestBodyStream()
	if x.received = true; stream == nil {
		return nil
	}
	body, err := readAtMost(stream, declared, limit+1)
	switch {
	case isTimeout(err):
		return x.broken(errSlow)
	case err != nil:
		return x.broken(errFraming)
	case len(body) > limit:
		return x.tooLarge()
	}
	x.body = body
	return nil
}

// leavesBody reports whether the body is unread and more than is worth
// skipping to get at the next request.
func (x *exchange) leavesBody() bool {
	declared := x.http.Request.Header.ContentLength()
	return !x.received && x.http.RequestBodyStream() != nil && (declared < 0 || declared > maxBody)
}

func readAtMost(r io.Reader, declared, most int) ([]byte, error) {
	if declared < 0 {
		return io.ReadAll(io.LimitReader(r, int64(most)))
	}
	body := make([]byte, declared)
	_, err := io.ReadFull(r, body)
	return body, err
}

func (x *exchange) tooLarge() error {
	x.last = true
	return refuse(codeTooLarge, fmt.Sprintf("The body may have at most %d bytes.", x.route.limit))
}

// document reads the body as the one JSON object that it has to be.
func (x *exchange) document() (strictjson.Value, error) {
	v, bad := strictjson.Parse(x.body, strictjson.Limits{Depth: maxDepth})
	if bad != nil {
		return v, unreadable(fmt.Sprintf("The body cannot be read at byte %d: %s.", bad.Offset, bad.Reason), atPointer(bad.Pointer, bad.Reason))
	}
	return v, asObject(v, "")
}

// noBody refuses what a client sent along with a request that has no body,
// rather than dropping it. Many clients send an empty object of their own.
func (x *exchange) noBody() error {
	if len(x.body) == 0 {
		return nil
	}
	v, err := x.document()
	if err != nil {
		return err
	}
	return knownMembers[any](v, "", nil)
}

func asObject(v strictjson.Value, pointer string) error {
	if v.Kind() == strictjson.Object {
		return nil
	}
	return unreadable("A JSON object is expected.", atPointer(pointer, "must be an object"))
}

// maxFindings bounds how many places of one kind are told.
const maxFindings = 20

// knownMembers refuses the members of an object that known does not have.
func knownMembers[T any](object strictjson.Value, pointer string, known map[string]T) error {
	var findings []finding
	for name := range object.Members() {
		if _, ok := known[name]; !ok && len(findings) < maxFindings {
			findings = append(findings, atPointer(pointer+strictjson.Pointer(name), "no such member"))
		}
	}
	if len(findings) == 0 {
		return nil
	}
	return unreadable("The body has a member that is not known here.", findings...)
}
