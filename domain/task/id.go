package task

import (
	"strings"
	"time"
)

// ID identifies a task: a UUID in lower case. The zero ID names no task.
//
// Ids that NewID made sort by their instant, as text, as bytes and as a
// database's uuid alike.
type ID struct{ text string }

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
	var b [16]byte
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	fraction := sub * 4096 / 1000 // 4096 steps hold 1000 microseconds without collision
	b[6] = 0x70 | byte(fraction>>8)
	b[7] = byte(fraction)
	copy(b[8:], random[:])
	b[8] = 0x80 | b[8]&0x3f
	return ID{format(b)}
}

// ParseID returns ErrNotFound for whatever is not a UUID in lower case: no
// task has such an id, and why is nobody's business.
func ParseID(s string) (ID, error) {
	if len(s) != idLen {
		return ID{}, ErrNotFound
	}
	for i := range idLen {
		switch hyphen := i == 8 || i == 13 || i == 18 || i == 23; {
		case hyphen && s[i] != '-', !hyphen && strings.IndexByte(digits, s[i]) < 0:
			return ID{}, ErrNotFound
		}
	}
	return ID{strings.Clone(s)}, nil
}

func (id ID) String() string { return id.text }

// IsZero reports whether id names no task.
func (id ID) IsZero() bool { return id == ID{} }

// Compare orders ids as every store does.
func (id ID) Compare(other ID) int { return strings.Compare(id.text, other.text) }

// isOf reports whether NewID may have made id at created.
func (id ID) isOf(created time.Time) bool {
	want := NewID(created, [8]byte{}).text
	const stamped = len("01934f2e-9a00-7000") // the rest is random
	return !id.IsZero() && id.text[:stamped] == want[:stamped]
}

func format(b [16]byte) string {
	out := make([]byte, 0, idLen)
	for i, c := range b {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			out = append(out, '-')
		}
		out = append(out, digits[c>>4], digits[c&15])
	}
	return string(out)
}
