package identity_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"taskhold/domain/fault"
	"taskhold/domain/identity"
)

func TestParseUserID(t *testing.T) {
	for name, tc := range map[string]struct {
		in string
		ok bool
	}{
		"thirty-two letters":         {"qVH4844cxu42Fczs92TAup4VlHWPGCVK", true},
		"a serial number":            {"1", true},
		"reserved characters":        {"org|usr/ü 1?%2F:0.44", true},
		"255 bytes":                  {strings.Repeat("x", 255), true},
		"256 bytes":                  {strings.Repeat("x", 256), false},
		"256 bytes of 128 runes":     {strings.Repeat("ü", 128), false},
		"empty":                      {"", false},
		"a NUL":                      {"a\x00b", false},
		"a line break":               {"a\nb", false},
		"a C1 control":               {"a\u0085b", false},
		"not UTF-8":                  {"a\xff", false},
		"white space around is kept": {" ann ", true},
	} {
		t.Run(name, func(t *testing.T) {
			id, err := identity.ParseUserID(tc.in)
			if tc.ok && (err != nil || id.String() != tc.in || id.IsZero()) {
				t.Errorf("ParseUserID(%q) = %q, %v; want it as it is", tc.in, id, err)
			}
			if !tc.ok && (!errors.Is(err, fault.Denied) || !id.IsZero()) {
				t.Errorf("ParseUserID(%q) = %q, %v; want nobody, denied", tc.in, id, err)
			}
		})
	}
}

func TestIdsThatLookAlikeAreTwoUsers(t *testing.T) {
	for _, other := range []string{"Ann", "ann ", "ａｎｎ", "ann\u200b", "а\u006en"} {
		a, _ := identity.ParseUserID("ann")
		b, err := identity.ParseUserID(other)
		if err != nil || a == b {
			t.Errorf("%q passes for %q (%v)", other, "ann", err)
		}
	}
}

func FuzzParseUserID(f *testing.F) {
	f.Add("ann")
	f.Add("\x00")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := identity.ParseUserID(s)
		if (err != nil) != id.IsZero() {
			t.Fatalf("ParseUserID(%q) = %q, %v", s, id, err)
		}
		if err == nil && (id.String() != s || !utf8.ValidString(s) || len(s) > identity.MaxUserIDLen) {
			t.Fatalf("ParseUserID(%q) accepts what cannot be stored", s)
		}
	})
}
