package storetest_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// filters changes the filter that is asked for.
func filters(change func(*task.Filter)) func(*broken) {
	return asks(func(q ports.Query) ports.Query { change(&q.Filter); return q }, nil)
}

// matches lets another selection of all tasks through.
func matches(matches func(task.Filter, task.Snapshot) bool) func(*broken) {
	return func(b *broken) {
		b.list = func(ctx context.Context, s ports.TaskStore, user identity.UserID, q ports.Query) (ports.Page, error) {
			all := everything(ctx, s, user, ports.Query{Order: q.Order})
			all = slices.DeleteFunc(all, func(s task.Snapshot) bool { return !matches(q.Filter, s) })
			return ports.Page{Tasks: all, Total: len(all)}, nil
		}
	}
}

// contains looks for the text of a filter in another way.
func contains(contains func(in, text string) bool) func(*broken) {
	return matches(func(f task.Filter, s task.Snapshot) bool {
		text := f.Text
		f.Text = ""
		return f.Matches(s) && (contains(s.Title, text) || contains(s.Description, text))
	})
}

// like is the operator of SQL, for patterns of "%" and one letter more.
func like(in, text string) bool {
	in, text = task.Fold(in), task.Fold(text)
	for i, part := range strings.Split(strings.ReplaceAll(text, "_", "%"), "%") {
		at := strings.Index(in, part)
		if at < 0 {
			return false
		}
		if in = in[at+len(part):]; i < strings.Count(text, "_") && in != "" {
			in = in[1:]
		}
	}
	return true
}

