package task_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"taskhold/domain/fault"
	"taskhold/domain/task"
)

// milk is one code point of four bytes.
const milk = "\U0001f95b"

// codes returns pointer and code of each violation of err, sorted.
func codes(err error) []string {
	var (
		one  *fault.Violation
		many fault.Violations
		all  *fault.Error
	)
	switch {
	case err == nil:
		return []string{}
	case errors.As(err, &all):
		many = all.Violations
	case errors.As(err, &one):
		many = fault.Violations{*one}
	case !errors.As(err, &many):
		return []string{err.Error()}
	}
	codes := []string{}
	for _, v := range many {
		codes = append(codes, strings.TrimPrefix(v.Pointer+" "+v.Code, " "))
	}
	slices.Sort(codes)
	return codes
}

func TestParseTitle(t *testing.T) {
	for name, tc := range map[string]struct {
		in, want, code string
	}{
		"a word":                                 {in: "milk", want: "milk"},
		"one code point":                         {in: milk, want: milk},
		"200 code points of four bytes":          {in: strings.Repeat(milk, 200), want: strings.Repeat(milk, 200)},
		"201 code points":                        {in: strings.Repeat(milk, 201), code: fault.TooLong},
		"201 letters":                            {in: strings.Repeat("x", 201), code: fault.TooLong},
		"200 letters within white space":         {in: " " + strings.Repeat("x", 200) + "\t", want: strings.Repeat("x", 200)},
		"201 combining marks on a letter":        {in: "e" + strings.Repeat("\u0301", 200), code: fault.TooLong},
		"white space around is trimmed":          {in: " \t\r\nmilk\v\f ", want: "milk"},
		"Unicode white space around is trimmed":  {in: "\u00a0\u1680\u2003\u202f\u205f\u3000milk\u2009\u0085", want: "milk"},
		"line separators around are trimmed":     {in: "\u2028milk\u2029", want: "milk"},
		"white space within is kept":             {in: "oat  milk\u00a0\u2003two", want: "oat  milk\u00a0\u2003two"},
		"a zero-width space is no white space":   {in: "\u200bmilk\u200b", want: "\u200bmilk\u200b"},
		"a byte order mark is no white space":    {in: "\ufeffmilk", want: "\ufeffmilk"},
		"a zero-width space alone is not blank":  {in: "\u200b", want: "\u200b"},
		"NFC is kept":                            {in: "caf\u00e9", want: "caf\u00e9"},
		"NFD is kept":                            {in: "cafe\u0301", want: "cafe\u0301"},
		"compatibility forms are kept":           {in: "\u212b\ufb01Ｘ", want: "\u212b\ufb01Ｘ"},
		"a direction is kept":                    {in: "\u202emilk\u202c", want: "\u202emilk\u202c"},
		"a replacement character is a character": {in: "\ufffd", want: "\ufffd"},
		"noncharacters are characters":           {in: "\ufffe\U0010ffff", want: "\ufffe\U0010ffff"},
		"empty":                                  {in: "", code: fault.Blank},
		"white space alone":                      {in: " \t\n\u2003\u2028", code: fault.Blank},
		"a line feed within":                     {in: "oat\nmilk", code: fault.ControlCharacter},
		"a carriage return within":               {in: "oat\rmilk", code: fault.ControlCharacter},
		"a tab within":                           {in: "oat\tmilk", code: fault.ControlCharacter},
		"a NUL":                                  {in: "\x00", code: fault.ControlCharacter},
		"a DEL":                                  {in: "milk\x7f", code: fault.ControlCharacter},
		"an escape":                              {in: "\x1b[31mmilk", code: fault.ControlCharacter},
		"the first of C1":                        {in: "oat\u0080milk", code: fault.ControlCharacter},
		"the last of C1":                         {in: "milk\u009f", code: fault.ControlCharacter},
		"a next line within":                     {in: "oat\u0085milk", code: fault.ControlCharacter},
		"a line separator within":                {in: "oat\u2028milk", code: fault.ControlCharacter},
		"a paragraph separator within":           {in: "oat\u2029milk", code: fault.ControlCharacter},
		"a byte that is no UTF-8":                {in: "milk\xff", code: fault.InvalidFormat},
		"half a character":                       {in: milk[:3], code: fault.InvalidFormat},
		"a surrogate":                            {in: "\xed\xa0\x80", code: fault.InvalidFormat},
		"an overlong NUL":                        {in: "\xc0\x80", code: fault.InvalidFormat},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := task.ParseTitle(tc.in)
			if tc.code == "" && (err != nil || got.String() != tc.want) {
				t.Errorf("ParseTitle(%q) = %q, %v; want %q", tc.in, got, err, tc.want)
			}
			if tc.code != "" && (!slices.Equal(codes(err), []string{tc.code}) || got != task.Title{}) {
				t.Errorf("ParseTitle(%q) = %q, %v; want %s", tc.in, got, codes(err), tc.code)
			}
		})
	}
}

func TestATextThatIsTooLongSaysByHowMuch(t *testing.T) {
	_, err := task.ParseTitle(strings.Repeat(milk, 231))
	var v *fault.Violation
	if !errors.As(err, &v) || v.Params != (fault.Params{Max: 200, Actual: 231}) || !errors.Is(err, fault.Invalid) {
		t.Errorf("ParseTitle of 231 characters: %+v", err)
	}
	if v.Message != "must have at most 200 characters" {
		t.Errorf("message = %q", v.Message)
	}
}

