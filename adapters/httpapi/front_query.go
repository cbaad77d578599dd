package httpapi

import (
	"errors"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"taskhold/domain/task"
	"taskhold/ports"
)

// readFrontQuery reads the query of a list. What it does not know, name or
// value, filters nothing.
func readFrontQuery(values url.Values) ports.Query {
	q := ports.Query{Filter: frontFilter(values), Order: frontOrder(values), Limit: frontLimit, Count: true}
	if limit, ok := firstOf(values, limitParameters, parseCount); ok && limit > 0 {
		q.Limit = min(limit, frontLimit)
	}
	if page, ok := firstOf(values, pageParameters, parseCount); ok && page > 0 {
		q.Offset = (page - 1) * q.Limit
	}
	if offset, ok := firstOf(values, offsetParameters, parseCount); ok {
		q.Offset = offset
	}
	return q
}

func frontFilter(values url.Values) task.Filter {
	f := task.Filter{Tags: tagsOf(values)}
	if done, ok := firstOf(values, statusParameters, func(s string) (bool, bool) {
		done, known := statuses[strings.ToLower(s)]
		return done, known
	}); ok {
		f.Completed = task.Some(done)
	} else if done, ok := firstOf(values, completedParameters, parseBool); ok {
		f.Completed = task.Some(done)
	}
	for _, name := range listed(values, priorityParameters) {
		priority, err := task.ParsePriority(strings.ToLower(name))
		if err == nil && !slices.Contains(f.Priorities, priority) { // or a client could make any number of statements
			f.Priorities = append(f.Priorities, priority)
		}
	}
	f.Text, _ = firstOf(values, searchParameters, func(s string) (string, bool) {
		s = strings.TrimSpace(s)
		return s, s != ""
	})
	return f
}

// tagsOf are the tags that a task must have. Since no task has more than
// MaxTags, one more says as much as any number.
func tagsOf(values url.Values) []string {
	tags := listed(values, tagParameters)
	slices.Sort(tags)
	tags = slices.DeleteFunc(slices.Compact(tags), func(tag string) bool { return strings.EqualFold(tag, everyTask) })
	return tags[:min(len(tags), task.MaxTags+1)]
}

func frontOrder(values url.Values) task.Order {
	by, ok := firstOf(values, sortParameters, func(s string) (string, bool) {
		_, known := sortNames[s]
		return s, known
	})
	if !ok {
		by = "created_at"
	}
	o := task.Order{By: sortNames[by].key, Descending: sortNames[by].descending, NewestFirst: true}
	if descending, ok := firstOf(values, orderParameters, func(s string) (bool, bool) {
		return strings.EqualFold(s, "desc"), strings.EqualFold(s, "asc") || strings.EqualFold(s, "desc")
	}); ok {
		o.Descending = descending
	}
	return o
}

// firstOf returns the first value, by any of the names, that means something.
func firstOf[T any](values url.Values, names []string, read func(string) (T, bool)) (T, bool) {
	for _, name := range names {
		for _, text := range values[name] {
			if value, ok := read(text); ok {
				return value, true
			}
		}
	}
	var none T
	return none, false
}

// listed returns all values by the names, repeated or separated by commas,
// but for empty ones.
func listed(values url.Values, names []string) []string {
	var all []string
	for _, name := range names {
		for _, text := range values[name] {
			for one := range strings.SplitSeq(text, ",") {
				if one = strings.TrimSpace(one); one != "" {
					all = append(all, one)
				}
			}
		}
	}
	return all
}

// parseCount reads a whole number from 0; what is too large is as large as can be.
func parseCount(s string) (int, bool) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return int(min(n, math.MaxInt32)), true
}

func parseBool(s string) (value, ok bool) {
	return strings.EqualFold(s, "true"), strings.EqualFold(s, "true") || strings.EqualFold(s, "false")
}
