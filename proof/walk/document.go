// Package walk goes through the OpenAPI documents of a service and asks what
// they allow, what they nearly allow, and what nobody would.
package walk

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// schema is a JSON Schema, or another object of a document.
type schema map[string]any

// document is an OpenAPI document.
type document struct {
	root       schema
	operations []*operation
}

// operation is a method on a path.
type operation struct {
	door, id, method, path string
	open                   bool // without a token
	parameters             []schema
	body                   schema // nil: none
	takes                  []string
	replies                map[int]schema
}

func (o *operation) String() string { return o.method + " " + o.path }

func (o *operation) writes() bool {
	return o.method != http.MethodGet && o.method != http.MethodHead
}

// readDocument reads a document whose paths stand below a prefix.
func readDocument(text []byte, prefix, door string) (*document, error) {
	d := &document{}
	if err := json.Unmarshal(text, &d.root); err != nil {
		return nil, fmt.Errorf("read the document: %w", err)
	}
	for _, path := range slices.Sorted(maps.Keys(object(d.root["paths"]))) {
		item := object(object(d.root["paths"])[path])
		for _, method := range slices.Sorted(maps.Keys(item)) {
			if method != "parameters" {
				d.operations = append(d.operations, d.operation(object(item[method]), method, prefix+strings.TrimSuffix(path, "/"), door, item))
			}
		}
	}
	return d, nil
}

func (d *document) operation(o schema, method, path, door string, item schema) *operation {
	op := &operation{door: door, id: fmt.Sprint(o["operationId"]), method: strings.ToUpper(method), path: path, replies: map[int]schema{}}
	if security, set := o["security"].([]any); set {
		op.open = len(security) == 0
	}
	for _, list := range []any{item["parameters"], o["parameters"]} {
		for _, one := range elements(list) {
			op.parameters = append(op.parameters, d.resolve(object(one)))
		}
	}
	content := object(object(o["requestBody"])["content"])
	op.takes = slices.Sorted(maps.Keys(content))
	for _, media := range content {
		op.body = object(object(media)["schema"])
	}
	for status, reply := range object(o["responses"]) {
		if n, err := strconv.Atoi(status); err == nil {
			op.replies[n] = d.resolve(object(reply))
		}
	}
	return op
}

// resolve follows references. What stands beside one adds to it.
func (d *document) resolve(s schema) schema {
	ref, ok := s["$ref"].(string)
	if !ok {
		return s
	}
	target := d.root
	for _, name := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		target = object(target[name])
	}
	resolved := maps.Clone(d.resolve(target))
	resolved["name of schema"] = ref[strings.LastIndexByte(ref, '/')+1:]
	return resolved
}

// properties are those of an object's schema, what allOf adds included, and
// the names of those that are required.
func (d *document) properties(s schema) (properties schema, required []string) {
	s = d.resolve(s)
	properties = schema{}
	for _, part := range elements(s["allOf"]) {
		more, needs := d.properties(object(part))
		maps.Copy(properties, more)
		required = append(required, needs...)
	}
	maps.Copy(properties, object(s["properties"]))
	for _, name := range elements(s["required"]) {
		required = append(required, fmt.Sprint(name))
	}
	return properties, required
}

func object(v any) schema {
	switch v := v.(type) {
	case schema:
		return v
	case map[string]any:
		return v
	}
	return nil
}

func elements(v any) []any {
	list, _ := v.([]any)
	return list
}

// number is a number of a schema, or what is taken where there is none.
func (s schema) number(name string, otherwise int) int {
	if n, ok := s[name].(float64); ok {
		return int(min(n, 1e15))
	}
	return otherwise
}

func (s schema) text(name string) string {
	text, _ := s[name].(string)
	return text
}

// types are the JSON types that a schema allows.
func (s schema) types(d *document) []string {
	s = d.resolve(s)
	switch t := s["type"].(type) {
	case string:
		return []string{t}
	case []any:
		var all []string
		for _, one := range t {
			all = append(all, fmt.Sprint(one))
		}
		return all
	}
	var all []string
	for _, name := range []string{"oneOf", "anyOf"} {
		for _, one := range elements(s[name]) {
			all = append(all, object(one).types(d)...)
		}
	}
	return all
}
