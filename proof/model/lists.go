package model

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

func (m *Model) list(tasks map[string]Object, c Command, got Answer) Answer {
	query := url.Values{"sort": {"-created_at"}, "tz": {"UTC"}}
	maps.Copy(query, c.Query)
	list, after := c.User+"?"+query.Encode(), m.cursors[c.Cursor]
	if c.Cursor != "" && after.list != list {
		return refused(400, "INVALID_CURSOR")
	}
	all := slices.SortedFunc(maps.Values(tasks), by(query.Get("sort")))
	all = slices.DeleteFunc(all, func(task Object) bool { return !passes(task, query) })
	behind := func(task Object) bool { return c.Cursor == "" || by(query.Get("sort"))(task, after.task) > 0 }
	rest := all[max(0, slices.IndexFunc(append(all, nil), func(task Object) bool { return task == nil || behind(task) })):]
	want := Answer{Status: 200, Items: rest, Limit: c.Limit}
	if c.Limit == 0 {
		want.Limit = 50
	}
	if len(rest) > want.Limit {
		want.Items, want.Next = rest[:want.Limit], got.Next
		m.cursors[got.Next] = place{list, rest[want.Limit-1]}
	}
	if c.Count {
		want.Total = float64(len(all))
	}
	return want
}

// passes reports whether the filters of a list let a task through.
func passes(task Object, query url.Values) bool {
	for filter, given := range query {
		for _, value := range given {
			zone, _ := time.LoadLocation(query.Get("tz"))
			if holds, known := map[string]bool{
				"completed":     fmt.Sprint(task["completed"]) == value,
				"priority":      slices.Contains(given, task["priority"].(string)),
				"tag":           slices.Contains(task["tags"].([]any), any(value)),
				"q":             strings.Contains(fold(task["title"].(string)), fold(value)) || strings.Contains(fold(task["description"].(string)), fold(value)),
				"due_from":      day(task, zone) >= value,
				"due_to":        day(task, zone) != "" && day(task, zone) <= value,
				"updated_since": task["updated_at"].(string) >= value,
			}[filter]; known && !holds {
				return false
			}
		}
	}
	return true
}

// day is the date on which a task is due in a zone, or "".
func day(task Object, zone *time.Location) string {
	if at, ok := task["due_at"].(string); ok {
		t, _ := time.Parse(time.RFC3339, at)
		if t = t.In(zone); t.Year() > 9999 {
			return "after all dates"
		}
		return t.Format(time.DateOnly)
	}
	date, _ := task["due_date"].(string)
	return date
}

// by is the order that a list is sorted in.
func by(sort string) func(a, b Object) int {
	return func(a, b Object) int {
		name, descends := strings.CutPrefix(sort, "-")
		x, y := key(name, a), key(name, b)
		c := cmp.Or(strings.Compare(x, y), strings.Compare(a["id"].(string), b["id"].(string)))
		switch {
		case (x == "") != (y == ""): // without a due: last either way
			return -c
		case descends:
			return -c
		}
		return c
	}
}

func key(name string, task Object) string {
	switch name {
	case "title":
		return fold(task["title"].(string))
	case "priority":
		return strconv.Itoa(slices.Index(priorities, task["priority"].(string)))
	case "due":
		if task["due_date"] != nil {
			return task["due_date"].(string) + "T00:00:00.000000Z"
		}
		at, _ := task["due_at"].(string)
		return at
	}
	return task[name].(string)
}

// fold makes texts equal that simple case folding holds equal.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			least = min(least, other)
		}
		return least
	}, s)
}
