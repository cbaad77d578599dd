package task_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taskhold/domain/task"
)

var ones = [8]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// TestNewID has the example of RFC 9562, appendix A.6, whose random bits are
// ours where method 3 puts a fraction of the millisecond.
func TestNewID(t *testing.T) {
	at := time.UnixMilli(0x017F22E279B0).UTC()
	random := [8]byte{0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f}
	for micros, want := range map[int]string{
		0:   "017f22e2-79b0-7000-98c4-dc0c0c07398f",
		1:   "017f22e2-79b0-7004-98c4-dc0c0c07398f",
		500: "017f22e2-79b0-7800-98c4-dc0c0c07398f",
		999: "017f22e2-79b0-7ffb-98c4-dc0c0c07398f",
	} {
		if got := task.NewID(at.Add(time.Duration(micros)*time.Microsecond), random).String(); got != want {
			t.Errorf("NewID at %d µs = %s, want %s", micros, got, want)
		}
	}
	if got := task.NewID(at, [8]byte{}).String(); got != "017f22e2-79b0-7000-8000-000000000000" {
		t.Errorf("NewID of no random bits = %s", got)
	}
	if got := task.NewID(at, ones).String(); got != "017f22e2-79b0-7000-bfff-ffffffffffff" {
		t.Errorf("NewID of all random bits = %s", got)
	}
}

func TestIdsOfAMillisecondAreDistinctAndInOrder(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	before := task.NewID(start.Add(-time.Microsecond), ones)
	for micros := range 2000 {
		at := start.Add(time.Duration(micros) * time.Microsecond)
		if low := task.NewID(at, [8]byte{}); before.Compare(low) >= 0 {
			t.Fatalf("%s is not before %s", before, low)
		}
		before = task.NewID(at, ones)
	}
}

func TestIdsSortByTheirInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		micros := rapid.Int64Range(0, time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC).UnixMicro())
		random := rapid.Custom(func(t *rapid.T) (b [8]byte) {
			copy(b[:], rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "bytes"))
			return b
		})
		x, y := micros.Draw(t, "x"), micros.Draw(t, "y")
		a := task.NewID(time.UnixMicro(x), random.Draw(t, "a"))
		b := task.NewID(time.UnixMicro(y), random.Draw(t, "b"))
		if x < y && (a.Compare(b) >= 0 || b.Compare(a) <= 0 || a.String() >= b.String()) {
			t.Fatalf("%s of %d is not before %s of %d", a, x, b, y)
		}
		if parsed, err := task.ParseID(a.String()); err != nil || parsed != a || a.IsZero() || a.Compare(parsed) != 0 {
			t.Fatalf("ParseID(%s) = %s, %v", a, parsed, err)
		}
	})
}

func TestParseID(t *testing.T) {
	const good = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
	for name, tc := range map[string]struct {
		in string
		ok bool
	}{
		"of version 7":               {good, true},
		"of version 4":               {"3f1c9b52-7a0e-4d57-8c41-e6a2d90b7f18", true},
		"nil":                        {"00000000-0000-0000-0000-000000000000", false},
		"max":                        {"ffffffff-ffff-ffff-ffff-ffffffffffff", true},
		"upper case":                 {strings.ToUpper(good), false},
		"one letter upper case":      {"017f22E2-79b0-7cc3-98c4-dc0c0c07398f", false},
		"in braces":                  {"{" + good + "}", false},
		"a URN":                      {"urn:uuid:" + good, false},
		"without hyphens":            {strings.ReplaceAll(good, "-", ""), false},
		"a hyphen elsewhere":         {"017f22e-279b0-7cc3-98c4-dc0c0c07398f", false},
		"hyphens alone":              {strings.Repeat("-", 36), false},
		"one digit short":            {good[:35], false},
		"one digit long":             {good + "0", false},
		"a letter that is no digit":  {"g" + good[1:], false},
		"a digit that is not ASCII":  {"٠" + good[2:], false},
		"white space before":         {" " + good[1:], false},
		"a line feed after":          {good + "\n", false},
		"a NUL":                      {good[:35] + "\x00", false},
		"a number":                   {"1", false},
		"nothing":                    {"", false},
		"a percent sign":             {"%" + good[1:], false},
		"a quote":                    {"'" + good[1:], false},
		"a path":                     {"../../../../../../../../../etc/passwd", false},
		"underscores for hyphens":    {strings.ReplaceAll(good, "-", "_"), false},
		"a hyphen that is not ASCII": {strings.Replace(good, "-", "‐", 1), false},
	} {
		t.Run(name, func(t *testing.T) {
			id, err := task.ParseID(tc.in)
			if tc.ok && (err != nil || id.String() != tc.in || id.IsZero()) {
				t.Errorf("ParseID(%q) = %s, %v", tc.in, id, err)
			}
			if !tc.ok && (!errors.Is(err, task.ErrNotFound) || !id.IsZero()) {
				t.Errorf("ParseID(%q) = %s, %v; want it not found", tc.in, id, err)
			}
		})
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
	f.Add("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")
	form := regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	f.Fuzz(func(t *testing.T, s string) {
		id, err := task.ParseID(s)
		if (err != nil) != id.IsZero() || err != nil && !errors.Is(err, task.ErrNotFound) {
			t.Fatalf("ParseID(%q) = %s, %v", s, id, err)
		}
		if good := form.MatchString(s) && strings.Trim(s, "-0") != ""; good != (err == nil) || err == nil && id.String() != s {
			t.Fatalf("ParseID(%q) = %s, %v", s, id, err)
		}
	})
}
