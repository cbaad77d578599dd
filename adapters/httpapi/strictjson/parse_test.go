package strictjson_test

import (
	"encoding/json"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"taskhold/adapters/httpapi/strictjson"
)

var limits = strictjson.Limits{Depth: 16}

func parse(t *testing.T, body string) strictjson.Value {
	t.Helper()
	v, bad := strictjson.Parse([]byte(body), limits)
	if bad != nil {
		t.Fatalf("Parse(%.80q) = %+v, want a value", body, *bad)
	}
	return v
}

func refusal(t *testing.T, body string) strictjson.SyntaxError {
	t.Helper()
	v, bad := strictjson.Parse([]byte(body), limits)
	if bad == nil {
		t.Fatalf("Parse(%.80q) is a value of kind %d, want a refusal", body, v.Kind())
	}
	if v != (strictjson.Value{}) {
		t.Errorf("Parse(%.80q) gives a value with its refusal", body)
	}
	return *bad
}

// The tables follow the cases of JSONTestSuite (github.com/nst/JSONTestSuite): its y_ are here, its n_
// next, and its i_, with the y_ that are decided otherwise, in TestWhatTheGrammarLeavesOpen.
func TestWhatTheGrammarAllowsIsRead(t *testing.T) {
	for name, bodies := range map[string][]string{
		"every type may stand alone":               {`null`, `true`, `false`, `0`, `-1`, `""`, `"a"`, `[]`, `{}`, `42`, `-0.1`},
		"white space surrounds every token":        {" \t\r\n[\n1 ,\t2\r] ", `{ "a" : 1 , "b" : [ ] } `, ` {} `, "[]\n", " 1 ", "\"\" "},
		"an array mixes types":                     {`[null, 1, "1", {}]`, `[[],[[]]]`, `[""]`, `[1,null,null,null,2]`, `[false]`, `[true]`},
		"a number has fraction and exponent":       {`0.5`, `123e65`, `0e+1`, `0e1`, `0E0`, `1E22`, `1E-2`, `1E+2`, `123.456e78`, `1.5E+9`, `20e1`},
		"a number may be zero with a sign":         {`-0`, `-0.0`, `[-0]`, `0.0`, `-0e-1`, `0e0001`},
		"a number may be tiny or long":             {`-0.000000000000000000000000000000000000000000000000000000000000000000000000000000000000001`, `123456789012345678901234567890`},
		"an exponent may begin with zeros":         {`1e00000000000000000000000000000000002`, `1e-0000`},
		"every escape of one letter is read":       {`"\"\\\/\b\f\n\r\t"`, `"a\/b"`},
		"a code unit is escaped in either case":    {`"\u0060\u012a\u12AB\u00e9"`, `"\uFFFF"`, `"\u0000"`, `"\u0022\u005C"`, `"\u2028\u2029"`},
		"two halves of a surrogate pair are one":   {`"\uD801\udc37"`, `"\ud83d\ude39\ud83d\udc8d"`, `"\uDBFF\uDFFE"`, `"\uD834\uDd1e"`},
		"an escaped backslash hides no escape":     {`"\\u0000"`, `"\\uD800"`, `"\\n"`, `"\\a"`, `"\\\\"`},
		"text of all planes stands unescaped":      {"\"\u20ac\U0001d11e\"", "\"\U0010ffff\"", "\"\ufdd0\"", "\"\ufffd\"", "\"\u2028\"", "\"\u007f\"", "\"\u00a0\""},
		"an object has empty and escaped names":    {`{"":0}`, `{"foo\u0000bar": 42}`, `{"\u00e9":1}`, `{"a":[]}`, `{"a":{"a":{"a":1}}}`},
		"a comment inside a string is text":        {`["a/*b*/c/*d//e"]`},
		"a mark within the text is no byte order":  {"\"\ufeff\"", "[\"a\ufeff\"]"},
		"one name serves several objects":          {`[{"a":1},{"a":1}]`, `{"a":{"b":1},"b":{"a":1}}`},
		"names that differ in case are different":  {`{"a":1,"A":2}`, `{"user_id":1,"USER_ID":2,"u\u017fer_id":3}`},
		"names that look alike are different":      {"{\"\u00e9\":1,\"e\u0301\":2}", `{"a":1,"a ":2}`},
		"sixteen levels of nesting may be reached": {strings.Repeat("[", 16) + strings.Repeat("]", 16), strings.Repeat(`{"a":`, 16) + "1" + strings.Repeat("}", 16)},
	} {
		t.Run(name, func(t *testing.T) {
			for _, body := range bodies {
				parse(t, body)
				if !json.Valid([]byte(body)) {
					t.Errorf("encoding/json refuses %q: the table is wrong", body)
				}
			}
		})
	}
}

