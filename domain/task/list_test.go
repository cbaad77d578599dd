package task_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taskhold/domain/task"
)

// TestFilter lists which of these tasks each filter lets through.
func TestFilter(t *testing.T) {
	tasks := map[string]task.Snapshot{}
	for name, c := range map[string]task.Change{
		"plain": {Title: task.Some("Buy milk")},
		"done":  {Title: task.Some("done"), Completed: task.Some(true), Priority: task.Some("low")},
		"high":  {Title: task.Some("high"), Description: task.Some("100% MILK_\\"), Priority: task.Some("high"), Tags: task.Some([]string{"a", "b"})},
		"day":   {Title: task.Some("\u212aelvin"), DueDate: task.Some("2026-03-09"), Tags: task.Some([]string{"A"})},
		"eve":   {Title: task.Some("straße"), DueAt: task.Some("2026-03-08T23:30:00Z")},
		"night": {Title: task.Some("x"), DueAt: task.Some("2026-03-09T03:30:00Z")}, // the day before in Havana
		"late":  {Title: task.Some("ſet"), DueAt: task.Some("2026-03-09T23:30:00Z")},
	} {
		tasks[name] = made(t, c).Snapshot()
	}
	day, havana := date(t, "2026-03-09"), zone(t, "America/Havana")
	for name, tc := range map[string]struct {
		filter task.Filter
		want   string
	}{
		"all":                          {task.Filter{}, "day done eve high late night plain"},
		"completed":                    {task.Filter{Completed: task.Some(true)}, "done"},
		"not completed":                {task.Filter{Completed: task.Some(false)}, "day eve high late night plain"},
		"a priority":                   {task.Filter{Priorities: []task.Priority{task.High}}, "high"},
		"any of two priorities":        {task.Filter{Priorities: []task.Priority{task.Low, task.High}}, "done high"},
		"the priority none":            {task.Filter{Priorities: []task.Priority{task.None}}, "day eve late night plain"},
		"a tag":                        {task.Filter{Tags: []string{"a"}}, "high"},
		"all of two tags":              {task.Filter{Tags: []string{"b", "a"}}, "high"},
		"a tag that is missing":        {task.Filter{Tags: []string{"a", "c"}}, ""},
		"tags tell case":               {task.Filter{Tags: []string{"A"}}, "day"},
		"text in title or description": {task.Filter{Text: "milk"}, "high plain"},
		"text in another case":         {task.Filter{Text: "BUY MILK"}, "plain"},
		"a percent sign":               {task.Filter{Text: "0%"}, "high"},
		"an underscore":                {task.Filter{Text: "_"}, "high"},
		"a backslash":                  {task.Filter{Text: `\`}, "high"},
		"a Kelvin sign is a k":         {task.Filter{Text: "kelvin"}, "day"},
		"a long s is an s":             {task.Filter{Text: "SET"}, "late"},
		"ß is a capital ß":             {task.Filter{Text: "STRAẞE"}, "eve"},
		"ß is not ss":                  {task.Filter{Text: "strasse"}, ""},
		"due on a day":                 {task.Filter{DueFrom: day, DueTo: day}, "day late night"},
		"due on a day in a zone":       {task.Filter{DueFrom: day, DueTo: day, Zone: havana}, "day late"},
		"due on the day before there":  {task.Filter{DueFrom: date(t, "2026-03-08"), DueTo: date(t, "2026-03-08"), Zone: havana}, "eve night"},
		"due from a day":               {task.Filter{DueFrom: day}, "day late night"},
		"due to a day":                 {task.Filter{DueTo: day}, "day eve late night"},
		"due to the day before":        {task.Filter{DueTo: date(t, "2026-03-08")}, "eve"},
		"due ever":                     {task.Filter{DueFrom: date(t, "0001-01-01"), DueTo: date(t, "9999-12-31")}, "day eve late night"},
		"due in no time":               {task.Filter{DueFrom: date(t, "2026-03-10"), DueTo: day}, ""},
		"updated since then":           {task.Filter{UpdatedSince: noon}, "day done eve high late night plain"},
		"updated a microsecond later":  {task.Filter{UpdatedSince: noon.Add(time.Microsecond)}, ""},
		"all parts have to hold":       {task.Filter{Text: "milk", Priorities: []task.Priority{task.None, task.Low}}, "plain"},
	} {
		t.Run(name, func(t *testing.T) {
			got := []string{}
			for name, s := range tasks {
				if tc.filter.Matches(s) {
					got = append(got, name)
				}
			}
			slices.Sort(got)
			if strings.Join(got, " ") != tc.want {
				t.Errorf("lets through %q, want %q", got, tc.want)
			}
		})
	}
}

func TestDueInstants(t *testing.T) {
	for _, tc := range []struct{ zone, from, to, wantFrom, wantUntil string }{
		{"UTC", "2026-03-09", "2026-03-09", "2026-03-09T00:00:00Z", "2026-03-10T00:00:00Z"},
		{"America/Havana", "2026-03-08", "2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"}, // of 23 hours
		{"Asia/Beirut", "2026-10-24", "2026-10-24", "2026-10-23T21:00:00Z", "2026-10-24T22:00:00Z"},    // of 25
		{"Pacific/Apia", "2011-12-30", "2011-12-30", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"},   // of none
	} {
		f := task.Filter{DueFrom: date(t, tc.from), DueTo: date(t, tc.to), Zone: zone(t, tc.zone)}
		from, until := f.DueInstants()
		if from.Format(time.RFC3339) != tc.wantFrom || until.Format(time.RFC3339) != tc.wantUntil {
			t.Errorf("%s: from %v until %v, want %s until %s", tc.zone, from, until, tc.wantFrom, tc.wantUntil)
		}
	}
	if from, until := (task.Filter{}).DueInstants(); !from.IsZero() || !until.IsZero() {
		t.Errorf("no bounds are %v and %v", from, until)
	}
}

// TestAnInstantIsDueOnItsDayInTheZone compares the bounds of a day with what
// the calendar of the zone says of each instant.
func TestAnInstantIsDueOnItsDayInTheZone(t *testing.T) {
	zones := []string{"UTC", "America/Havana", "Asia/Beirut", "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "Europe/London"}
	rapid.Check(t, func(rt *rapid.T) {
		in := zone(t, rapid.SampledFrom(zones).Draw(rt, "zone"))
		at := time.Unix(rapid.Int64Range(1.2e9, 1.8e9).Draw(rt, "seconds"), 0).UTC()
		day := task.DateOf(at.AddDate(0, 0, rapid.IntRange(-1, 1).Draw(rt, "days")).In(in))
		s := task.Snapshot{Due: task.DueAt(at)}
		f := task.Filter{DueFrom: day, DueTo: day, Zone: in}
		if got, want := f.Matches(s), task.DateOf(at.In(in)) == day; got != want {
			rt.Fatalf("%v in %v is due on %v: %v, want %v", at, in, day, got, want)
		}
	})
}

func TestOrder(t *testing.T) {
	at := func(micros int) time.Time { return noon.Add(time.Duration(micros) * time.Microsecond) }
	tasks := []task.Snapshot{
		{ID: task.NewID(at(0), ones), Title: "b", Updated: at(9), Due: task.DueOn(date(t, "2026-03-09")), Priority: task.High},
		{ID: task.NewID(at(1), ones), Title: "É", Updated: at(2), Priority: task.None},
		{ID: task.NewID(at(2), ones), Title: "A", Updated: at(3), Due: task.DueAt(date(t, "2026-03-09").Start(time.UTC)), Priority: task.Low},
		{ID: task.NewID(at(3), ones), Title: "a", Updated: at(9), Due: task.DueOn(date(t, "0001-01-01")), Priority: task.Medium},
		{ID: task.NewID(at(4), ones), Title: "\U0001f95b", Updated: at(4), Priority: task.Low},
		{ID: task.NewID(at(5), ones), Title: "\uffee", Updated: at(5), Due: task.DueAt(noon), Priority: task.None},
	}
	for _, tc := range []struct {
		name  string
		order task.Order
		want  []int64
	}{
		{"created", task.Order{}, []int64{0, 1, 2, 3, 4, 5}},
		{"created, descending", task.Order{Descending: true}, []int64{5, 4, 3, 2, 1, 0}},
		{"updated, ties by id", task.Order{By: task.ByUpdated}, []int64{1, 2, 4, 5, 0, 3}},
		{"updated, descending, ties by id descending", task.Order{By: task.ByUpdated, Descending: true}, []int64{3, 0, 5, 4, 2, 1}},
		{"due, those without one last", task.Order{By: task.ByDue}, []int64{3, 5, 0, 2, 1, 4}},
		{"due, descending, those without one last", task.Order{By: task.ByDue, Descending: true}, []int64{2, 0, 5, 3, 4, 1}},
		{"priority", task.Order{By: task.ByPriority}, []int64{1, 5, 2, 4, 3, 0}},
		{"priority, descending", task.Order{By: task.ByPriority, Descending: true}, []int64{0, 3, 4, 2, 5, 1}},
		{"title, by folded code points", task.Order{By: task.ByTitle}, []int64{2, 3, 0, 1, 5, 4}},
		{"title, descending", task.Order{By: task.ByTitle, Descending: true}, []int64{4, 5, 1, 0, 3, 2}},
		{"created has no ties to turn", task.Order{NewestFirst: true}, []int64{0, 1, 2, 3, 4, 5}},
		{"updated, of ties the newest first", task.Order{By: task.ByUpdated, NewestFirst: true}, []int64{1, 2, 4, 5, 3, 0}},
		{"due, of ties the newest first", task.Order{By: task.ByDue, NewestFirst: true}, []int64{3, 5, 2, 0, 4, 1}},
		{"priority, of ties the newest first", task.Order{By: task.ByPriority, NewestFirst: true}, []int64{5, 1, 4, 2, 3, 0}},
		{"title, of ties the newest first", task.Order{By: task.ByTitle, NewestFirst: true}, []int64{3, 2, 0, 1, 5, 4}},
		{"priority, descending, of ties the newest first", task.Order{By: task.ByPriority, Descending: true, NewestFirst: true}, []int64{0, 3, 4, 2, 5, 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sorted := slices.Clone(tasks)
			slices.SortFunc(sorted, func(a, b task.Snapshot) int { return tc.order.Compare(tc.order.Position(a), tc.order.Position(b)) })
			got := []int64{}
			for _, s := range sorted {
				got = append(got, int64(slices.IndexFunc(tasks, func(other task.Snapshot) bool { return other.ID == s.ID })))
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("order %v, want %v", got, tc.want)
			}
		})
	}
}

func TestEveryOrderIsTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		order := task.Order{By: task.SortKey(rapid.IntRange(0, 4).Draw(t, "by")), Descending: rapid.Bool().Draw(t, "descending"), NewestFirst: rapid.Bool().Draw(t, "newest first")}
		some := rapid.Custom(func(t *rapid.T) task.Position {
			s := task.Snapshot{
				ID: task.NewID(noon.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "id"))*time.Microsecond), ones), Title: rapid.StringN(1, 2, -1).Draw(t, "title"),
				Priority: task.Priority(rapid.IntRange(0, 3).Draw(t, "priority")), Updated: noon.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "updated"))),
			}
			if rapid.Bool().Draw(t, "due") {
				s.Due = task.DueAt(noon.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "at")) * time.Hour))
			}
			return order.Position(s)
		})
		a, b, c := some.Draw(t, "a"), some.Draw(t, "b"), some.Draw(t, "c")
		if sign(order.Compare(a, b)) != -sign(order.Compare(b, a)) || order.Compare(a, a) != 0 || (order.Compare(a, b) == 0) != (a == b) {
			t.Fatalf("%+v and %+v are not ordered", a, b)
		}
		if order.Compare(a, b) < 0 && order.Compare(b, c) < 0 && order.Compare(a, c) >= 0 {
			t.Fatalf("%+v, %+v, %+v are not ordered", a, b, c)
		}
	})
}

func sign(n int) int { return min(max(n, -1), 1) }
