package task

import (
	"slices"

	"taskhold/domain/fault"
)

var errPrecondition = fault.New(fault.Stale, "PRECONDITION_FAILED", "The task is no longer of the version that was named.")

// PreconditionError says that a write named another version than the current
// one. It wraps a fault of kind [fault.Stale].
type PreconditionError struct{ Current Task }

func (e *PreconditionError) Error() string { return errPrecondition.Message }

// Unwrap lets errors.Is and errors.As find the fault.
func (e *PreconditionError) Unwrap() error { return errPrecondition }

// Match is a condition on the version of a task (RFC 9110, 13.1.1). The zero
// Match is none and always holds.
type Match struct {
	set      bool
	any      bool
	versions []int64
}

// MatchAny holds for every task that exists.
func MatchAny() Match { return Match{set: true, any: true} }

// MatchVersions holds for a task of one of the versions; without any it never
// holds.
func MatchVersions(versions ...int64) Match { return Match{set: true, versions: versions} }

// IsSet reports whether there is a condition.
func (m Match) IsSet() bool { return m.set }

// Holds reports whether a task of a version meets the condition.
func (m Match) Holds(version int64) bool {
	return !m.set || m.any || slices.Contains(m.versions, version)
}

// Precedes reports whether version is the very next one to one that is named.
func (m Match) Precedes(version int64) bool { return slices.Contains(m.versions, version-1) }
