package httpapi

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"taskhold/domain/identity"
	"taskhold/domain/task"
)

// shown is a task as encoding/json reads it.
type shown struct {
	ID          string   `json:"id"`
	User        string   `json:"user_id"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Completed   bool     `json:"completed"`
	CompletedAt *string  `json:"completed_at"`
	Priority    string   `json:"priority"`
	DueDate     *string  `json:"due_date"`
	DueAt       *string  `json:"due_at"`
	Tags        []string `json:"tags"`
	Version     int64    `json:"version"`
	CreatedAt   string   `json:"created_at"`
	UpdatedAt   string   `json:"updated_at"`
}

// instant is some instant of the years 1 to 9999.
func instant(n int64) time.Time {
	const first, last = -62135596800000000 + 1, 253402300799999999 // microseconds
	return time.UnixMicro(first + int64(uint64(n)%uint64(last-first))).UTC()
}

func optional(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.Format("2006-01-02T15:04:05.000000Z")
	return &text
}

// drawn is a task of which tests draw the parts.
type drawn struct {
	title, description, user string
	tags                     []string
	priority                 uint8
	created, updated, due    int64
	done, dated, timed       bool
	version                  int64
}

// task returns the task, and how it has to be shown.
func (d drawn) task(owner identity.UserID) (task.Snapshot, shown) {
	s := task.Snapshot{
		ID: task.NewID(instant(d.created), [8]byte{1}), User: owner, Title: d.title, Description: d.description, Priority: task.Priority(d.priority % 4),
		Tags: slices.Clone(d.tags), Created: instant(d.created), Updated: instant(d.updated), Version: d.version,
	}
	want := shown{
		ID: s.ID.String(), User: owner.String(), Title: d.title, Description: d.description, Priority: []string{"none", "low", "medium", "high"}[d.priority%4],
		Tags: append([]string{}, d.tags...), Version: d.version, CreatedAt: *optional(s.Created), UpdatedAt: *optional(s.Updated),
	}
	if d.done {
		s.Completed, want.Completed, want.CompletedAt = instant(d.updated), true, optional(instant(d.updated))
	}
	switch {
	case d.dated:
		date := instant(d.due).Format(time.DateOnly)
		s.Due, want.DueDate = task.DueOn(task.DateOf(instant(d.due))), &date
	case d.timed:
		s.Due, want.DueAt = task.DueAt(instant(d.due)), optional(instant(d.due))
	}
	return s, want
}

// isShown compares what is appended for a task with what encoding/json makes of
// it, byte for byte; but encoding/json escapes two line ends that JSON does not.
func (d drawn) isShown(t *testing.T) {
	t.Helper()
	owner, err := identity.ParseUserID("u" + strings.ToValidUTF8(strings.Map(visible, d.user), "?"))
	if err != nil {
		return
	}
	s, shown := d.task(owner)
	var want bytes.Buffer
	encoder := json.NewEncoder(&want)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(shown); err != nil {
		t.Fatal(err)
	}
	got := string(appendTask([]byte("before"), &s))
	lineEnds := strings.NewReplacer(`\\`, `\\`, `\u2028`, "\u2028", `\u2029`, "\u2029")
	if got != "before"+strings.TrimSuffix(lineEnds.Replace(want.String()), "\n") {
		t.Errorf("got  %s\nwant %s", got, want.String())
	}
}

func TestATaskIsShownAsEncodingJSONWouldShowIt(t *testing.T) {
	shows := func(title, description, user string, tags []string, priority uint8, created, updated, due int64, done, dated, timed bool, version int64) bool {
		drawn{title, description, user, tags, priority, created, updated, due, done, dated, timed, version}.isShown(t)
		return !t.Failed()
	}
	if err := quick.Check(shows, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}

func FuzzAppendTask(f *testing.F) {
	f.Add("Buy milk", "at \"the\" shop\\\n", "ann", "home", uint8(1), int64(1), int64(2), int64(3), true, true, false, int64(1))
	f.Add("\u2028\u2029<&>\x7f", "\x00\x1f\b\f\t", "\u00e9", `\u2028`, uint8(3), int64(-1), int64(0), int64(1)<<62, false, false, true, int64(1)<<62)
	f.Fuzz(func(t *testing.T, title, description, user, tag string, priority uint8, created, updated, due int64, done, dated, timed bool, version int64) {
		for _, text := range []*string{&title, &description, &tag} {
			*text = strings.ToValidUTF8(*text, "?") // as every text of a task is
		}
		drawn{title, description, user, []string{tag, title}, priority, created, updated, due, done, dated, timed, version}.isShown(t)
	})
}

// visible leaves control characters out.
func visible(r rune) rune {
	if r < ' ' || r >= 0x7f && r <= 0x9f {
		return -1
	}
	return r
}

func TestTextThatCouldBreakOutIsShownAsText(t *testing.T) {
	for _, text := range []string{"\"", "\\", "\n\r\t\b\f", "\x00\x1f", "\u2028\u2029", "</script>", "🙂", "\x7f\u0080"} {
		var got struct{ Title string }
		if err := json.Unmarshal(appendTask(nil, &task.Snapshot{Title: text}), &got); err != nil || got.Title != text {
			t.Errorf("%q is shown as %q: %v", text, got.Title, err)
		}
	}
}

func TestTheTagsOfATaskAreNeverNull(t *testing.T) {
	if text := string(appendTask(nil, &task.Snapshot{})); !strings.Contains(text, `"tags":[]`) {
		t.Errorf("got %s", text)
	}
}
