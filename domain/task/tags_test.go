package task_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"taskhold/domain/fault"
	"taskhold/domain/task"
)

func tagsOf(n int) []string {
	tags := make([]string, n)
	for i := range tags {
		tags[i] = strconv.Itoa(i)
	}
	return tags
}

func TestParseTags(t *testing.T) {
	for name, tc := range map[string]struct {
		in, want, codes []string
	}{
		"none":                              {in: []string{}, want: []string{}},
		"nil":                               {in: nil, want: []string{}},
		"their order is kept":               {in: []string{"z", "a", "m"}, want: []string{"z", "a", "m"}},
		"white space around is trimmed":     {in: []string{" a\t", "\u2003b\u2028"}, want: []string{"a", "b"}},
		"white space within is kept":        {in: []string{"a  b"}, want: []string{"a  b"}},
		"those that differ by case are two": {in: []string{"home", "Home"}, want: []string{"home", "Home"}},
		"NFC and NFD are two":               {in: []string{"caf\u00e9", "cafe\u0301"}, want: []string{"caf\u00e9", "cafe\u0301"}},
		"commas, quotes and backslashes":    {in: []string{"a,b", `"`, `\`, `\n`}, want: []string{"a,b", `"`, `\`, `\n`}},
		"twenty":                            {in: tagsOf(20), want: tagsOf(20)},
		"twenty-one":                        {in: tagsOf(21), codes: []string{"TOO_MANY"}},
		"50 code points of four bytes":      {in: []string{strings.Repeat(milk, 50)}, want: []string{strings.Repeat(milk, 50)}},
		"51 code points":                    {in: []string{"a", strings.Repeat(milk, 51)}, codes: []string{"/1 TOO_LONG"}},
		"a repeated one":                    {in: []string{"a", "b", "a"}, codes: []string{"/2 DUPLICATE"}},
		"one repeated twice":                {in: []string{"a", "a", "a"}, codes: []string{"/1 DUPLICATE", "/2 DUPLICATE"}},
		"one repeated once trimmed":         {in: []string{"a", " a "}, codes: []string{"/1 DUPLICATE"}},
		"an empty one":                      {in: []string{""}, codes: []string{"/0 BLANK"}},
		"two blank ones repeat nothing":     {in: []string{" ", "\t"}, codes: []string{"/0 BLANK", "/1 BLANK"}},
		"a line feed within":                {in: []string{"a\nb"}, codes: []string{"/0 CONTROL_CHARACTER"}},
		"a line separator within":           {in: []string{"a\u2028b"}, codes: []string{"/0 CONTROL_CHARACTER"}},
		"a C1 control":                      {in: []string{"a\u0090"}, codes: []string{"/0 CONTROL_CHARACTER"}},
		"no UTF-8":                          {in: []string{"\xff"}, codes: []string{"/0 INVALID_FORMAT"}},
		"every fault is told":               {in: []string{"", "a", "a", "\x00", strings.Repeat("x", 51), "\xff"}, codes: []string{"/0 BLANK", "/2 DUPLICATE", "/3 CONTROL_CHARACTER", "/4 TOO_LONG", "/5 INVALID_FORMAT"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := task.ParseTags(tc.in)
			if tc.codes == nil && (err != nil || !slices.Equal(got.List(), tc.want) || got.List() == nil) {
				t.Errorf("ParseTags(%q) = %q, %v; want %q", tc.in, got.List(), err, tc.want)
			}
			if tc.codes != nil && (!slices.Equal(codes(err), tc.codes) || got != task.Tags{}) {
				t.Errorf("ParseTags(%q) = %q, %q; want %q", tc.in, got.List(), codes(err), tc.codes)
			}
		})
	}
}

func TestTooManyTagsSayHowMany(t *testing.T) {
	_, err := task.ParseTags(tagsOf(23))
	var v fault.Violations
	if !errors.As(err, &v) || v[0].Params != (fault.Params{Max: 20, Actual: 23}) {
		t.Errorf("ParseTags of 23: %+v", err)
	}
}

func TestTagsAreNotChangedFromOutside(t *testing.T) {
	in := []string{"a", "b"}
	tags, _ := task.ParseTags(in)
	in[0] = "x"
	tags.List()[1] = "y"
	if got := tags.List(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("the tags became %q", got)
	}
}

func TestTagsAreEqualIfTheyAreTheSameInTheSameOrder(t *testing.T) {
	parse := func(list ...string) task.Tags {
		tags, err := task.ParseTags(list)
		if err != nil {
			t.Fatal(err)
		}
		return tags
	}
	if parse("a", "b") != parse(" a", "b ") {
		t.Error("tags differ by what was trimmed")
	}
	if parse("a", "b") == parse("b", "a") || parse("a", "b") == parse("ab") || parse() == parse("a") {
		t.Error("tags that differ are equal")
	}
}

func FuzzParseTags(f *testing.F) {
	f.Add("home", " money ", "home")
	f.Add("a\nb", "\u2028", strings.Repeat(milk, 50))
	f.Fuzz(func(t *testing.T, a, b, c string) {
		in := []string{a, b, c}
		tags, err := task.ParseTags(in)
		list := tags.List()
		if err != nil {
			refusedWell(t, a+b+c, err, strings.Join(list, ""))
			return
		}
		for i, tag := range list {
			if strings.TrimSpace(in[i]) != tag || tag == "" || utf8.RuneCountInString(tag) > 50 || !isLine(tag) || slices.Contains(list[:i], tag) {
				t.Fatalf("ParseTags(%q) = %q", in, list)
			}
		}
		if again, err := task.ParseTags(list); err != nil || again != tags || len(list) != 3 {
			t.Fatalf("ParseTags(%q) = %q, %v: not the same again", in, again, err)
		}
	})
}
