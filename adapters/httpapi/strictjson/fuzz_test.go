package strictjson_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"taskhold/adapters/httpapi/strictjson"
)

// shallow makes it likely that a fuzzed body is too deep.
var shallow = strictjson.Limits{Depth: 4}

// stricter holds every reason to refuse what encoding/json reads, and what must then be true of the body.
var stricter = map[string]func(body []byte) bool{
	"a member name occurs twice":                         repeatsName,
	"values are nested too deep":                         func(body []byte) bool { return depth(body) > shallow.Depth },
	"an escaped surrogate stands without its other half": regexp.MustCompile(`\\u[dD][89a-fA-F]`).Match,
	"a number is beyond all bounds":                      regexp.MustCompile(`[eE][+-]?0*[1-9][0-9]{14}`).Match,
	"the body is not valid UTF-8":                        func(body []byte) bool { return !utf8.Valid(body) },
}

func seed(f *testing.F) {
	for _, body := range []string{
		typical, `null`, `-0.0e-0`, `[1,1.0,10e-1,1e999999]`, `{"a":1,"\u0061":2}`, `[[[[[]]]]]`, `[[[[]]]]`, `"\ud83d\ude00"`, `"\ud800"`, `"\udc00\ud800"`,
		"\"\xff\"", "\ufeff{}", `{"a":[{"b":null}],"c":true,"":false}`, `1e1000000000000000`, `01`, `[1,]`, `{"a":1}x`, "\"\x01\"", `"\u0000\/\b"`, `"�"`, `"\ufffd"`,
	} {
		f.Add([]byte(body))
	}
}

func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		v, bad := strictjson.Parse(body, shallow)
		if !bytes.Equal(body, before) {
			t.Fatalf("Parse(%q) changed the body", before)
		}
		if bad != nil {
			checkRefusal(t, body, *bad)
			return
		}
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		var want any
		if err := decoder.Decode(&want); err != nil || !json.Valid(body) || !utf8.Valid(body) {
			t.Fatalf("Parse(%q) is a value, encoding/json says %v", body, err)
		}
		if got := meaning(v); !reflect.DeepEqual(got, want) {
			t.Fatalf("Parse(%q) means %#v, want %#v", body, got, want)
		}
		checkRaw(t, v)
	})
}

func checkRefusal(t *testing.T, body []byte, bad strictjson.SyntaxError) {
	if holds, ok := stricter[bad.Reason]; json.Valid(body) && (!ok || !holds(body)) {
		t.Fatalf("Parse(%q) = %+v, but encoding/json reads it", body, bad)
	}
	if bad.Offset < 0 || bad.Offset > len(body) || bad.Reason == "" || len(bad.Pointer) > 200 || !utf8.ValidString(bad.Pointer) {
		t.Fatalf("Parse(%q) = %+v is no good refusal", body, bad)
	}
}

// checkRaw wants every value's source to mean the value.
func checkRaw(t *testing.T, v strictjson.Value) {
	again, bad := strictjson.Parse(v.Raw(), shallow)
	if bad != nil || !reflect.DeepEqual(meaning(again), meaning(v)) {
		t.Fatalf("Raw() = %q does not mean %#v", v.Raw(), meaning(v))
	}
	for _, element := range v.Elements() {
		checkRaw(t, element)
	}
	for name, member := range v.Members() {
		if got, ok := v.Get(name); !ok || got != member {
			t.Fatalf("Get(%q) is not the member", name)
		}
		checkRaw(t, member)
	}
}

// meaning is the value as encoding/json decodes it into an any. A lone surrogate becomes U+FFFD there,
// so one that was accepted would have to be read as U+FFFD here to go unnoticed.
func meaning(v strictjson.Value) any {
	switch v.Kind() {
	case strictjson.Bool:
		return v.Bool()
	case strictjson.Number:
		return json.Number(v.Number())
	case strictjson.String:
		return v.String()
	case strictjson.Array:
		elements := make([]any, 0, v.Len())
		for _, element := range v.Elements() {
			elements = append(elements, meaning(element))
		}
		return elements
	case strictjson.Object:
		members := make(map[string]any, v.Len())
		for name, member := range v.Members() {
			members[name] = meaning(member)
		}
		if len(members) != v.Len() {
			return fmt.Errorf("%d names for %d members", len(members), v.Len())
		}
		return members
	default:
		return nil
	}
}

