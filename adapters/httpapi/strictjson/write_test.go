package strictjson_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"taskhold/adapters/httpapi/strictjson"
)

func TestAppendString(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"an empty string is two quotes":                  {"", `""`},
		"plain text is not touched":                      {"buy milk/bread <b>&amp;'", `"buy milk/bread <b>&amp;'"`},
		"quotes and backslashes are escaped":             {`"a\b"`, `"\"a\\b\""`},
		"controls with a letter use it":                  {"\b\f\n\r\t", `"\b\f\n\r\t"`},
		"other controls are code units":                  {"\x00\x01\x1f\x0b", `"\u0000\u0001\u001f\u000b"`},
		"text beyond ASCII and DEL is not escaped":       {"\u00e9\u65e5\U0001f600\u2028\u2029\x7f\u0085", "\"\u00e9\u65e5\U0001f600\u2028\u2029\x7f\u0085\""},
		"escapes at both ends leave the middle as it is": {"\nmiddle\n", `"\nmiddle\n"`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(strictjson.AppendString([]byte("x:"), tc.in)); got != "x:"+tc.want {
				t.Errorf("AppendString(%q) = %s, want %s", tc.in, got, tc.want)
			}
		})
	}
}

func TestEveryRuneIsWrittenSoThatItIsReadBack(t *testing.T) {
	for r := range rune(utf8.MaxRune + 1) {
		if r >= 0xd800 && r < 0xe000 {
			continue // a surrogate is no text
		}
		s := "a" + string(r)
		written := strictjson.AppendString(nil, s)
		if v, bad := strictjson.Parse(written, limits); bad != nil || v.String() != s {
			t.Fatalf("%U is written as %s, which is read as %q (%+v)", r, written, v.String(), bad)
		}
	}
}

func TestCanonicalIsOneTextForOneMeaning(t *testing.T) {
	for want, bodies := range map[string][]string{
		`{"a":1,"b":[true,null]}`:               {`{"a":1,"b":[true,null]}`, ` { "b" : [ true , null ] , "a" : 1 } `, `{"\u0062":[true,null],"\u0061":1.0}`, `{"b":[true,null],"a":10e-1}`},
		`"a/é😀\n"`:                              {`"a/é😀\n"`, `"\u0061\/\u00e9\ud83d\uDE00\u000A"`, `"a\u002Fé😀\n"`},
		`1`:                                     {`1`, `1.0`, `10e-1`, `0.1e1`, `1e0`, `1E-0`, `0.0001e+4`, `1.00000`},
		`1e2`:                                   {`100`, `1e2`, `1E+2`, `100.0`, `0.1e3`, `1000e-1`},
		`0`:                                     {`0`, `-0`, `0.0`, `-0e5`, `0e-999999`, `0e99999999999999999999`},
		`-15e-1`:                                {`-1.5`, `-15e-1`, `-0.15e1`, `-1.50`},
		`12e999998`:                             {`1.2e999999`, `12e999998`, `120e999997`},
		`1e-999999999999999`:                    {`1e-999999999999999`, `10e-1000000000000000`},
		`9007199254740993`:                      {`9007199254740993`, `9007199254740993.0`, `9007199254740.993e3`},
		`{"":{},"A":[],"a":{"x":"","y":false}}`: {`{"a":{"y":false,"x":""},"A":[],"":{}}`},
	} {
		for _, body := range bodies {
			if got := string(strictjson.Canonical(parse(t, body))); got != want {
				t.Errorf("Canonical(%s) = %s, want %s", body, got, want)
			}
		}
	}
}

func TestCanonicalKeepsMeaningsApart(t *testing.T) {
	seen := map[string]string{}
	for _, body := range []string{
		`null`, `true`, `false`, `0`, `1`, `-1`, `10`, `0.1`, `1e-999999`, `1e999999`, `9007199254740992`, `9007199254740993`, `0.1000000000000000055`,
		`""`, `"null"`, `"1"`, `" "`, `"a"`, `"A"`, `"\u00e9"`, `"e\u0301"`, `"\u0000"`, `"\\u0000"`, `"\ufffd"`,
		`[]`, `{}`, `[[]]`, `[{}]`, `[null]`, `[1,2]`, `[2,1]`, `[12]`, `[1,[2]]`, `[[1],2]`, `["1,2"]`, `["1","2"]`,
		`{"a":1}`, `{"a":"1"}`, `{"A":1}`, `{"a":null}`, `{"a":1,"b":null}`, `{"a":{"b":1}}`, `{"a":{},"b":1}`, `{"b":{"a":1}}`, `{"a\":1,\"b":1}`, `{"a":1,"b":1}`,
	} {
		canonical := string(strictjson.Canonical(parse(t, body)))
		if other, ok := seen[canonical]; ok {
			t.Errorf("%s and %s are both %s", other, body, canonical)
		}
		seen[canonical] = body
		if !json.Valid([]byte(canonical)) {
			t.Errorf("Canonical(%s) = %s is no JSON", body, canonical)
		}
	}
}

func TestCanonicalWritesNoExponentOut(t *testing.T) {
	for _, literal := range []string{`1e999999999999999`, `1e-999999999999999`, `-1.5e999999`} {
		if got := strictjson.Canonical(parse(t, literal)); len(got) > len(literal)+2 {
			t.Errorf("Canonical(%s) has %d bytes", literal, len(got))
		}
	}
}

func TestPointer(t *testing.T) {
	for name, tc := range map[string]struct {
		tokens []string
		want   string
	}{
		"no token is the whole":                   {nil, ""},
		"an empty token is a member without name": {[]string{""}, "/"},
		"tokens are escaped":                      {[]string{"a/b", "m~n", "~1", "c%d", `e"f`}, `/a~1b/m~0n/~01/c%d/e"f`},
		"an index is a token":                     {[]string{"operations", "3", "task", "title"}, "/operations/3/task/title"},
		"two hundred bytes fit":                   {[]string{"a", strings.Repeat("x", 197)}, "/a/" + strings.Repeat("x", 197)},
		"one more ends at the ancestor":           {[]string{"a", strings.Repeat("x", 198), "b"}, "/a"},
		"escapes count":                           {[]string{"a", strings.Repeat("~", 99)}, "/a"},
		"a name too long alone is the whole":      {[]string{strings.Repeat("é", 100), "b"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strictjson.Pointer(tc.tokens...); got != tc.want {
				t.Errorf("Pointer(%.60q) = %.60q, want %.60q", tc.tokens, got, tc.want)
			}
		})
	}
}

func TestEscapePointer(t *testing.T) {
	for in, want := range map[string]string{"": "", "title": "title", "/": "~1", "~": "~0", "~1": "~01", "a/~b": "a~1~0b"} {
		if got := strictjson.EscapePointer(in); got != want {
			t.Errorf("EscapePointer(%q) = %q, want %q", in, got, want)
		}
	}
}