var filterFlaws = flaws{
	"a filter by completed lets through those, or the others": {
		"ignores it":            filters(func(f *task.Filter) { f.Completed = task.Optional[bool]{} }),
		"takes false for none":  filters(func(f *task.Filter) { f.Completed = onlyTrue(f.Completed) }),
		"has completed at most": filters(func(f *task.Filter) { f.Completed = task.Some(true) }),
	},
	"a filter by priorities lets through any of them": {
		"looks at the first": filters(func(f *task.Filter) { f.Priorities = f.Priorities[:min(1, len(f.Priorities))] }),
		"takes none for zero": filters(func(f *task.Filter) {
			f.Priorities = slices.DeleteFunc(slices.Clone(f.Priorities), func(p task.Priority) bool { return p == task.None })
		}),
		"takes them for a bound": matches(func(f task.Filter, s task.Snapshot) bool {
			return len(f.Priorities) == 0 || s.Priority >= slices.Min(f.Priorities)
		}),
	},
	"a filter by tags lets through what has them all, exactly": {
		"wants any of them": matches(func(f task.Filter, s task.Snapshot) bool {
			return len(f.Tags) == 0 || slices.ContainsFunc(f.Tags, func(tag string) bool { return slices.Contains(s.Tags, tag) })
		}),
		"looks into them": matches(func(f task.Filter, s task.Snapshot) bool {
			return !slices.ContainsFunc(f.Tags, func(tag string) bool { return !strings.Contains(strings.Join(s.Tags, ","), tag) })
		}),
		"folds them": matches(func(f task.Filter, s task.Snapshot) bool {
			return !slices.ContainsFunc(f.Tags, func(tag string) bool {
				return !slices.ContainsFunc(s.Tags, func(other string) bool { return strings.EqualFold(tag, other) })
			})
		}),
		"has wildcards": matches(func(f task.Filter, s task.Snapshot) bool {
			return len(f.Tags) > 0 && f.Tags[0] == "%" || f.Matches(s)
		}),
		"trips over quotes": matches(func(f task.Filter, s task.Snapshot) bool {
			return f.Matches(s) && !strings.Contains(strings.Join(f.Tags, ""), `"`)
		}),
		"escapes what HTML would": matches(func(f task.Filter, s task.Snapshot) bool {
			return f.Matches(s) && !strings.Contains(strings.Join(f.Tags, ""), "<")
		}),
	},
	"a filter by text finds it in the title and in the description": {
		"looks at the title": matches(func(f task.Filter, s task.Snapshot) bool { s.Description = ""; return f.Matches(s) }),
		"looks at the two as one": matches(func(f task.Filter, s task.Snapshot) bool {
			s.Title += s.Description
			return f.Matches(s)
		}),
		"looks at tags as well": matches(func(f task.Filter, s task.Snapshot) bool {
			s.Title += "\n" + strings.Join(s.Tags, "\n")
			return f.Matches(s)
		}),
		"trims it":            filters(func(f *task.Filter) { f.Text = strings.TrimSpace(f.Text) }),
		"wants all of a text": contains(strings.EqualFold),
	},
	"a filter by text takes every character for itself": {
		"has wildcards":    contains(like),
		"eats backslashes": filters(func(f *task.Filter) { f.Text = strings.ReplaceAll(f.Text, `\`, "") }),
		"trips over %":     contains(func(in, text string) bool { return text != "%" && strings.Contains(task.Fold(in), task.Fold(text)) }),
	},
	"a filter by text folds case as Unicode does, and no more": {
		"tells case":           contains(strings.Contains),
		"folds ASCII":          contains(func(in, text string) bool { return strings.Contains(lowerASCII(in), lowerASCII(text)) }),
		"lowers case":          contains(func(in, text string) bool { return strings.Contains(strings.ToLower(in), strings.ToLower(text)) }),
		"raises case":          contains(func(in, text string) bool { return strings.Contains(strings.ToUpper(in), strings.ToUpper(text)) }),
		"takes ß for ss":       contains(func(in, text string) bool { return strings.Contains(wide(in), wide(text)) }),
		"takes é for e":        contains(func(in, text string) bool { return strings.Contains(bare(in), bare(text)) }),
		"takes dotless i as i": contains(func(in, text string) bool { return strings.Contains(turkish(in), turkish(text)) }),
	},
	"a filter by updated is inclusive at the microsecond": {
		"is exclusive":       filters(func(f *task.Filter) { f.UpdatedSince = f.UpdatedSince.Add(time.Microsecond) }),
		"keeps milliseconds": filters(func(f *task.Filter) { f.UpdatedSince = f.UpdatedSince.Truncate(time.Millisecond) }),
		"looks at created":   matches(func(f task.Filter, s task.Snapshot) bool { s.Updated = s.Created; return f.Matches(s) }),
	},
	"a task has to meet every part of a filter": {
		"forgets completed":  filters(func(f *task.Filter) { f.Completed = task.Optional[bool]{} }),
		"forgets priorities": filters(func(f *task.Filter) { f.Priorities = nil }),
		"forgets tags":       filters(func(f *task.Filter) { f.Tags = nil }),
		"forgets the text":   filters(func(f *task.Filter) { f.Text = "" }),
		"forgets the due":    filters(func(f *task.Filter) { f.DueFrom, f.DueTo = task.Date{}, task.Date{} }),
		"forgets updated":    filters(func(f *task.Filter) { f.UpdatedSince = time.Time{} }),
	},
}

func onlyTrue(in task.Optional[bool]) task.Optional[bool] {
	if in == task.Some(true) {
		return in
	}
	return task.Optional[bool]{}
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

func wide(s string) string { return strings.ReplaceAll(task.Fold(s), task.Fold("ß"), "SS") }

func bare(s string) string { return strings.ReplaceAll(task.Fold(s), task.Fold("é"), "E") }

func turkish(s string) string { return strings.ReplaceAll(task.Fold(s), "ı", "I") }

// bounds has another idea of the days of a filter.
func bounds(instants func(f task.Filter) (from, until time.Time)) func(*broken) {
	return matches(func(f task.Filter, s task.Snapshot) bool {
		at := s.Due.At()
		if at.IsZero() || f.DueFrom.IsZero() && f.DueTo.IsZero() {
			return f.Matches(s)
		}
		from, until := instants(f)
		return (f.DueFrom.IsZero() || !at.Before(from)) && (f.DueTo.IsZero() || at.Before(until))
	})
}

// midnight is where a day begins if it begins at midnight.
func midnight(d task.Date, zone *time.Location) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	utc := d.Start(time.UTC)
	return time.Date(utc.Year(), utc.Month(), utc.Day(), 0, 0, 0, 0, zone)
}

func midnights(f task.Filter) (from, until time.Time) {
	return midnight(f.DueFrom, f.Zone), midnight(f.DueTo.Next(), f.Zone)
}

func wholeDays(f task.Filter) (from, until time.Time) {
	from, _ = f.DueInstants()
	last, _ := task.Filter{DueFrom: f.DueTo, Zone: f.Zone}.DueInstants()
	return from, last.Add(24 * time.Hour)
}

var dueFlaws = flaws{
	"a filter by due is inclusive at both days": {
		"is exclusive at the end": matches(func(f task.Filter, s task.Snapshot) bool {
			return f.Matches(s) && (f.DueTo.IsZero() || s.Due.Date() != f.DueTo)
		}),
		"is exclusive at the beginning": matches(func(f task.Filter, s task.Snapshot) bool {
			return f.Matches(s) && (f.DueFrom.IsZero() || s.Due.Date() != f.DueFrom)
		}),
		"ends at midnight, inclusive": bounds(func(f task.Filter) (from, until time.Time) {
			from, until = f.DueInstants()
			return from, until.Add(time.Microsecond)
		}),
		"begins a microsecond late": bounds(func(f task.Filter) (from, until time.Time) {
			from, until = f.DueInstants()
			return from.Add(time.Microsecond), until
		}),
		"keeps seconds": bounds(func(f task.Filter) (from, until time.Time) {
			from, until = f.DueInstants()
			return from, until.Add(-time.Second)
		}),
		"forgets instants": matches(func(f task.Filter, s task.Snapshot) bool {
			return f.Matches(s) && (f.DueFrom.IsZero() || s.Due.At().IsZero())
		}),
	},
	"a filter by due counts an instant on its day in the zone": {
		"counts it in UTC":                filters(func(f *task.Filter) { f.Zone = nil }),
		"moves dates with the zone":       matches(datesAsInstants),
		"has every day begin at midnight": bounds(midnights),
		"has every day last 24 hours":     bounds(wholeDays),
	},
	"a filter by due lets nothing through that is not due": {
		"lets none through before a day": matches(func(f task.Filter, s task.Snapshot) bool {
			return f.Matches(s) || f.DueFrom.IsZero() && s.Due == task.Due{}
		}),
		"takes the first day for no bound": filters(func(f *task.Filter) {
			if f.DueFrom.Start(time.UTC).IsZero() {
				f.DueFrom = task.Date{}
			}
		}),
	},
	"a filter by due reaches from the first day to the last": {
		"compares years as text": bounds(func(f task.Filter) (from, until time.Time) {
			if from, until = f.DueInstants(); until.Year() > 9999 {
				until = time.Time{}
			}
			return from, until
		}),
		"knows no year 0": bounds(func(f task.Filter) (from, until time.Time) {
			if from, until = f.DueInstants(); from.Year() < 1 {
				from = from.AddDate(2, 0, 0)
			}
			return from, until
		}),
	},
}

// datesAsInstants counts a date as its start in UTC.
func datesAsInstants(f task.Filter, s task.Snapshot) bool {
	if !s.Due.Date().IsZero() {
		s.Due = task.DueAt(s.Due.Sort())
	}
	return f.Matches(s)
}