func TestWhatTheGrammarForbidsIsRefused(t *testing.T) {
	for reason, bodies := range map[string][]string{
		"the body is empty": {``, ` `, "\n\t\r "},
		"the body ends before its value does": {
			`[`, `{`, `[1`, `[1,`, `["a"`, `["a`, `["a",`, `[[`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `"`, `"abc`,
			`["asd]`, `[{}`, "[\n1,\n1\n,1", `[1,[2]`, `{"a":{}`, `"a\n`,
		},
		"more text follows the value": {
			`[]]`, `{}}`, `1 2`, `[1]x`, `[][]`, `""x`, `{"a":1}{"a":1}`, `{"a":1}#`, `{"a":1}/**/`, `{}//`, `null,`, "1\x00", "true\v",
			`2@`, `[1]/`, `truefalse`, `nullx`,
		},
		"a value is expected": {
			`[,1]`, `[1,,2]`, `[,]`, `{"a":}`, `{"a":,"b":1}`, `*`, `]`, `}`, `,`, `:`, `/`, `<null>`, `<.>`, `NaN`, `[Inf]`, `+1`, `.5`, `+Inf`,
			`Infinity`, `undefined`, `'a'`, "\v1", "\f[]", "\x00", "[\u2060]", "\u00a01", "\u00e5", `tru`, `nul`, `[fals]`, `[True]`, `[nULL]`, `FALSE`, `\u000A""`,
			`[\n]`, `["a", \n]`, `{"a":'b'}`, `(1)`, `#`, `{"a": "b", "c": /*x*/ 1}`, `[*]`, `[-1, x]`, "\u2028[]",
		},
		"a comma stands before a closing bracket":    {`[1,]`, `["",]`, `{"a":1,}`, `{"id":0 , }`, `[[1,],2]`},
		"a comma or the closing bracket is missing":  {`[1 2]`, `["a" "b"]`, `["x"}`, `{"a":1]`, `{"a":1 "b":2}`, `[1:2]`, `["":1]`, `[1 true]`, `{"a":1;"b":2}`, "[1\x00]", "[\"a\"\v]", "[1\u00a0]", `{"a":"b"#}`, `{"a":true false}`, `[3[4]]`, "[1\x0c]"},
		"a colon is missing after a member name":     {`{"a" 1}`, `{"a","b"}`, `{"a"}`, `{"a"=1}`, `{"a";1}`, `{"a" b}`, `{"a"]`},
		"a member name in double quotes is expected": {`{a:1}`, `{'a':1}`, `{1:1}`, `{null:null}`, `{,"a":1}`, `{"a":1,,"b":2}`, `{[: "x"}`, `{:1}`, `{{}}`, `{"a":1,b:2}`, `{/**/}`, `{\u0022a":1}`, "{\u00e5:1}"},
		"a number is not written as JSON has it":     {`01`, `-01`, `-012`, `[00]`, `1.`, `-`, `-a`, `[-]`, `--1`, `-.5`, `-Infinity`, `-NaN`, `2.e3`, `0.e1`, `1.e`, `0e`, `0e+`, `1E`, `1e+`, `1eE2`, `1e2.3`, `1.2.3`, `9.e+`, `1+2`, `0E+-1`, `[1.80116.]`, `1e--1`, `-0.`, `1e1e1`, `- 1`, `-2.`, `0.3e+`, `012.3`, `1.a`, `-foo`},
		"a control character stands in a string":     {"\"a\x00b\"", "\"\n\"", "\"\t\"", "\"\x1f\"", "{\"a\r\":1}", "[\"new\nline\"]", "\"\\n\x01\""},
		"a backslash begins no escape of JSON":       {`"\a"`, `"\x41"`, `"\'"`, `"\ "`, `"\0"`, `"\u"`, `"\u1"`, `"\u12G4"`, `"\u+123"`, `"\u1_23"`, `"\U0041"`, `"\u00A`, `"\`, "\"\\\x00\"", "\"\\\u00e5\"", "\"\\\xe5\"", `{"\q":1}`, `"\u 123"`, `"\u-001"`, `"\B"`},
	} {
		t.Run(reason, func(t *testing.T) {
			for _, body := range bodies {
				if bad := refusal(t, body); bad.Reason != reason {
					t.Errorf("Parse(%q) is refused since %q, want %q", body, bad.Reason, reason)
				}
				if json.Valid([]byte(body)) {
					t.Errorf("encoding/json reads %q: the table is wrong", body)
				}
			}
		})
	}
}

// What JSONTestSuite leaves open (i_), and the one thing (y_object_duplicated_key) decided against it.
func TestWhatTheGrammarLeavesOpen(t *testing.T) {
	const read = ""
	for reason, bodies := range map[string][]string{
		read: {
			`123.456e-789`, `-1e+9999`, `1.5e+9999`, `-123123e100000`, `123e-10000000`, `1e999999`, `1e999999999999999`, `1e-999999999999999`, `1.5e-999999999999999`,
			`-123123123123123123123123123123`, `100000000000000000000`, `9007199254740993`, `-0`, `0e99999999999999999999999999`, `0.0e-99999999999999999999`,
		},
		"a number is beyond all bounds": {
			`0.4e00669999999999999999999999999999999999999999999999999999999999999999999969999999006`, `1e1000000000000000`, `-1e1000000000000000`,
			`10e999999999999999`, `15e999999999999999`, `0.01e-9223372036854775808`, `1000e9223372036854775807`, `1e-1000000000000000`, `0.1e-999999999999999`, `[1E+99999999999999999999]`, `1e9223372036854775808`, `1e-9223372036854775809`,
		},
		"an escaped surrogate stands without its other half": {
			`"\ud800"`, `"\uDADA"`, `"\uD888\u1234"`, `"\uD800\n"`, `"\uDd1ea"`, `"\uD800\uD800\n"`, `"\ud800abc"`,
			`"\uDd1e\uD834"`, `"\uDFAA"`, `"\uD800\u"`, `"\uD800\uDC"`, `{"\uDFAA":0}`, `"\uD800`, `"\uD83D\\uDE00"`, `"\uD83D\ude0g"`, `"a\uDE00\uD83D"`,
		},
		"the body is not valid UTF-8": {
			"\"\xff\"", "\"\xe9\"", "\"\x81\"", "\"\xf4\xbf\xbf\xbf\"", "\"\xc0\xaf\"", "\"\xc0\x80\"", "\"\xfc\x83\xbf\xbf\xbf\xbf\"", "\"\xe0\xff\"",
			"\"\u65e5\u0448\xfa\"", "\"\xed\xa0\x80\"", "\"\xed\xa0\xbd\xed\xb8\x80\"", "\"\xe2\x82", "{\"\xff\":1}", "\xff\xfe[\x00]\x00", "\xe5", "[1\xff]", "[1]\xff", "{\"a\"\xff:1}", "\"\\n\xff\"",
		},
		"a byte order mark stands before the value": {"\ufeff{}", "\ufeff", "\ufeff\ufeff1"},
		"a value is expected":                       {"\x00[\x00\"\x00\xe9\x00\"\x00]"}, // UTF-16
		"a member name occurs twice": {
			`{"a":"b","a":"c"}`, `{"a":1,"a":1}`, `{"a":1,"\u0061":1}`, `{"\u0061":1,"a":1}`, `{"":1,"":2}`, `[{"x":{"a":1,"b":2,"a":3}}]`,
			`{"a/b":1,"a\/b":2}`, "{\"\U0001f600\":1,\"\\ud83d\\ude00\":2}", `{"a":{"b":[1,{}]},"c":[[]],"a":1}`,
		},
		"values are nested too deep": {
			strings.Repeat("[", 17) + strings.Repeat("]", 17), strings.Repeat("[", 500) + strings.Repeat("]", 500),
			strings.Repeat("[", 100_000), strings.Repeat(`{"a":`, 100_000), strings.Repeat(`[{"a":`, 100_000), strings.Repeat("[", 16) + "{}" + strings.Repeat("]", 16),
		},
	} {
		t.Run("reason "+reason, func(t *testing.T) {
			for _, body := range bodies {
				got := ""
				if _, bad := strictjson.Parse([]byte(body), limits); bad != nil {
					got = bad.Reason
				}
				if got != reason {
					t.Errorf("Parse(%.80q) is refused since %q, want %q", body, got, reason)
				}
			}
		})
	}
}

