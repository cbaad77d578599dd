// Package strictjson reads a request body as the one JSON value that it is, or refuses it, and writes
// JSON text. encoding/json is too kind to read with: it folds the case of member names, lets the last of
// two equal names win, and turns broken text into U+FFFD.
package strictjson

import (
	"iter"
	"strconv"
)

// Kind says which of JSON's six types a Value has.
type Kind uint8

// The kinds. Null is the zero Kind, as null is the zero Value.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// Value is one value of a parsed body. It is small and passed by value, holds nothing of the bytes that
// Parse was given, may be read by many goroutines, and its zero value is null. An accessor of another
// kind's content gives the zero value of its result.
type Value struct {
	doc *document
	at  int // index of its node
}

// document is a parsed body: flat, so that a hostile one costs a few large allocations, not many small.
type document struct {
	text  string // the body, then every string that had escapes, decoded
	nodes []node // in the order of the body; a member's name stands before its value
}

// node is one value or member name. Offsets are 32 bits wide, which Parse makes sure of.
type node struct {
	start, end uint32 // its source in the document's text
	kind       Kind
	// String: where its decoded text starts and ends. Array, Object: the index of the first node after
	// everything inside, and the number of elements or members.
	a, b uint32
}

// Kind says what the value is.
func (v Value) Kind() Kind { return v.node().kind }

// Bool is the value of true and false.
func (v Value) Bool() bool {
	return v.Kind() == Bool && v.doc.text[v.node().start] == 't'
}

// String is the decoded text of a string: valid UTF-8, control characters possible. It shares the memory
// of the whole body's copy: what outlives the request is better cloned.
func (v Value) String() string {
	if v.Kind() != String {
		return ""
	}
	return v.doc.string(v.at)
}

// Number is a number as the client wrote it. It shares memory as String does.
func (v Value) Number() string {
	if v.Kind() != Number {
		return ""
	}
	return v.doc.text[v.node().start:v.node().end]
}

// Int is a number as an integer, and whether it is one that fits, by its value and not its spelling, as
// in JSON Schema (2020-12, validation, 6.1.1): 1, 1.0 and 10e-1 are the same; 1.5 is none.
func (v Value) Int() (int64, bool) {
	if v.Kind() != Number {
		return 0, false
	}
	if n, err := strconv.ParseInt(v.Number(), 10, 64); err == nil {
		return n, true
	}
	return parseDecimal(v.Number()).int()
}

// Raw is a copy of the value's source, nil for the zero Value.
func (v Value) Raw() []byte {
	if v.doc == nil {
		return nil
	}
	return []byte(v.doc.text[v.node().start:v.node().end])
}

// Len is the number of an array's elements or of an object's members.
func (v Value) Len() int {
	if v.Kind() < Array {
		return 0
	}
	return int(v.node().b)
}

// Elements are the elements of an array with their indexes.
func (v Value) Elements() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) {
		if v.Kind() != Array {
			return
		}
		for i, at := 0, v.at+1; at < v.doc.after(v.at); i, at = i+1, v.doc.after(at) {
			if !yield(i, Value{v.doc, at}) {
				return
			}
		}
	}
}

// Members are the members of an object, each name once, in the order of the body.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if v.Kind() != Object {
			return
		}
		for at := v.at + 1; at < v.doc.after(v.at); at = v.doc.after(at + 1) {
			if !yield(v.doc.string(at), Value{v.doc, at + 1}) {
				return
			}
		}
	}
}

// Get is the member of exactly this name, and whether the object has one. It looks at every member in
// turn: objects of clients are small.
func (v Value) Get(name string) (Value, bool) {
	for member, value := range v.Members() {
		if member == name {
			return value, true
		}
	}
	return Value{}, false
}

func (v Value) node() node {
	if v.doc == nil {
		return node{}
	}
	return v.doc.nodes[v.at]
}

func (d *document) string(at int) string {
	return d.text[d.nodes[at].a:d.nodes[at].b]
}

// names are the names of an object's members that stand before the node at end.
func (d *document) names(object, end int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for at := object + 1; at < end; at = d.after(at + 1) {
			if !yield(d.string(at)) {
				return
			}
		}
	}
}

// after is the index of the node that follows everything inside the one at this index.
func (d *document) after(at int) int {
	if d.nodes[at].kind < Array {
		return at + 1
	}
	return int(d.nodes[at].a)
}
