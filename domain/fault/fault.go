// Package fault classifies failures by what a caller can do about them.
//
// A [Kind] is a category (few, closed, mapped once by every inbound adapter);
// an [Error] is one failure of that kind (many, open, with a stable code).
// Whatever is not a fault is a bug or an outage, and its text is for operators
// only.
package fault

// Kind says what a caller can do about a failure. It can be the target of
// errors.Is: errors.Is(err, fault.NotFound).
type Kind uint8

// The kinds.
const (
	Invalid     Kind = iota + 1 // change the request
	NotFound                    // there is no such thing, or none you may see
	Conflict                    // read again, then try again
	Stale                       // the precondition no longer holds
	Denied                      // sign in
	Exhausted                   // a bound on what you keep is reached: remove something
	Limited                     // too much at once: wait
	Unavailable                 // nothing is wrong with the request: try again later
)

// Kinds lists every kind, so that adapters can prove that they map them all.
func Kinds() []Kind {
	return []Kind{Invalid, NotFound, Conflict, Stale, Denied, Exhausted, Limited, Unavailable}
}

// Error names the kind.
func (k Kind) Error() string {
	switch k {
	case Invalid:
		return "invalid"
	case NotFound:
		return "not found"
	case Conflict:
		return "conflict"
	case Stale:
		return "stale"
	case Denied:
		return "denied"
	case Exhausted:
		return "exhausted"
	case Limited:
		return "limited"
	case Unavailable:
		return "unavailable"
	}
	return "unknown fault"
}

// Error is one failure. Its message is safe to show to a user.
type Error struct {
	Kind       Kind
	Code       string      // stable and machine readable, such as "NOT_FOUND"
	Message    string      // one sentence that helps
	Violations []Violation // every member at fault, where members are
}

// New returns a fault without violations.
func New(kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message}
}

func (e *Error) Error() string { return e.Message }

// Unwrap lets errors.Is find the kind.
func (e *Error) Unwrap() error { return e.Kind }

// Is reports whether target is the same fault, whatever it says of single
// members.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Message == e.Message
}
