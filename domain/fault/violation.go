package fault

import (
	"errors"
	"slices"
	"strings"
)

// Violation is one rule that one member of an input breaks. As an error it is
// of kind [Invalid].
type Violation struct {
	Pointer string // RFC 6901, from the root of the input: "/tags/3"
	Code    string // one of the codes below
	Message string // what the member must be, to follow its name: "must have at most 200 characters"
	Params  Params
}

// Params are the figures of a violated limit.
type Params struct{ Max, Actual int }

// The codes of violations. Clients rely on them.
const (
	Required         = "REQUIRED"
	WrongType        = "WRONG_TYPE"
	InvalidFormat    = "INVALID_FORMAT"
	UnknownValue     = "UNKNOWN_VALUE"
	Blank            = "BLANK"
	TooLong          = "TOO_LONG"
	TooMany          = "TOO_MANY"
	Duplicate        = "DUPLICATE"
	ControlCharacter = "CONTROL_CHARACTER"
	BothDues         = "BOTH_DUES"
	ReadOnly         = "READ_ONLY"
)

func (v *Violation) Error() string { return v.Message }

// Unwrap lets errors.Is find the kind.
func (v *Violation) Unwrap() error { return Invalid }

// At returns the violation as it stands below pointer.
func (v Violation) At(pointer string) Violation {
	v.Pointer = pointer + v.Pointer
	return v
}

// Violations are all that one input breaks. As an error they are of kind
// [Invalid].
type Violations []Violation

func (v Violations) Error() string {
	if len(v) == 0 {
		return "no violation"
	}
	return v[0].Message
}

// Unwrap lets errors.Is find the kind.
func (v Violations) Unwrap() error { return Invalid }

// Add notes what err, a *Violation or Violations, says of the member at
// pointer. A nil err says nothing, and what is at fault already is not judged
// again.
func (v *Violations) Add(pointer string, err error) {
	var (
		one  *Violation
		many Violations
	)
	switch {
	case err == nil:
		return
	case errors.As(err, &one):
		many = Violations{*one}
	case !errors.As(err, &many):
		many = Violations{{Code: InvalidFormat, Message: err.Error()}}
	}
	for _, found := range many {
		if found = found.At(pointer); !v.Has(found.Pointer) {
			*v = append(*v, found)
		}
	}
}

// Has reports whether the member at pointer, or one within it, is at fault.
func (v Violations) Has(pointer string) bool {
	return slices.ContainsFunc(v, func(one Violation) bool {
		return one.Pointer == pointer || strings.HasPrefix(one.Pointer, pointer+"/")
	})
}

// Codes lists every code of a violation, so that documents can prove that
// they name them all.
func Codes() []string {
	return []string{
		Required, WrongType, InvalidFormat, UnknownValue, Blank, TooLong,
		TooMany, Duplicate, ControlCharacter, BothDues, ReadOnly,
	}
}
