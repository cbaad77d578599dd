package httpapi

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestACountIsWantedByOnePreferenceAlone(t *testing.T) {
	for prefer, want := range map[string]bool{
		"":                                  false,
		"count=exact":                       true,
		`count="exact"`:                     true,
		"Count = exact":                     true,
		"count=exact; of=tasks":             true,
		"respond-async, count=exact":        true,
		`foo="a, b"; c="d, e", count=exact`: true,
		"count=none":                        false,
		"count":                             false,
		"counts=exact":                      false,
		"count=none, count=exact":           false,
		"count=exact, count=none":           true,
		`foo="a, count=exact"`:              false,
		`foo="\", count=exact`:              false,
		`foo; bar="; count=exact"`:          false,
		`count=exact"`:                      false,
		`count="exact`:                      false,
		`"count"=exact`:                     false,
	} {
		if got := wantsCount(prefer); got != want {
			t.Errorf("Prefer: %s: %t, want %t", prefer, got, want)
		}
	}
}

// A list of preferences by RFC 7240, 2, and RFC 9110, 5.6: each a name, what it
// is, and parameters.
var (
	word        = `(?:[!#$%&'*+.^_|~0-9A-Za-z-]+|"(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\["\\])*")`
	preference  = `([!#$%&'*+.^_|~0-9A-Za-z-]+)(?:[ \t]*=[ \t]*(` + word + `))?(?:[ \t]*;[ \t]*(?:[!#$%&'*+.^_|~0-9A-Za-z-]+(?:[ \t]*=[ \t]*` + word + `)?)?)*`
	preferences = regexp.MustCompile(`^[ \t,]*(?:` + preference + `[ \t]*(?:,[ \t,]*|$))*$`)
	onePrefer   = regexp.MustCompile(preference + `[ \t]*(?:,[ \t,]*|$)`)
)

func FuzzPrefer(f *testing.F) {
	for _, s := range []string{
		"", "count=exact", `count="exact"`, "Count = exact", "a;b=c, count=exact;d", `foo="a, count=exact"`, "count=none, count=exact", `count="\"", count=exact`, "count=exact=exact", ",,count=exact", `x="`, "count=\"exact\"x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, prefer string) {
		got := wantsCount(prefer)
		if got && !strings.Contains(strings.ToLower(prefer), "count") {
			t.Fatalf("Prefer: %q wants a count", prefer)
		}
		if !preferences.MatchString(prefer) || !utf8.ValidString(prefer) {
			return // of what is no list of preferences nothing need be understood
		}
		want := false
		for _, found := range onePrefer.FindAllStringSubmatch(prefer, -1) {
			if strings.EqualFold(found[1], "count") {
				want = found[2] == "exact" || found[2] == `"exact"`
				break
			}
		}
		if got != want {
			t.Errorf("Prefer: %q wants a count: %v", prefer, got)
		}
	})
}
