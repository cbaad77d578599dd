package task_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"taskhold/domain/fault"
	"taskhold/domain/identity"
	"taskhold/domain/task"
)

// refusal is a change, whether it makes a new task or is made to one that is
// due on a date or at an instant, and what is wrong with it.
type refusal struct {
	in   task.Change
	want []string
}

var (
	null   = task.Null[string]()
	onADay = task.Change{DueDate: task.Some("2026-03-09")}
	atNoon = task.Change{DueAt: task.Some("2026-03-09T12:00:00Z")}
)

func check(t *testing.T, cases map[string]refusal, do func(task.Change) error) {
	t.Helper()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			err := do(tc.in)
			if !slices.Equal(codes(err), append([]string{}, tc.want...)) || err != nil && !errors.Is(err, task.ErrInvalid) {
				t.Errorf("got %q, want %q", codes(err), tc.want)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	title := task.Some("milk")
	check(t, map[string]refusal{
		"no title":                  {task.Change{}, []string{"/title REQUIRED"}},
		"a null title":              {task.Change{Title: null}, []string{"/title REQUIRED"}},
		"a blank title":             {task.Change{Title: task.Some(" ")}, []string{"/title BLANK"}},
		"null where none may be":    {task.Change{Title: title, Description: null, Priority: null, Completed: task.Null[bool](), Tags: task.Null[[]string]()}, []string{"/completed REQUIRED", "/description REQUIRED", "/priority REQUIRED", "/tags REQUIRED"}},
		"null dues are none":        {task.Change{Title: title, DueDate: null, DueAt: null}, nil},
		"both dues":                 {task.Change{Title: title, DueDate: onADay.DueDate, DueAt: atNoon.DueAt}, []string{"/due_at BOTH_DUES"}},
		"one due beside a null one": {task.Change{Title: title, DueDate: onADay.DueDate, DueAt: null}, nil},
		"an empty due":              {task.Change{Title: title, DueDate: task.Some(""), DueAt: task.Some("")}, []string{"/due_at INVALID_FORMAT", "/due_date INVALID_FORMAT"}},
		"an instant for a date":     {task.Change{Title: title, DueDate: atNoon.DueAt}, []string{"/due_date INVALID_FORMAT"}},
		"a date for an instant":     {task.Change{Title: title, DueAt: onADay.DueDate}, []string{"/due_at INVALID_FORMAT"}},
		"an unknown priority":       {task.Change{Title: title, Priority: task.Some("urgent")}, []string{"/priority UNKNOWN_VALUE"}},
		"a bad tag":                 {task.Change{Title: title, Tags: task.Some([]string{"a", ""})}, []string{"/tags/1 BLANK"}},
		"too many tags":             {task.Change{Title: title, Tags: task.Some(tagsOf(21))}, []string{"/tags TOO_MANY"}},
		"every read-only member": {
			task.Change{Title: title, Echo: task.Echo{ID: task.Some(""), User: task.Some("ann"), Created: null, Completed: null, Updated: task.Some("x"), Version: task.Some("1")}},
			[]string{"/completed_at READ_ONLY", "/created_at READ_ONLY", "/id READ_ONLY", "/updated_at READ_ONLY", "/user_id READ_ONLY", "/version READ_ONLY"},
		},
		"what was unreadable already": {
			task.Change{Unreadable: fault.Violations{{Pointer: "/title", Code: fault.WrongType}, {Pointer: "/tags/2", Code: fault.WrongType}}},
			[]string{"/tags/2 WRONG_TYPE", "/title WRONG_TYPE"},
		},
		"what stands beside something unreadable": {
			task.Change{Title: title, Tags: task.Some([]string{"", " ", "a", "a"}), Unreadable: fault.Violations{{Pointer: "/tags/0", Code: fault.WrongType}}},
			[]string{"/tags/0 WRONG_TYPE", "/tags/1 BLANK", "/tags/3 DUPLICATE"},
		},
		"everything at once": {
			task.Change{
				Title: task.Some(strings.Repeat("x", 201)), Description: task.Some("\x00"), Completed: task.Null[bool](), Priority: task.Some(""), DueDate: task.Some("tomorrow"),
				DueAt: task.Some("noon"), Tags: task.Some([]string{"a", "a", " "}), Echo: task.Echo{Version: task.Some("1")}, Unreadable: fault.Violations{{Pointer: "/color", Code: fault.WrongType}},
			},
			[]string{
				"/color WRONG_TYPE", "/completed REQUIRED", "/description CONTROL_CHARACTER", "/due_at INVALID_FORMAT", "/due_date INVALID_FORMAT",
				"/priority UNKNOWN_VALUE", "/tags/1 DUPLICATE", "/tags/2 BLANK", "/title TOO_LONG", "/version READ_ONLY",
			},
		},
	}, func(c task.Change) error {
		got, err := task.New(task.NewID(noon, ones), ann, c, noon)
		if err != nil && got != (task.Task{}) {
			t.Errorf("New = %+v beside an error", got.Snapshot())
		}
		return err
	})
}

// edit makes an edit and sees that a refused one changes nothing.
func edit(t *testing.T, before task.Task) func(task.Change) error {
	return func(c task.Change) error {
		got := before
		err := got.Edit(c, later)
		if err != nil && got != before {
			t.Errorf("a refused edit leaves %+v", got.Snapshot())
		}
		return err
	}
}

func TestEditRefuses(t *testing.T) {
	check(t, map[string]refusal{
		"null where none may be":         {task.Change{Title: null, Description: null, Priority: null, Completed: task.Null[bool](), Tags: task.Null[[]string]()}, []string{"/completed REQUIRED", "/description REQUIRED", "/priority REQUIRED", "/tags REQUIRED", "/title REQUIRED"}},
		"a good member beside a bad one": {task.Change{Title: task.Some("bread"), Priority: task.Some("x")}, []string{"/priority UNKNOWN_VALUE"}},
		"what was unreadable":            {task.Change{Title: task.Some("bread"), Unreadable: fault.Violations{{Pointer: "/completed", Code: fault.WrongType}}}, []string{"/completed WRONG_TYPE"}},
		"everything at once":             {task.Change{Title: task.Some(""), Description: task.Some("\xff"), Priority: null, DueAt: task.Some("x"), Tags: task.Some([]string{""}), Echo: task.Echo{ID: null}}, []string{"/description INVALID_FORMAT", "/due_at INVALID_FORMAT", "/id READ_ONLY", "/priority REQUIRED", "/tags/0 BLANK", "/title BLANK"}},
	}, edit(t, made(t, task.Change{})))
}

func TestADueStandsAlone(t *testing.T) {
	check(t, map[string]refusal{
		"an instant beside the date":            {task.Change{DueAt: atNoon.DueAt}, []string{"/due_at BOTH_DUES"}},
		"an instant in the place of the date":   {task.Change{DueAt: atNoon.DueAt, DueDate: null}, nil},
		"another date":                          {task.Change{DueDate: task.Some("2027-01-01")}, nil},
		"both":                                  {task.Change{DueAt: atNoon.DueAt, DueDate: onADay.DueDate}, []string{"/due_at BOTH_DUES"}},
		"a bad instant beside the date":         {task.Change{DueAt: task.Some("x")}, []string{"/due_at INVALID_FORMAT"}},
		"no instant beside the date":            {task.Change{DueAt: null}, nil},
		"an instant, and the date is rewritten": {task.Change{DueAt: atNoon.DueAt, DueDate: task.Some("x")}, []string{"/due_at BOTH_DUES", "/due_date INVALID_FORMAT"}},
	}, edit(t, made(t, onADay)))
	check(t, map[string]refusal{
		"a date beside the instant":          {task.Change{DueDate: onADay.DueDate}, []string{"/due_date BOTH_DUES"}},
		"a date in the place of the instant": {task.Change{DueDate: onADay.DueDate, DueAt: null}, nil},
		"neither":                            {task.Change{DueDate: null, DueAt: null}, nil},
		"the same instant and a date":        {task.Change{DueDate: onADay.DueDate, DueAt: atNoon.DueAt}, []string{"/due_at BOTH_DUES"}},
	}, edit(t, made(t, atNoon)))
}

// whole names every writable member.
func whole() task.Change {
	return task.Change{
		Title: task.Some("bread"), Description: task.Some(""), Completed: task.Some(false), Priority: task.Some("none"),
		DueDate: null, DueAt: null, Tags: task.Some([]string{}),
	}
}

func TestReplaceNeedsEveryMember(t *testing.T) {
	lacking := func(drop func(*task.Change)) task.Change {
		c := whole()
		drop(&c)
		return c
	}
	check(t, map[string]refusal{
		"the whole":      {whole(), nil},
		"no title":       {lacking(func(c *task.Change) { c.Title = task.Optional[string]{} }), []string{"/title REQUIRED"}},
		"no description": {lacking(func(c *task.Change) { c.Description = task.Optional[string]{} }), []string{"/description REQUIRED"}},
		"no completed":   {lacking(func(c *task.Change) { c.Completed = task.Optional[bool]{} }), []string{"/completed REQUIRED"}},
		"no priority":    {lacking(func(c *task.Change) { c.Priority = task.Optional[string]{} }), []string{"/priority REQUIRED"}},
		"no due_date":    {lacking(func(c *task.Change) { c.DueDate = task.Optional[string]{} }), []string{"/due_date REQUIRED"}},
		"no due_at":      {lacking(func(c *task.Change) { c.DueAt = task.Optional[string]{} }), []string{"/due_at REQUIRED"}},
		"no tags":        {lacking(func(c *task.Change) { c.Tags = task.Optional[[]string]{} }), []string{"/tags REQUIRED"}},
		"a null title":   {lacking(func(c *task.Change) { c.Title = null }), []string{"/title REQUIRED"}},
		"nothing":        {task.Change{}, []string{"/completed REQUIRED", "/description REQUIRED", "/due_at REQUIRED", "/due_date REQUIRED", "/priority REQUIRED", "/tags REQUIRED", "/title REQUIRED"}},
		"members that were sent and are unreadable are not missing": {
			lacking(func(c *task.Change) {
				c.Title, c.Tags = task.Optional[string]{}, task.Optional[[]string]{}
				c.Unreadable = fault.Violations{{Pointer: "/title", Code: fault.WrongType}, {Pointer: "/tags/0", Code: fault.WrongType}}
			}), []string{"/tags/0 WRONG_TYPE", "/title WRONG_TYPE"},
		},
		"a member whose name begins alike is missing": {
			lacking(func(c *task.Change) {
				c.DueAt, c.Unreadable = task.Optional[string]{}, fault.Violations{{Pointer: "/due_at_noon", Code: fault.WrongType}}
			}), []string{"/due_at REQUIRED", "/due_at_noon WRONG_TYPE"},
		},
	}, func(c task.Change) error {
		got := made(t, task.Change{})
		return got.Replace(c, later)
	})
}

func TestReplaceSetsEveryMember(t *testing.T) {
	got := made(t, task.Change{
		Description: task.Some("two"), Completed: task.Some(true), Priority: task.Some("high"), DueDate: task.Some("2026-03-09"), Tags: task.Some([]string{"a"}),
	})
	if err := got.Replace(whole(), later); err != nil {
		t.Fatal(err, codes(err))
	}
	want := task.Snapshot{ID: got.ID(), User: ann, Title: "bread", Tags: []string{}, Created: noon, Updated: later, Version: 2}
	if !same(got.Snapshot(), want) {
		t.Errorf("got %+v, want %+v", got.Snapshot(), want)
	}
}

// TestWhatWasReadCanBeSentBack has the read-only members as a client read
// them, and as it must not write them.
func TestWhatWasReadCanBeSentBack(t *testing.T) {
	before := made(t, task.Change{})
	id := before.ID().String()
	cases := map[string]refusal{}
	for name, tc := range map[string]struct {
		echo task.Echo
		want []string
	}{
		"as it was read": {task.Echo{
			ID: task.Some(id), User: task.Some("ann"), Created: task.Some("2026-03-01T12:00:00.123456Z"), Updated: task.Some("2026-03-01T12:00:00.123456Z"), Completed: null, Version: task.Some("1"),
		}, nil},
		"another form of the same instant":        {task.Echo{Created: task.Some("2026-03-01T13:00:00.123456+01:00")}, nil},
		"stale members that change by themselves": {task.Echo{Updated: task.Some("1999-01-01T00:00:00Z"), Completed: task.Some("nonsense"), Version: task.Some("99")}, nil},
		"another id":                     {task.Echo{ID: task.Some(task.NewID(noon, [8]byte{}).String())}, []string{"/id READ_ONLY"}},
		"the id in upper case":           {task.Echo{ID: task.Some(strings.ToUpper(id))}, []string{"/id READ_ONLY"}},
		"another user":                   {task.Echo{User: task.Some("Ann")}, []string{"/user_id READ_ONLY"}},
		"an instant a microsecond off":   {task.Echo{Created: task.Some("2026-03-01T12:00:00.123457Z")}, []string{"/created_at READ_ONLY"}},
		"an instant cut to milliseconds": {task.Echo{Created: task.Some("2026-03-01T12:00:00.123Z")}, []string{"/created_at READ_ONLY"}},
		"an instant with more digits":    {task.Echo{Created: task.Some("2026-03-01T12:00:00.1234560Z")}, []string{"/created_at READ_ONLY"}},
		"null members":                   {task.Echo{ID: null, User: null, Created: null, Updated: null, Completed: null, Version: null}, []string{"/created_at READ_ONLY", "/id READ_ONLY", "/user_id READ_ONLY"}},
		"empty members":                  {task.Echo{ID: task.Some(""), User: task.Some(""), Created: task.Some("")}, []string{"/created_at READ_ONLY", "/id READ_ONLY", "/user_id READ_ONLY"}},
	} {
		c := whole()
		c.Echo = tc.echo
		cases[name] = refusal{c, tc.want}
	}
	check(t, cases, edit(t, before))
	check(t, cases, func(c task.Change) error {
		got := before
		return got.Replace(c, later)
	})
}

func TestEchoIsJudgedByWhatIsStoredNow(t *testing.T) {
	other, _ := identity.ParseUserID("bob")
	mine, err := task.New(task.NewID(noon, ones), other, task.Change{Title: task.Some("milk")}, noon)
	if err != nil {
		t.Fatal(err)
	}
	err = mine.Edit(task.Change{Echo: task.Echo{User: task.Some("ann")}}, later)
	if !slices.Equal(codes(err), []string{"/user_id READ_ONLY"}) {
		t.Errorf("bob's task is edited as ann's: %v", codes(err))
	}
}

func TestAChangeIsNotChangedByBeingJudged(t *testing.T) {
	c := task.Change{Unreadable: make(fault.Violations, 1, 8)}
	c.Unreadable[0] = fault.Violation{Pointer: "/color", Code: fault.WrongType}
	first, second := made(t, task.Change{}), made(t, task.Change{})
	a, b := c, c
	a.Title, b.Title = task.Some(""), null
	aErr, bErr := first.Edit(a, later), second.Edit(b, later)
	if got := codes(aErr); !slices.Equal(got, []string{"/color WRONG_TYPE", "/title BLANK"}) || len(c.Unreadable) != 1 {
		t.Errorf("the violations of one change became %q", got)
	}
	if got := codes(bErr); !slices.Equal(got, []string{"/color WRONG_TYPE", "/title REQUIRED"}) {
		t.Errorf("the violations of the other became %q", got)
	}
	if len(task.ErrInvalid.Violations) != 0 {
		t.Error("ErrInvalid itself was given violations")
	}
}

func TestARefusedChangeTakesNoTime(t *testing.T) {
	got := made(t, task.Change{})
	before := got
	_ = got.Edit(task.Change{Title: null}, later)
	_ = got.Replace(task.Change{}, later)
	if got != before || got.Snapshot().Updated != noon || time.Duration(0) != got.Snapshot().Updated.Sub(got.Snapshot().Created) {
		t.Errorf("after refusals: %+v", got.Snapshot())
	}
}
