package task

import (
	"slices"
	"strings"
	"time"
)

// ID identifies a task: a UUID, in lower case as text. The zero ID, the UUID
// whose bits are all zero, names no task.
//
// Ids that NewID made sort by their instant, as text, as bytes and as a
// database's uuid alike.
type ID [16]byte

const (
	idLen  = 36
	digits = "0123456789abcdef"
)

// NewID returns the UUIDv7 of an instant: 48 bits of milliseconds, 12 bits of
// the microseconds within (RFC 9562, section 6.2, method 3), and 62 random
// bits. Two instants that differ by a microsecond give ids in their order.
func NewID(created time.Time, random [8]byte) ID {
	micros := created.UnixMicro()
	ms, sub := uint64(micros/1000), uint64(micros%1000)
	var b ID
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	fraction := sub * 4096 / 1000 // 4096 steps hold 1000 microseconds without collision
	b[6] = 0x70 | byte(fraction>>8)
	b[7] = byte(fraction)
	copy(b[8:], random[:])
	b[8] = 0x80 | b[8]&0x3f
	return b
}

// ParseID returns ErrNotFound for whatever is not a UUID in lower case, or is
// the zero ID: no task has such an id, and why is nobody's business.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != idLen {
		return ID{}, ErrNotFound
	}
	at := 0
	for i := range id {
		if hyphenBefore(i) {
			if s[at] != '-' {
				return ID{}, ErrNotFound
			}
			at++
		}
		high, low := strings.IndexByte(digits, s[at]), strings.IndexByte(digits, s[at+1])
		if high < 0 || low < 0 {
			return ID{}, ErrNotFound
		}
		id[i] = byte(high<<4 | low)
		at += 2
	}
	if id.IsZero() {
		return ID{}, ErrNotFound
	}
	return id, nil
}

// hyphenBefore reports whether a hyphen stands before a byte of the text.
func hyphenBefore(i int) bool { return i == 4 || i == 6 || i == 8 || i == 10 }

func (id ID) String() string {
	return string(id.AppendTo(make([]byte, 0, idLen)))
}

// AppendTo appends the id as text.
func (id ID) AppendTo(dst []byte) []byte {
	for i, b := range id {
		if hyphenBefore(i) {
			dst = append(dst, '-')
		}
		dst = append(dst, digits[b>>4], digits[b&15])
	}
	return dst
}

// IsZero reports whether id names no task.
func (id ID) IsZero() bool { return id == ID{} }

// Compare orders ids as every store does.
func (id ID) Compare(other ID) int { return slices.Compare(id[:], other[:]) }

// isOf reports whether NewID may have made id at created.
func (id ID) isOf(created time.Time) bool {
	const stamped = 8 // bytes; the rest is random
	want := NewID(created, [8]byte{})
	return slices.Equal(id[:stamped], want[:stamped])
}
