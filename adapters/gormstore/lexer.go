package gormstore

import (
	"errors"
	"strings"
)

// node is a part of a statement: a token, or what stands in a pair of
// parentheses.
type node struct {
	kind  kind
	text  string // of a word in lower case, of a name as it is
	group []node
}

type kind uint8

const (
	word   kind = iota + 1 // a keyword or a name
	quoted                 // a name in quotes
	mark                   // a placeholder
	other                  // a text, a digit, or punctuation
	group
)

// What the guard does not read as each engine would, it does not read.
var (
	errUnreadable = errors.New("it cannot be read")
	errSeveral    = errors.New("it is more than one statement")
)

// isWord reports whether n is one of some keywords.
func (n node) isWord(texts ...string) bool {
	for _, text := range texts {
		if n.kind == word && n.text == text {
			return true
		}
	}
	return false
}

// isWordAt reports whether a node that need not be there is one of some keywords.
func isWordAt(nodes []node, i int, texts ...string) bool {
	return i >= 0 && i < len(nodes) && nodes[i].isWord(texts...)
}

func (n node) isPunctuation(text string) bool { return n.kind == other && n.text == text }

// isName reports whether n may name a thing.
func (n node) isName() bool { return n.kind == word || n.kind == quoted }

// named reports whether n names what is called so. SQL folds case, and a name
// in quotes is taken for one that is not: too much rather than too little.
func (n node) named(text string) bool { return n.isName() && strings.EqualFold(n.text, text) }

// lexer reads a statement.
type lexer struct{ rest string }

// parse returns the nodes of a statement.
func parse(statement string) ([]node, error) {
	l := lexer{strings.TrimRight(statement, "; \t\r\n")}
	nodes, closed, err := l.group()
	if err == nil && closed {
		err = errUnreadable
	}
	return nodes, err
}

// group reads to the end of a group, and reports whether a parenthesis ended it.
func (l *lexer) group() (nodes []node, closed bool, err error) {
	for l.skip(); l.rest != ""; l.skip() {
		switch l.rest[0] {
		case '(':
			l.rest = l.rest[1:]
			inner, closed, err := l.group()
			if err != nil || !closed {
				return nil, false, errors.Join(err, errUnreadable)
			}
			nodes = append(nodes, node{kind: group, group: inner})
		case ')':
			l.rest = l.rest[1:]
			return nodes, true, nil
		case ';':
			return nil, false, errSeveral
		default:
			n, err := l.token()
			if err != nil {
				return nil, false, err
			}
			nodes = append(nodes, n)
		}
	}
	return nodes, false, nil
}

// skip passes by white space and comments. A comment within a comment is left
// for token to refuse: engines do not agree on where the outer one ends.
func (l *lexer) skip() {
	for {
		l.rest = strings.TrimLeft(l.rest, " \t\r\n")
		switch {
		case strings.HasPrefix(l.rest, "--"):
			_, l.rest, _ = strings.Cut(l.rest, "\n")
		case strings.HasPrefix(l.rest, "/*"):
			comment, rest, ended := strings.Cut(l.rest[2:], "*/")
			if !ended || strings.Contains(comment, "/*") {
				return
			}
			l.rest = rest
		default:
			return
		}
	}
}

func (l *lexer) token() (node, error) {
	switch c := l.rest[0]; {
	case c == '\'':
		return l.between(c, other)
	case c == '"' || c == '`':
		return l.between(c, quoted)
	case strings.HasPrefix(l.rest, "/*"):
		return node{}, errUnreadable
	case c == '?':
		return l.while(mark, isDigit)
	case c == '$' && len(l.rest) > 1 && isDigit(l.rest[1]):
		return l.while(mark, isDigit)
	case c == '$': // a literal of PostgreSQL that no statement here needs
		return node{}, errUnreadable
	case isLetter(c):
		n, err := l.while(word, func(c byte) bool { return isLetter(c) || isDigit(c) || c == '$' })
		if n.text = strings.ToLower(n.text); l.rest != "" && (l.rest[0] == '\'' || l.rest[0] == '&') {
			return node{}, errUnreadable // E'…', U&"…": with escapes of their own
		}
		return n, err
	}
	return l.while(other, func(byte) bool { return false })
}

// while reads a byte and what is wanted after it.
func (l *lexer) while(k kind, wanted func(byte) bool) (node, error) {
	n := 1
	for n < len(l.rest) && wanted(l.rest[n]) {
		n++
	}
	text := l.rest[:n]
	l.rest = l.rest[n:]
	return node{kind: k, text: text}, nil
}

// between reads what stands in quotes. A doubled quote or a backslash within
// is refused: the one is rare, and of the other engines differ in their view.
func (l *lexer) between(quote byte, k kind) (node, error) {
	text, rest, ended := strings.Cut(l.rest[1:], string(quote))
	if !ended || strings.HasPrefix(rest, string(quote)) || strings.Contains(text, `\`) {
		return node{}, errUnreadable
	}
	l.rest = rest
	return node{kind: k, text: text}, nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= 0x80
}
