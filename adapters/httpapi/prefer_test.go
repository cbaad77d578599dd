package httpapi

import "testing"

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
