package strictjson

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// peek steps over white space and gives the next byte, 0 at the end.
func (p *parser) peek() byte {
	for p.pos < len(p.source) {
		switch c := p.source[p.pos]; c {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return c
		}
	}
	return 0
}

// current gives the next byte, 0 at the end.
func (p *parser) current() byte {
	if p.pos < len(p.source) {
		return p.source[p.pos]
	}
	return 0
}

// unexpected refuses what stands here: for the reason given, unless the body ends or is no text here.
func (p *parser) unexpected(reason string) *SyntaxError {
	if r, size := utf8.DecodeRuneInString(p.source[p.pos:]); r == utf8.RuneError && size <= 1 {
		reason = reasonUTF8
		if size == 0 {
			reason = "the body ends before its value does"
		}
	}
	return refuse(p.pos, reason)
}

func (p *parser) word(word string, kind Kind) *SyntaxError {
	if !strings.HasPrefix(p.source[p.pos:], word) {
		return p.unexpected(reasonNoValue)
	}
	p.add(node{kind: kind, start: uint32(p.pos), end: uint32(p.pos + len(word))})
	return nil
}

// add takes in a value without others inside and steps behind it.
func (p *parser) add(n node) {
	p.nodes = append(p.nodes, n)
	p.pos = int(n.end)
}

func (p *parser) string() *SyntaxError {
	start, decoded := p.pos, -1 // where the decoded text starts, if not in the source
	p.pos++
	for {
		run := p.pos
		p.plain()
		if decoded >= 0 {
			p.text.WriteString(p.source[run:p.pos])
		}
		switch p.current() {
		case '"':
			p.addString(start, decoded)
			return nil
		case '\\':
			if decoded < 0 {
				decoded = p.text.Len()
				p.text.WriteString(p.source[run:p.pos])
			}
			if bad := p.escape(); bad != nil {
				return bad
			}
		default:
			return p.unexpected("a control character stands in a string")
		}
	}
}

func (p *parser) addString(start, decoded int) {
	n := node{kind: String, start: uint32(start), end: uint32(p.pos + 1), a: uint32(start + 1), b: uint32(p.pos)}
	if decoded >= 0 {
		n.a, n.b = uint32(decoded), uint32(p.text.Len())
	}
	p.add(n)
}

// plain steps to the next byte that is no text of a string, or no UTF-8.
func (p *parser) plain() {
	for p.pos < len(p.source) {
		switch c := p.source[p.pos]; {
		case c < ' ' || c == '"' || c == '\\':
			return
		case c < utf8.RuneSelf:
			p.pos++
		default:
			r, size := utf8.DecodeRuneInString(p.source[p.pos:])
			if r == utf8.RuneError && size == 1 {
				return
			}
			p.pos += size
		}
	}
}

// The escapes of one letter, and at the same places what they stand for.
const (
	escapeLetters  = `"\/bfnrt`
	escapeMeanings = "\"\\/\b\f\n\r\t"
)

// escape decodes the escape that stands here.
func (p *parser) escape() *SyntaxError {
	start := p.pos
	p.pos++
	if i := strings.IndexByte(escapeLetters, p.current()); i >= 0 {
		p.text.WriteByte(escapeMeanings[i])
		p.pos++
		return nil
	}
	r, ok := p.codeUnit(start)
	if !ok {
		return refuse(start, "a backslash begins no escape of JSON")
	}
	p.pos = start + len(`\u0000`)
	if utf16.IsSurrogate(r) {
		low, _ := p.codeUnit(p.pos)
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			return refuse(start, reasonSurrogate)
		}
		p.pos += len(`\u0000`)
	}
	p.text.WriteRune(r)
	return nil
}

// codeUnit reads the escape of a UTF-16 code unit that stands at an offset.
func (p *parser) codeUnit(at int) (rune, bool) {
	digits, ok := strings.CutPrefix(p.source[at:], `\u`)
	if !ok || len(digits) < 4 {
		return 0, false
	}
	unit, err := strconv.ParseUint(digits[:4], 16, 16)
	return rune(unit), err == nil
}

func (p *parser) number() *SyntaxError {
	start := p.pos
	p.skip("-")
	ok := (p.skip("0") || p.digits()) && (!p.skip(".") || p.digits())
	hasExponent := ok && p.skip("eE")
	if hasExponent {
		p.skip("+-")
		ok = p.digits()
	}
	if !ok || p.skip("0123456789.eE+-") {
		return refuse(start, "a number is not written as JSON has it")
	}
	if hasExponent && !parseDecimal(p.source[start:p.pos]).withinBounds() {
		return refuse(start, reasonMagnitude)
	}
	p.add(node{kind: Number, start: uint32(start), end: uint32(p.pos)})
	return nil
}

// skip steps over one of these bytes, if one stands here.
func (p *parser) skip(bytes string) bool {
	if p.pos == len(p.source) || strings.IndexByte(bytes, p.source[p.pos]) < 0 {
		return false
	}
	p.pos++
	return true
}

// digits steps over at least one digit, if there is one.
func (p *parser) digits() bool {
	start := p.pos
	for isDigit(p.current()) {
		p.pos++
	}
	return p.pos > start
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