func TestARefusalSaysWhere(t *testing.T) {
	for name, tc := range map[string]struct {
		body, pointer string
		offset        int
	}{
		"the whole when nothing was begun":               {` `, "", 1},
		"the whole when more follows":                    {`{"a":1} x`, "", 8},
		"the member whose value is wrong":                {`{"a":1,"b":tru}`, "/b", 11},
		"the member whose value is missing":              {`{"a":}`, "/a", 5},
		"the member that is repeated, at its name":       {`{"a":{"b":1,"b":2}}`, "/a/b", 12},
		"the element that is wrong":                      {`{"tags":["x",'y']}`, "/tags/1", 13},
		"the string that is no UTF-8, at the byte":       {"{\"a\":\"xy\xff\"}", "/a", 8},
		"the string with half a pair, at the escape":     {`["ab\ud800"]`, "/0", 4},
		"the object whose name cannot be read":           {`{"a":{"\ud800":1}}`, "/a", 7},
		"the object that is not closed":                  {`{"a":{"b":1`, "/a", 11},
		"the array that is closed by the wrong bracket":  {`{"a":[1}}`, "/a", 7},
		"the array with a comma at its end":              {`{"a":[1,]}`, "/a", 8},
		"the member without a colon":                     {`{"a" 1}`, "/a", 5},
		"the number, at its first byte":                  {`[0, 01]`, "/1", 4},
		"the first value that is too deep":               {`{"a":` + strings.Repeat("[", 16), "/a" + strings.Repeat("/0", 15), 20},
		"a name decoded and escaped as a token":          {`{"a\u002fb":{"~":x}}`, "/a~1b/~0", 17},
		"an empty name as an empty token":                {`{"":x}`, "/", 4},
		"the ancestor when a name is too long to repeat": {`{"a":{"` + strings.Repeat("x", 300) + `":x}}`, "/a", 309},
	} {
		t.Run(name, func(t *testing.T) {
			if bad := refusal(t, tc.body); bad.Pointer != tc.pointer || bad.Offset != tc.offset {
				t.Errorf("Parse(%q) fails at %q, offset %d; want %q, %d", tc.body, bad.Pointer, bad.Offset, tc.pointer, tc.offset)
			}
		})
	}
}

