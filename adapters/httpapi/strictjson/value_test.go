package strictjson_test

import (
	"slices"
	"strings"
	"testing"

	"taskhold/adapters/httpapi/strictjson"
)

func TestKindsAndContents(t *testing.T) {
	type content struct {
		kind   strictjson.Kind
		bool   bool
		string string
		number string
		length int
	}
	for body, want := range map[string]content{
		`null`:                  {kind: strictjson.Null},
		` true`:                 {kind: strictjson.Bool, bool: true},
		`false`:                 {kind: strictjson.Bool},
		`-1.50E+1 `:             {kind: strictjson.Number, number: "-1.50E+1"},
		`"t\u0000\ud83d\ude00"`: {kind: strictjson.String, string: "t\x00\U0001f600"},
		`"true"`:                {kind: strictjson.String, string: "true"},
		`[1,[2,3]]`:             {kind: strictjson.Array, length: 2},
		`{"a":{"b":1}}`:         {kind: strictjson.Object, length: 1},
		`[]`:                    {kind: strictjson.Array},
	} {
		v := parse(t, body)
		if got := (content{v.Kind(), v.Bool(), v.String(), v.Number(), v.Len()}); got != want {
			t.Errorf("%s: got %+v, want %+v", body, got, want)
		}
		if got, want := string(v.Raw()), strings.TrimSpace(body); got != want {
			t.Errorf("%s: Raw() = %q, want %q", body, got, want)
		}
	}
}

func TestTheZeroValueIsNull(t *testing.T) {
	var v strictjson.Value
	if v.Kind() != strictjson.Null || v.Bool() || v.String() != "" || v.Number() != "" || v.Len() != 0 || v.Raw() != nil {
		t.Errorf("the zero Value has content: %q", v.Raw())
	}
	if _, ok := v.Int(); ok {
		t.Error("the zero Value is an integer")
	}
	if _, ok := v.Get(""); ok {
		t.Error("the zero Value has a member")
	}
	for range v.Elements() {
		t.Error("the zero Value has an element")
	}
	if got := string(strictjson.Canonical(v)); got != "null" {
		t.Errorf("Canonical = %s, want null", got)
	}
}

func TestInt(t *testing.T) {
	for name, tc := range map[string]struct {
		literals []string
		want     int64
		ok       bool
	}{
		"an integer is read as it stands":                {[]string{"12"}, 12, true},
		"spelling does not matter":                       {[]string{"1", "1.0", "10e-1", "0.1e1", "1e0", "1E+00", "1.000", "1000e-3", "0.00001e5"}, 1, true},
		"an exponent makes a large one":                  {[]string{"100", "1e2", "1.0e2", "0.1e3", "100.0"}, 100, true},
		"a negative one keeps its sign":                  {[]string{"-7", "-7.0", "-70e-1", "-0.7e1"}, -7, true},
		"zero has no sign and no size":                   {[]string{"0", "-0", "0.0", "-0.0", "0e999999", "0e-999999", "-0.000e5"}, 0, true},
		"53 bits are no limit":                           {[]string{"9007199254740993", "9007199254740993.0", "9007199254740.993e3"}, 9007199254740993, true},
		"the largest fits":                               {[]string{"9223372036854775807", "9223372036854775807.0", "9.223372036854775807e18", "9223372036854775807000e-3"}, 1<<63 - 1, true},
		"the smallest fits":                              {[]string{"-9223372036854775808", "-9223372036854775808.0", "-922337203685477580.8e1"}, -1 << 63, true},
		"one more than the largest is none":              {[]string{"9223372036854775808", "9223372036854775808.0", "9.223372036854775808e18", "1e19", "1e20"}, 0, false},
		"one less than the smallest is none":             {[]string{"-9223372036854775809", "-9223372036854775809.0", "-1e19"}, 0, false},
		"a fraction is none":                             {[]string{"1.5", "15e-1", "0.1", "-0.5", "1e-1", "1e-999999", "9223372036854775807.5"}, 0, false},
		"a huge exponent is none and is not written out": {[]string{"1e999999", "1e999999999999999", "-1e999999", "123456789e999999"}, 0, false},
		"a huge literal is none":                         {[]string{strings.Repeat("9", 1000), "1" + strings.Repeat("0", 100_000)}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, literal := range tc.literals {
				got, ok := parse(t, literal).Int()
				if ok != tc.ok || ok && got != tc.want {
					t.Errorf("Int of %.40s = %d, %v; want %d, %v", literal, got, ok, tc.want, tc.ok)
				}
			}
		})
	}
}

func TestIntOfAnotherKindIsNone(t *testing.T) {
	for _, body := range []string{`"1"`, `true`, `null`, `[1]`, `{}`, `""`} {
		if n, ok := parse(t, body).Int(); ok {
			t.Errorf("Int of %s = %d, want none", body, n)
		}
	}
}

func TestElementsComeInOrder(t *testing.T) {
	var got []string
	for i, element := range parse(t, `[1,[2,[3]],{"a":[4]},"5"]`).Elements() {
		if i != len(got) {
			t.Errorf("index %d after %d elements", i, len(got))
		}
		got = append(got, string(element.Raw()))
	}
	if want := []string{"1", "[2,[3]]", `{"a":[4]}`, `"5"`}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMembersComeInTheOrderOfTheBody(t *testing.T) {
	var got []string
	for name, value := range parse(t, `{"z":1,"\u0061":{"x":[1,{}]},"":null,"m":"n"}`).Members() {
		got = append(got, name+"="+string(value.Raw()))
	}
	if want := []string{"z=1", `a={"x":[1,{}]}`, "=null", `m="n"`}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAWalkMayStopEarly(t *testing.T) {
	for range parse(t, `[1,2]`).Elements() {
		break
	}
	for range parse(t, `{"a":1,"b":2}`).Members() {
		break
	}
}

func TestOnlyTheRightKindIsWalked(t *testing.T) {
	for range parse(t, `{"a":1}`).Elements() {
		t.Error("an object has elements")
	}
	for range parse(t, `["a",1]`).Members() {
		t.Error("an array has members")
	}
}

func TestGet(t *testing.T) {
	object := parse(t, `{"a":{"hidden":1},"user\u005fid":2,"c":null}`)
	for name, want := range map[string]string{"a": `{"hidden":1}`, "user_id": "2", "c": "null"} {
		if v, ok := object.Get(name); !ok || string(v.Raw()) != want {
			t.Errorf("Get(%q) = %s, %v; want %s", name, v.Raw(), ok, want)
		}
	}
	for _, name := range []string{"hidden", "USER_ID", "A", "", "2"} {
		if v, ok := object.Get(name); ok {
			t.Errorf("Get(%q) = %s, want none", name, v.Raw())
		}
	}
}

func TestRawIsACopy(t *testing.T) {
	v := parse(t, `["milk"]`)
	v.Raw()[2] = 'X'
	if got := string(v.Raw()); got != `["milk"]` {
		t.Errorf("Raw() = %s after the last copy was changed", got)
	}
}
