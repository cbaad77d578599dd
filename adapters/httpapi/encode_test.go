package httpapi

import (
	"encoding/json"
	"reflect"
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

func TestATaskIsShownAsItIs(t *testing.T) {
	same := func(title, description, user string, tags []string, priority uint8, created, updated, due int64, done, dated, timed bool, version int64) bool {
		owner, err := identity.ParseUserID("u" + strings.ToValidUTF8(strings.Map(visible, user), "?"))
		if err != nil {
			return true
		}
		s := task.Snapshot{
			ID: task.NewID(instant(created), [8]byte{1}), User: owner, Title: title, Description: description, Priority: task.Priority(priority % 4),
			Tags: slices.Clone(tags), Created: instant(created), Updated: instant(updated), Version: version,
		}
		want := shown{
			ID: s.ID.String(), User: owner.String(), Title: title, Description: description, Priority: []string{"none", "low", "medium", "high"}[priority%4],
			Tags: append([]string{}, tags...), Version: version, CreatedAt: *optional(s.Created), UpdatedAt: *optional(s.Updated),
		}
		if done {
			s.Completed, want.Completed, want.CompletedAt = instant(updated), true, optional(instant(updated))
		}
		switch {
		case dated:
			date := instant(due).Format(time.DateOnly)
			s.Due, want.DueDate = task.DueOn(task.DateOf(instant(due))), &date
		case timed:
			s.Due, want.DueAt = task.DueAt(instant(due)), optional(instant(due))
		}
		var got shown
		text := appendTask([]byte("before"), &s)[len("before"):]
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if !reflect.DeepEqual(got, want) {
			t.Logf("got  %+v\nwant %+v", got, want)
			return false
		}
		return true
	}
	if err := quick.Check(same, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
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
