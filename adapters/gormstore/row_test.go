package gormstore

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"taskhold/domain/task"
)

func TestInstantScansWhatEnginesMakeOfIt(t *testing.T) {
	want := time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)
	for name, value := range map[string]any{
		"a time":               want,
		"a time of a zone":     want.In(time.FixedZone("", 3600)),
		"microseconds of 1970": want.UnixMicro(),
	} {
		var i Instant
		if err := i.Scan(value); err != nil || i.Time != want {
			t.Errorf("%s: %v, %v; want %v", name, i.Time, err, want)
		}
	}
	i := Instant{want}
	if err := i.Scan(nil); err != nil || !i.IsZero() {
		t.Errorf("null: %v, %v; want the zero time", i.Time, err)
	}
	if err := i.Scan("2026-03-01"); !errors.Is(err, errForeign) {
		t.Errorf("a text: %v, want errForeign", err)
	}
}

func TestDateScansWhatEnginesMakeOfIt(t *testing.T) {
	want, err := task.ParseDate("2026-03-01")
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]any{
		"a text": "2026-03-01", "a time": time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
	} {
		var d Date
		if err := d.Scan(value); err != nil || d.Date != want {
			t.Errorf("%s: %v, %v; want %v", name, d.Date, err, want)
		}
	}
	d := Date{want}
	if err := d.Scan(nil); err != nil || !d.IsZero() {
		t.Errorf("null: %v, %v; want the zero date", d.Date, err)
	}
	for name, value := range map[string]any{"a number": int64(1), "another text": "1 March"} {
		if d.Scan(value) == nil {
			t.Errorf("%s is taken for a date", name)
		}
	}
}

func TestTagsComeBackAsTheyWent(t *testing.T) {
	for _, want := range [][]string{
		{}, {"a"}, {"a", "b"}, {", "}, {"[", "]"}, {`a"b`, `\`}, {"<&>", "\u00e9", "\U0001f95b"}, {`","`, "b"}, {"'", `\"`, "\\u0041"},
	} {
		text := tagsJSON(want)
		spaced := strings.ReplaceAll(text, `","`, `", "`) // as jsonb is written
		for _, value := range []any{text, []byte(text)} {
			var got tags
			if err := got.Scan(value); err != nil || !slices.Equal(got, want) || got == nil {
				t.Errorf("%q as %T came back as %q, %v", want, value, got, err)
			}
		}
		var got tags
		if err := got.Scan(spaced); !slices.Contains(want, `","`) && (err != nil || !slices.Equal(got, want)) {
			t.Errorf("%s came back as %q, %v", spaced, got, err)
		}
	}
	if text := tagsJSON(nil); text != "[]" {
		t.Errorf("no tags are written as %s", text)
	}
	var got tags
	for name, value := range map[string]any{"null": nil, "a number": int64(1), "broken JSON": `["\x"]`} {
		if got.Scan(value) == nil {
			t.Errorf("%s is taken for tags", name)
		}
	}
}

func TestRowHasAValueForEachColumn(t *testing.T) {
	written := values(task.Snapshot{})
	if columns, marks := strings.Count(Columns, ",")+1, strings.Count(Marks, "?"); len(written) != columns || len(written) != marks {
		t.Errorf("%d values, %d columns, %d marks", len(written), columns, marks)
	}
	if fields := (&row{}).fields(); len(fields) != strings.Count(seen, ",")+1 {
		t.Errorf("%d fields for %s", len(fields), seen)
	}
	if sets := strings.Count(saveTask, " = ?,") + 1; sets != len(written)-fixed {
		t.Errorf("a save sets %d columns of %d that may change", sets, len(written)-fixed)
	}
}

func TestIDThatIsNoneIsSomebodyElses(t *testing.T) {
	var id ID
	for _, value := range []any{"1", "", nil, int64(1), "00000000-0000-0000-0000-000000000000"} {
		if err := id.Scan(value); !errors.Is(err, errForeign) {
			t.Errorf("Scan(%v) = %v, want errForeign", value, err)
		}
	}
	const good = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
	if err := id.Scan(good); err != nil || id.String() != good {
		t.Errorf("Scan(%s) = %v, %v", good, id, err)
	}
}

func TestATextThatNoEngineCanHoldIsLookedForInNoTask(t *testing.T) {
	for text, want := range map[string]string{
		"milk": " AND title = ?", "\x01": " AND title = ?", "": " AND title = ?", "\x00": " AND FALSE", "mi\x00lk": " AND FALSE", "mi\xfflk": " AND FALSE",
	} {
		var c condition
		if c.having("title = ?", text); c.text() != want || len(c.args) != strings.Count(want, "?") {
			t.Errorf("%q: got %q with %q, want %q", text, c.text(), c.args, want)
		}
	}
}