func TestARefusalRepeatsNoContent(t *testing.T) {
	for _, body := range []string{`{"a":"secret" secret}`, `["secret\q"]`, `secret`, `[1, secret]`, `{"a":1}secret`, "\"secret\xff\"", `{"a":"secret\ud800"}`} {
		if bad := refusal(t, body); strings.Contains(bad.Pointer+bad.Reason, "secret") {
			t.Errorf("Parse(%q) = %+v repeats the body", body, bad)
		}
	}
}

func TestDepthIsCountedFromTheTop(t *testing.T) {
	for body, depth := range map[string]int{`1`: 0, `{}`: 1, `[]`: 1, `[1,[],{}]`: 2, `{"a":[],"b":{"c":[0]}}`: 3} {
		if _, bad := strictjson.Parse([]byte(body), strictjson.Limits{Depth: depth}); bad != nil {
			t.Errorf("Parse(%q) at depth %d = %+v", body, depth, *bad)
		}
		if _, bad := strictjson.Parse([]byte(body), strictjson.Limits{Depth: depth - 1}); bad == nil && depth > 0 {
			t.Errorf("Parse(%q) at depth %d is a value", body, depth-1)
		}
	}
}

func TestARepeatedNameIsFoundAmongMany(t *testing.T) {
	var members []string
	for i := range 40 {
		members = append(members, `"n`+strings.Repeat("x", i)+`":{"n":[]}`)
	}
	parse(t, "{"+strings.Join(members, ",")+"}")
	for i := range members {
		for j := range i {
			repeated := append(append([]string{}, members[:i]...), members[j])
			bad := refusal(t, "{"+strings.Join(append(repeated, members[i:]...), ",")+"}")
			if want := "/n" + strings.Repeat("x", j); bad.Reason != "a member name occurs twice" || bad.Pointer != want {
				t.Fatalf("member %d repeated at %d: %+v, want %q", j, i, bad, want)
			}
		}
	}
}