func TestParseDescription(t *testing.T) {
	for name, tc := range map[string]struct {
		in, code string
	}{
		"none":                           {in: ""},
		"lines and tabs":                 {in: "one\n\ttwo\r\nthree\r"},
		"white space around":             {in: " \n milk \u2003"},
		"white space alone":              {in: " "},
		"line and paragraph separators":  {in: "one\u2028two\u2029three"},
		"10,000 code points":             {in: strings.Repeat(milk, 10_000)},
		"10,001 code points":             {in: strings.Repeat(milk, 10_001), code: fault.TooLong},
		"10,001 with its last line feed": {in: strings.Repeat("x", 10_000) + "\n", code: fault.TooLong},
		"NFD":                            {in: "cafe\u0301"},
		"a NUL":                          {in: "a\x00b", code: fault.ControlCharacter},
		"a vertical tab":                 {in: "a\vb", code: fault.ControlCharacter},
		"a form feed":                    {in: "a\fb", code: fault.ControlCharacter},
		"an escape":                      {in: "\x1b[0m", code: fault.ControlCharacter},
		"a DEL":                          {in: "a\x7f", code: fault.ControlCharacter},
		"a next line of C1":              {in: "a\u0085b", code: fault.ControlCharacter},
		"a byte that is no UTF-8":        {in: "\xfe", code: fault.InvalidFormat},
		"a surrogate":                    {in: "\xed\xbf\xbf", code: fault.InvalidFormat},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := task.ParseDescription(tc.in)
			if tc.code == "" && (err != nil || got.String() != tc.in) {
				t.Errorf("ParseDescription(%q) = %q, %v; want it as it is", tc.in, got, err)
			}
			if tc.code != "" && !slices.Equal(codes(err), []string{tc.code}) {
				t.Errorf("ParseDescription(%.20q) = %v; want %s", tc.in, codes(err), tc.code)
			}
		})
	}
}

// TestFold names texts that are one to a search and texts that are not.
func TestFold(t *testing.T) {
	for _, same := range [][]string{
		{"k", "K", "\u212a"},
		{"s", "S", "ſ"},
		{"å", "Å", "\u212b"},
		{"σ", "ς", "Σ"},
		{"µ", "μ", "Μ"},
		{"ß", "ẞ"},
		{"ǆ", "ǅ", "Ǆ"},
		{"ω", "Ω", "\u2126"},
		{"\U00010400", "\U00010428"},
		{"straße", "STRAẞE"},
		{"Milk 2%", "mILK 2%"},
		{"ａ", "Ａ"},
		{"ⓐ", "Ⓐ"},
	} {
		for _, text := range same {
			if task.Fold(text) != task.Fold(same[0]) {
				t.Errorf("Fold tells %q from %q", text, same[0])
			}
		}
	}
	for _, pair := range [][2]string{
		{"ß", "ss"}, {"i", "ı"}, {"i", "İ"}, {"I", "İ"}, {"é", "e"}, {"é", "e\u0301"}, {"ﬁ", "fi"}, {"ａ", "a"}, {"1", "١"}, {"a b", "a  b"}, {"", "\u200b"},
	} {
		if task.Fold(pair[0]) == task.Fold(pair[1]) {
			t.Errorf("Fold takes %q for %q", pair[0], pair[1])
		}
	}
}

func TestFoldOfARuneIsTheLeastOfItsOrbit(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		least := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			least = min(least, other)
		}
		if got := task.Fold(string(r)); got != string(least) {
			t.Fatalf("Fold(%q) = %q, want %q", r, got, least)
		}
	}
}

func FuzzParseTitle(f *testing.F) {
	for _, s := range []string{"milk", " \u2028milk\u0085", "\xff", strings.Repeat(milk, 200), "a\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		title, err := task.ParseTitle(s)
		text := title.String()
		if err != nil {
			refusedWell(t, s, err, text)
			return
		}
		if !strings.Contains(s, text) || strings.TrimSpace(s) != text || text == "" || utf8.RuneCountInString(text) > 200 || !isLine(text) {
			t.Fatalf("ParseTitle(%q) = %q", s, text)
		}
		if again, err := task.ParseTitle(text); err != nil || again != title {
			t.Fatalf("ParseTitle(%q) = %q, %v: not the same again", text, again, err)
		}
		if folded := task.Fold(text); task.Fold(folded) != folded || utf8.RuneCountInString(folded) != utf8.RuneCountInString(text) {
			t.Fatalf("Fold(%q) = %q", text, folded)
		}
	})
}

func FuzzParseDescription(f *testing.F) {
	for _, s := range []string{"", "one\r\n\ttwo", "\u0085", "\xed\xa0\x80", strings.Repeat(milk, 10_000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := task.ParseDescription(s)
		if err != nil {
			refusedWell(t, s, err, d.String())
			return
		}
		if d.String() != s || !utf8.ValidString(s) || utf8.RuneCountInString(s) > 10_000 || !isText(s) {
			t.Fatalf("ParseDescription(%q) = %q", s, d)
		}
	})
}

// refusedWell fails unless err is a fault of the input, beside a zero value,
// that says nothing of the input itself.
func refusedWell(t *testing.T, in string, err error, text string) {
	t.Helper()
	if !errors.Is(err, fault.Invalid) || text != "" {
		t.Fatalf("%q is refused with %v beside %q", in, err, text)
	}
	for _, code := range codes(err) {
		if !slices.Contains(fault.Codes(), code[strings.LastIndex(code, " ")+1:]) {
			t.Fatalf("%q is refused with the code %s", in, code)
		}
	}
}

func isLine(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Cc, r) || r == '\u2028' || r == '\u2029' })
}

func isText(s string) bool {
	return isLine(strings.NewReplacer("\t", "", "\n", "", "\r", "", "\u2028", "", "\u2029", "").Replace(s))
}
