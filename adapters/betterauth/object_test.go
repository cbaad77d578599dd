package betterauth

import (
	"strings"
	"testing"
)

func TestWhatIsNoStrictObject(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                       ``,
		"an array":                      `[]`,
		"what is not UTF-8":             "{\"a\":\"\xff\"}",
		"an object and more":            `{} {}`,
		"an object that does not end":   `{"a":1`,
		"a member without a value":      `{"a":}`,
		"a member without a colon":      `{"a" 1}`,
		"members without a comma":       `{"a":1 "b":2}`,
		"a name that is a number":       `{"a":{1:2}}`,
		"elements without a comma":      `{"a":[1 2]}`,
		"elements that do not end":      `{"a":[1`,
		"a name twice":                  `{"a":1,"a":1}`,
		"a name twice in an array":      `{"a":[{"b":1,"b":1}]}`,
		"the brackets of another":       `{"a":[1}]`,
		"a number with a leading zero":  `{"a":01}`,
		"a line break within a text":    "{\"a\":\"\n\"}",
		"a comma before the end":        `{"a":[1,]}`,
		"a comma before that of all":    `{"a":1,}`,
		"objects nested 33 deep":        strings.Repeat(`{"a":`, 32) + `{}` + strings.Repeat(`}`, 32),
		"arrays nested 32 deep in one":  `{"a":` + strings.Repeat(`[`, 32) + strings.Repeat(`]`, 32) + `}`,
		"arrays nested 40 deep in one":  `{"a":` + strings.Repeat(`[`, 40) + strings.Repeat(`]`, 40) + `}`,
		"objects nested 40 deep in one": strings.Repeat(`{"a":`, 40) + `{}` + strings.Repeat(`}`, 40),
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := parseObject([]byte(text)); ok || got != nil {
				t.Errorf("%s is read as %v, %t", text, got, ok)
			}
		})
	}
}

func TestValuesMayBeNested32Deep(t *testing.T) {
	for name, text := range map[string]string{
		"objects": strings.Repeat(`{"a":`, 31) + `{}` + strings.Repeat(`}`, 31),
		"arrays":  `{"a":` + strings.Repeat(`[`, 31) + strings.Repeat(`]`, 31) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, ok := parseObject([]byte(text)); !ok {
				t.Errorf("%s is refused", text)
			}
		})
	}
}