func TestABodyOfMoreThanAGibibyteIsRefusedUnread(t *testing.T) {
	_, bad := strictjson.Parse(make([]byte, 1<<30+1), limits) // never touched, so never backed by memory
	if bad == nil || bad.Reason != "the body is too large" {
		t.Errorf("Parse = %+v, want a refusal", bad)
	}
}

func TestTheValueOutlivesTheBodysMemory(t *testing.T) {
	body := []byte(`{"title":"milk","n\u0061me":"br\u0065ad","n":12}`)
	v, bad := strictjson.Parse(body, limits)
	if bad != nil {
		t.Fatal(*bad)
	}
	for i := range body {
		body[i] = '!'
	}
	if got, want := string(strictjson.Canonical(v)), `{"n":12,"name":"bread","title":"milk"}`; got != want {
		t.Errorf("after the body was overwritten the value is %s, want %s", got, want)
	}
}

func hostile(size int) map[string]string {
	fill := func(head, item string) string { return head + strings.Repeat(item, (size-len(head))/len(item)) }
	var names strings.Builder
	names.WriteByte('{')
	for i := 0; names.Len() < 4*size; i++ { // as many as a batch may hold
		names.WriteString(`"` + strconv.Itoa(i) + `":1,`)
	}
	return map[string]string{
		"brackets":           fill("", "["),
		"braces":             fill("", `{"a":`),
		"distinct names":     names.String() + `"end":1}`,
		"small elements":     fill("[", "1,") + "1]",
		"empty objects":      fill("[", "{},") + "1]",
		"escapes":            fill(`"`, `\n`) + `"`,
		"escaped strings":    fill("[", `"\n",`) + "1]",
		"surrogate pairs":    fill(`"`, `\ud83d\ude00`) + `"`,
		"one long string":    fill(`"`, "x") + `"`,
		"text beyond ASCII":  fill(`"`, "\u65e5") + `"`,
		"one long number":    fill("", "9"),
		"long exponents":     fill("[", "1e"+strings.Repeat("0", 500)+"1,") + "1]",
		"huge exponents":     fill("[", "1e999999999,") + "1]",
		"fractions":          fill("[", "1.0e1,") + "1]",
		"white space":        fill("", " ") + "1",
		"long repeated name": `{"` + fill("", "a")[size/2:] + `":1,"` + fill("", "a")[size/2:] + `":1}`,
	}
}

// The time is measured against encoding/json's, on the same machine at the same moment: a quadratic search
// for names would take a hundred times as long.
func TestAHostileBodyCostsNoMoreThanItsSize(t *testing.T) {
	const memoryPerByte = 80
	for name, body := range hostile(256 << 10) {
		t.Run(name+" stay cheap", func(t *testing.T) {
			start := time.Now()
			var ignored any
			_ = json.Unmarshal([]byte(body), &ignored)
			limit := 10*time.Since(start) + time.Second

			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start = time.Now()
			if v, bad := strictjson.Parse([]byte(body), limits); bad == nil {
				strictjson.Canonical(v)
			}
			elapsed := time.Since(start)
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > uint64(memoryPerByte*len(body)) || elapsed > limit {
				t.Errorf("%d bytes took %d bytes of memory and %v of %v", len(body), used, elapsed, limit)
			}
		})
	}
}
