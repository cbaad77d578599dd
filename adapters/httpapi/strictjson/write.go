package strictjson

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// AppendString appends s as a JSON string. s must be valid UTF-8; only what RFC 8259 (section 7) wants
// escaped is, so the result is for a JSON body, not for use inside HTML.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	run := 0
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			dst = appendEscape(append(dst, s[run:i]...), c)
			run = i + 1
		}
	}
	return append(append(dst, s[run:]...), '"')
}

func appendEscape(dst []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	if i := strings.IndexByte(escapeMeanings, c); i >= 0 {
		return append(dst, '\\', escapeLetters[i])
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
}

// Canonical is JSON text that two values share exactly when they mean the same: it does not depend on
// white space, the order of members, escapes, or the spelling of numbers, which are compared as numbers
// (1, 1.0 and 10e-1 are one; so are 0 and -0) and never rounded. No exponent is written out. It is meant
// for fingerprints, not for reading.
func Canonical(v Value) []byte {
	return appendCanonical(nil, v)
}

func appendCanonical(dst []byte, v Value) []byte {
	switch v.Kind() {
	case Bool:
		return strconv.AppendBool(dst, v.Bool())
	case Number:
		return parseDecimal(v.Number()).append(dst)
	case String:
		return AppendString(dst, v.String())
	case Array:
		return appendElements(dst, v)
	case Object:
		return appendMembers(dst, v)
	default:
		return append(dst, "null"...)
	}
}

func appendElements(dst []byte, array Value) []byte {
	dst = append(dst, '[')
	for i, element := range array.Elements() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendCanonical(dst, element)
	}
	return append(dst, ']')
}

func appendMembers(dst []byte, object Value) []byte {
	type member struct {
		name  string
		value Value
	}
	members := make([]member, 0, object.Len())
	for name, value := range object.Members() {
		members = append(members, member{name, value})
	}
	slices.SortFunc(members, func(a, b member) int { return cmp.Compare(a.name, b.name) })
	dst = append(dst, '{')
	for i, m := range members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(AppendString(dst, m.name), ':')
		dst = appendCanonical(dst, m.value)
	}
	return append(dst, '}')
}

func (d decimal) append(dst []byte) []byte {
	if d.digits == "" {
		return append(dst, '0')
	}
	if d.negative {
		dst = append(dst, '-')
	}
	dst = append(dst, d.digits...)
	if d.exponent != 0 {
		dst = strconv.AppendInt(append(dst, 'e'), d.exponent, 10)
	}
	return dst
}

// maxPointer is how many bytes a pointer in a reply may have.
const maxPointer = 200

// Pointer joins unescaped tokens, the outermost first, to a JSON pointer (RFC 6901). Clients choose
// names, so it is bounded: one that would be longer ends at the last ancestor that fits.
func Pointer(tokens ...string) string {
	var pointer strings.Builder
	for _, token := range tokens {
		escaped := EscapePointer(token)
		if pointer.Len()+len("/")+len(escaped) > maxPointer {
			break
		}
		pointer.WriteByte('/')
		pointer.WriteString(escaped)
	}
	return pointer.String()
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// EscapePointer writes a member name as a token of a JSON pointer.
func EscapePointer(token string) string {
	return pointerEscapes.Replace(token)
}
