package strictjson

import (
	"slices"
	"strconv"
	"strings"
)

// Limits bound what Parse accepts beyond the grammar.
type Limits struct {
	// Depth is how many arrays and objects may stand within each other; 0 allows only scalars.
	Depth int
}

// SyntaxError says why a body cannot be read. It holds nothing of the body but the member names in
// Pointer. It is no error, so that a nil one never becomes an error that is not nil.
type SyntaxError struct {
	Pointer string // RFC 6901, the innermost value or member concerned as Pointer makes it, "" the whole
	Offset  int    // in bytes
	Reason  string // a clause for the client, such as "a member name occurs twice"
}

const reasonNoValue = "a value is expected"

// Reasons to refuse what RFC 8259's grammar itself allows.
const (
	reasonRepeated  = "a member name occurs twice"
	reasonDepth     = "values are nested too deep"
	reasonSurrogate = "an escaped surrogate stands without its other half"
	reasonMagnitude = "a number is beyond all bounds"
	reasonUTF8      = "the body is not valid UTF-8"
	reasonSize      = "the body is too large"
)

// maxBody keeps every offset, those of decoded text included, within 32 bits.
const maxBody = 1 << 30

// fewMembers is up to how many an object's names are compared one by one.
const fewMembers = 16

// Parse reads a body as exactly one JSON value (RFC 8259) in UTF-8. Beyond the grammar it refuses a
// byte order mark, invalid UTF-8, lone or reversed surrogate escapes, a member name that occurs twice
// once its escapes are decoded, numbers of 1e±1000000000000000 and beyond, and what exceeds the limits.
// It takes time and memory in proportion to the body, whatever stands in it, and keeps no part of it.
func Parse(body []byte, limits Limits) (Value, *SyntaxError) {
	if len(body) > maxBody {
		return Value{}, &SyntaxError{Reason: reasonSize}
	}
	p := parser{limits: limits, nodes: make([]node, 0, min(len(body)/12+4, 256))}
	p.text.Grow(len(body))
	p.text.Write(body)
	p.source = p.text.String()
	if bad := p.body(); bad != nil {
		slices.Reverse(p.path)
		bad.Pointer = Pointer(p.path...)
		return Value{}, bad
	}
	doc := p.document()
	return Value{doc: &doc}, nil
}

type parser struct {
	limits Limits
	source string
	text   strings.Builder // the source, then what strings with escapes decode to
	nodes  []node
	pos    int
	depth  int
	path   []string // tokens of the pointer to what failed, the innermost first
}

// document is what has been read so far.
func (p *parser) document() document {
	return document{text: p.text.String(), nodes: p.nodes}
}

func (p *parser) body() *SyntaxError {
	if strings.HasPrefix(p.source, "\ufeff") {
		return refuse(0, "a byte order mark stands before the value")
	}
	if p.peek(); p.pos == len(p.source) {
		return refuse(p.pos, "the body is empty")
	}
	if bad := p.value(); bad != nil {
		return bad
	}
	if p.peek(); p.pos < len(p.source) {
		return p.unexpected("more text follows the value")
	}
	return nil
}

func (p *parser) value() *SyntaxError {
	switch c := p.peek(); c {
	case '"':
		return p.string()
	case '{':
		return p.object()
	case '[':
		return p.array()
	case 'n':
		return p.word("null", Null)
	case 't':
		return p.word("true", Bool)
	case 'f':
		return p.word("false", Bool)
	default:
		if c == '-' || isDigit(c) {
			return p.number()
		}
		return p.unexpected(reasonNoValue)
	}
}

func (p *parser) array() *SyntaxError {
	self, bad := p.open(Array)
	if bad != nil {
		return bad
	}
	count := 0
	for ; p.peek() != ']'; count++ {
		if bad := p.value(); bad != nil {
			return p.within(strconv.Itoa(count), bad)
		}
		if bad := p.separator(']'); bad != nil {
			return bad
		}
	}
	p.close(self, count)
	return nil
}

func (p *parser) object() *SyntaxError {
	self, bad := p.open(Object)
	if bad != nil {
		return bad
	}
	count := 0
	var seen map[string]struct{} // the names, once there are many
	for ; p.peek() != '}'; count++ {
		if count == fewMembers {
			seen = p.namesOf(self)
		}
		if bad := p.member(self, seen); bad != nil {
			return bad
		}
		if bad := p.separator('}'); bad != nil {
			return bad
		}
	}
	p.close(self, count)
	return nil
}

func (p *parser) member(object int, seen map[string]struct{}) *SyntaxError {
	if p.peek() != '"' {
		return p.unexpected("a member name in double quotes is expected")
	}
	start := p.pos
	if bad := p.string(); bad != nil {
		return bad
	}
	doc := p.document()
	name := doc.string(len(p.nodes) - 1)
	if p.repeats(object, name, seen) {
		return p.within(name, refuse(start, reasonRepeated))
	}
	if p.peek() != ':' {
		return p.within(name, p.unexpected("a colon is missing after a member name"))
	}
	p.pos++
	if bad := p.value(); bad != nil {
		return p.within(name, bad)
	}
	return nil
}

// repeats says whether the object had a member of the name just read. A seen that is not nil holds the
// names before, and gets this one.
func (p *parser) repeats(object int, name string, seen map[string]struct{}) bool {
	if seen != nil {
		before := len(seen)
		seen[name] = struct{}{}
		return len(seen) == before
	}
	doc := p.document()
	for earlier := range doc.names(object, len(p.nodes)-1) {
		if earlier == name {
			return true
		}
	}
	return false
}

func (p *parser) namesOf(object int) map[string]struct{} {
	doc := p.document()
	seen := make(map[string]struct{}, 2*fewMembers)
	for name := range doc.names(object, len(p.nodes)) {
		seen[name] = struct{}{}
	}
	return seen
}

func (p *parser) open(kind Kind) (self int, bad *SyntaxError) {
	if p.depth >= p.limits.Depth {
		return 0, refuse(p.pos, reasonDepth)
	}
	p.nodes = append(p.nodes, node{kind: kind, start: uint32(p.pos)})
	p.depth++
	p.pos++
	return len(p.nodes) - 1, nil
}

func (p *parser) close(self, count int) {
	p.depth--
	p.pos++
	n := &p.nodes[self]
	n.end, n.a, n.b = uint32(p.pos), uint32(len(p.nodes)), uint32(count)
}

// separator steps over the comma that another item must follow, or stays at the closing bracket.
func (p *parser) separator(closing byte) *SyntaxError {
	switch p.peek() {
	case closing:
		return nil
	case ',':
		p.pos++
		if p.peek() == closing {
			return refuse(p.pos, "a comma stands before a closing bracket")
		}
		return nil
	default:
		return p.unexpected("a comma or the closing bracket is missing")
	}
}

// within says that what failed lies below this token.
func (p *parser) within(token string, bad *SyntaxError) *SyntaxError {
	p.path = append(p.path, token)
	return bad
}

func refuse(offset int, reason string) *SyntaxError {
	return &SyntaxError{Offset: offset, Reason: reason}
}
