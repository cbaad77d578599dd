package task

// Optional is a member of an input: absent, null, or a value. The zero
// Optional is absent.
type Optional[T any] struct {
	value T
	state presence
}

type presence uint8

const (
	absent presence = iota
	null
	given
)

// Some is a member with a value.
func Some[T any](value T) Optional[T] { return Optional[T]{value, given} }

// Null is a member that was sent as null.
func Null[T any]() Optional[T] { return Optional[T]{state: null} }

// Get returns the value and whether there is one.
func (o Optional[T]) Get() (T, bool) { return o.value, o.state == given }

// IsAbsent reports whether the member was not sent at all.
func (o Optional[T]) IsAbsent() bool { return o.state == absent }

// IsNull reports whether the member was sent as null.
func (o Optional[T]) IsNull() bool { return o.state == null }
