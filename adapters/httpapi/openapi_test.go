package httpapi

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/pb33f/go-yaml"
	"github.com/pb33f/libopenapi"

	"taskhold/adapters/httpapi/strictjson"
)

var update = flag.Bool("update", false, "write the JSON documents anew")

func TestEachJSONDocumentIsItsYAMLDocument(t *testing.T) {
	for _, name := range []string{"openapi", "openapi-api"} {
		t.Run(name, func(t *testing.T) { compareDocuments(t, name) })
	}
}

func compareDocuments(t *testing.T, name string) {
	source, err := files.ReadFile(name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	document, err := libopenapi.NewDocument(source)
	if err != nil {
		t.Fatal(err)
	}
	want := append(appendYAML(nil, document.GetSpecInfo().RootNode.Content[0]), '\n')
	if !json.Valid(want) {
		t.Fatal("the conversion is no JSON")
	}
	if *update {
		if err := os.WriteFile(name+".json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := files.ReadFile(name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%[1]s.json is behind %[1]s.yaml: go test ./adapters/httpapi -run JSONDocument -update", name)
	}
}

// appendYAML appends a document as JSON, its members in the same order.
func appendYAML(dst []byte, node *yaml.Node) []byte {
	switch {
	case node.Kind == yaml.AliasNode:
		return appendYAML(dst, node.Alias)
	case node.Kind == yaml.SequenceNode:
		return append(appendNodes(append(dst, '['), node.Content, ""), ']')
	case node.Kind == yaml.MappingNode:
		return append(appendNodes(append(dst, '{'), node.Content, ":"), '}')
	case node.ShortTag() == "!!str":
		return strictjson.AppendString(dst, node.Value)
	}
	return append(dst, node.Value...)
}

// appendNodes appends nodes with commas between, or with between after every
// other.
func appendNodes(dst []byte, nodes []*yaml.Node, between string) []byte {
	for i, node := range nodes {
		switch {
		case i%2 == 1 && between != "":
			dst = append(dst, between...)
		case i > 0:
			dst = append(dst, ',')
		}
		dst = appendYAML(dst, node)
	}
	return dst
}