// repeatsName reads tokens with encoding/json and looks for a name twice in one object.
func repeatsName(body []byte) bool {
	type frame struct {
		names map[string]bool // nil in an array
		value bool            // a member's value is next
	}
	stack := []*frame{{}}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		top := stack[len(stack)-1]
		if name, ok := token.(string); ok && top.names != nil && !top.value {
			if top.names[name] {
				return true
			}
			top.names[name], top.value = true, true
			continue
		}
		switch token {
		case json.Delim('{'):
			stack = append(stack, &frame{names: map[string]bool{}})
		case json.Delim('['):
			stack = append(stack, &frame{})
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:len(stack)-1]
			stack[len(stack)-1].value = false
		default:
			top.value = false
		}
	}
}

func depth(body []byte) (deepest int) {
	level := 0
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return deepest
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			level++
		case json.Delim('}'), json.Delim(']'):
			level--
		}
		deepest = max(deepest, level)
	}
}

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "milk", "\"\\/\b\f\n\r\t\x00\x1f\x7f", "é日😀\u2028\u2029\ufeff\ufffd", `\u0041`, "<>&"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		written := strictjson.AppendString(nil, s)
		var back string
		if err := json.Unmarshal(written, &back); err != nil || back != s {
			t.Fatalf("AppendString(%q) = %s, which encoding/json reads as %q, %v", s, written, back, err)
		}
		if v, bad := strictjson.Parse(written, limits); bad != nil || v.String() != s {
			t.Fatalf("AppendString(%q) = %s, which Parse reads as %q, %+v", s, written, v.String(), bad)
		}
	})
}

func FuzzCanonical(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		v, bad := strictjson.Parse(body, limits)
		if bad != nil {
			return
		}
		canonical := strictjson.Canonical(v)
		again, bad := strictjson.Parse(canonical, limits)
		if bad != nil {
			t.Fatalf("Canonical(%q) = %q is refused: %+v", body, canonical, *bad)
		}
		if got := strictjson.Canonical(again); !bytes.Equal(got, canonical) {
			t.Fatalf("Canonical(%q) = %q is no fixed point: %q", body, canonical, got)
		}
		other := respell(rand.New(rand.NewPCG(uint64(len(body)), 1)), v)
		same, bad := strictjson.Parse([]byte(other), limits)
		if bad != nil {
			t.Fatalf("%q, another spelling of %q, is refused: %+v", other, body, *bad)
		}
		if got := strictjson.Canonical(same); !bytes.Equal(got, canonical) {
			t.Fatalf("Canonical(%q) = %q, Canonical(%q) = %q", body, canonical, other, got)
		}
	})
}

// respell writes the value with other white space, escapes, numerals and orders of members.
func respell(random *rand.Rand, v strictjson.Value) string {
	space := strings.Repeat(" \n", random.IntN(2))
	switch v.Kind() {
	case strictjson.Number:
		return space + respellNumber(random, v.Number()) + space
	case strictjson.String:
		return space + respellString(random, v.String()) + space
	case strictjson.Array:
		var elements []string
		for _, element := range v.Elements() {
			elements = append(elements, respell(random, element))
		}
		return "[" + space + strings.Join(elements, ",") + "]"
	case strictjson.Object:
		var members []string
		for name, member := range v.Members() {
			members = append(members, respellString(random, name)+space+":"+respell(random, member))
		}
		random.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		return "{" + strings.Join(members, ",") + space + "}"
	default:
		return space + string(v.Raw())
	}
}

func respellNumber(random *rand.Rand, literal string) string {
	mantissa, exponent, _ := strings.Cut(strings.ToUpper(literal), "E")
	if !strings.Contains(mantissa, ".") {
		mantissa += "."
	}
	mantissa += strings.Repeat("0", 1+random.IntN(3))
	digits := strings.TrimLeft(exponent, "+-")
	sign := exponent[:len(exponent)-len(digits)]
	return mantissa + "e" + sign + "0" + digits
}

func respellString(random *rand.Rand, s string) string {
	out := []byte{'"'}
	for _, r := range s {
		switch {
		case random.IntN(2) == 0:
			quoted := strictjson.AppendString(nil, string(r))
			out = append(out, quoted[1:len(quoted)-1]...)
		case r > 0xffff:
			out = fmt.Appendf(out, `\u%04x\u%04X`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return string(append(out, '"'))
}
