package betterauth

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// object is a JSON object by its members' exact names. Its values are those of
// encoding/json, with numbers as [json.Number].
type object = map[string]any

// maxDepth is how many objects and arrays may stand within each other.
const maxDepth = 32

var errNotStrict = errors.New("a member name occurs twice, or values are nested too deep")

// parseObject reads one JSON object and nothing after it. A name that occurs
// twice, at any depth, is refused (RFC 7519, section 4, allows that), since two
// readers could take it for two values.
func parseObject(raw []byte) (object, bool) {
	if !utf8.Valid(raw) {
		return nil, false
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	value, err := parseValue(dec, 0)
	if err != nil {
		return nil, false
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, false
	}
	members, ok := value.(object)
	return members, ok
}

func parseValue(dec *json.Decoder, depth int) (any, error) {
	first, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch {
	case first == json.Delim('{') && depth < maxDepth:
		return parseMembers(dec, depth)
	case first == json.Delim('[') && depth < maxDepth:
		return parseElements(dec, depth)
	}
	if _, nested := first.(json.Delim); nested {
		return nil, errNotStrict
	}
	return first, nil
}

func parseMembers(dec *json.Decoder, depth int) (object, error) {
	members := object{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name := token.(string) // the decoder lets nothing else stand here
		if _, twice := members[name]; twice {
			return nil, errNotStrict
		}
		if members[name], err = parseValue(dec, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := dec.Token()
	return members, err
}

func parseElements(dec *json.Decoder, depth int) ([]any, error) {
	elements := []any{}
	for dec.More() {
		element, err := parseValue(dec, depth+1)
		if err != nil {
			return nil, err
		}
		elements = append(elements, element)
	}
	_, err := dec.Token()
	return elements, err
}
