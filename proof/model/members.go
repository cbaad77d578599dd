package model

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// rule returns what is kept of a value that was sent, or every fault of it: a
// code, after the place within the value.
type rule func(sent any) (kept any, faults []string)

var (
	writable = map[string]rule{
		"title": line(200), "description": text, "completed": boolean, "priority": priority,
		"due_date": date, "due_at": instant, "tags": tags,
	}
	readOnly   = []string{"id", "user_id", "created_at", "completed_at", "updated_at", "version"} // the first three may be sent as they are
	priorities = []string{"none", "low", "medium", "high"}
	blank      = Object{"description": "", "completed": false, "priority": "none", "due_date": nil, "due_at": nil, "tags": []any{}}
)

// write returns the task that a body makes of another one, or every fault.
func write(stored Object, c Command) (task Object, faults []string) {
	task = maps.Clone(stored)
	for member, rule := range writable {
		sent, given := c.Body[member]
		switch {
		case !given && (c.Verb == "put" || c.Verb == "create" && member == "title"),
			given && sent == nil && member != "due_date" && member != "due_at":
			faults = append(faults, "/"+member+" REQUIRED")
		case given && sent == nil:
			task[member] = nil
		case given:
			kept, broken := rule(sent)
			for _, fault := range broken {
				faults = append(faults, "/"+member+fault)
			}
			if broken == nil {
				task[member] = kept
			}
		}
	}
	if task["due_date"] != nil && task["due_at"] != nil {
		member := "/due_date"
		if _, unreadable := instant(c.Body["due_at"]); unreadable == nil {
			member = "/due_at"
		}
		faults = append(faults, member+" BOTH_DUES")
	}
	return task, append(faults, echoes(stored, c)...)
}

// echoes judges what was sent of the members that nobody can write.
func echoes(stored Object, c Command) (faults []string) {
	for i, member := range readOnly {
		sent, given := c.Body[member]
		_, readable := version(c.Body)
		if at, faults := instant(sent); faults == nil && member == "created_at" {
			sent = at
		}
		switch {
		case given && c.Verb == "create", given && i < 3 && sent != stored[member]:
			faults = append(faults, "/"+member+" READ_ONLY")
		case given && member == "version" && !readable:
			faults = append(faults, "/version WRONG_TYPE")
		}
	}
	return faults
}

func line(most int) rule {
	return func(sent any) (any, []string) {
		s, ok := sent.(string)
		s = strings.TrimSpace(s)
		switch breaks := func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }; {
		case !ok:
			return nil, []string{" WRONG_TYPE"}
		case s == "":
			return nil, []string{" BLANK"}
		case strings.ContainsFunc(s, breaks):
			return nil, []string{" CONTROL_CHARACTER"}
		case utf8.RuneCountInString(s) > most:
			return nil, []string{" TOO_LONG"}
		}
		return s, nil
	}
}

func text(sent any) (any, []string) {
	s, ok := sent.(string)
	switch control := func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\t\r\n", r) }; {
	case !ok:
		return nil, []string{" WRONG_TYPE"}
	case strings.ContainsFunc(s, control):
		return nil, []string{" CONTROL_CHARACTER"}
	case utf8.RuneCountInString(s) > 10_000:
		return nil, []string{" TOO_LONG"}
	}
	return s, nil
}

func boolean(sent any) (any, []string) {
	if _, ok := sent.(bool); !ok {
		return nil, []string{" WRONG_TYPE"}
	}
	return sent, nil
}

func priority(sent any) (any, []string) {
	s, ok := sent.(string)
	switch {
	case !ok:
		return nil, []string{" WRONG_TYPE"}
	case !slices.Contains(priorities, s):
		return nil, []string{" UNKNOWN_VALUE"}
	}
	return s, nil
}

func date(sent any) (any, []string) {
	s, ok := sent.(string)
	_, err := time.Parse(time.DateOnly, s)
	switch {
	case !ok:
		return nil, []string{" WRONG_TYPE"}
	case err != nil || s < "0001":
		return nil, []string{" INVALID_FORMAT"}
	}
	return s, nil
}

func instant(sent any) (any, []string) {
	s, ok := sent.(string)
	at, err := time.Parse(time.RFC3339, s)
	switch {
	case !ok:
		return nil, []string{" WRONG_TYPE"}
	case err != nil || at.Nanosecond()%1000 != 0:
		return nil, []string{" INVALID_FORMAT"}
	}
	return at.UTC().Format("2006-01-02T15:04:05.000000Z"), nil
}

func tags(sent any) (any, []string) {
	list, ok := sent.([]any)
	switch {
	case !ok:
		return nil, []string{" WRONG_TYPE"}
	case len(list) > 20:
		return nil, []string{" TOO_MANY"}
	}
	kept, faults := []any{}, []string(nil)
	for i, one := range list {
		tag, broken := line(50)(one)
		if broken == nil && slices.Contains(kept, tag) {
			broken = []string{" DUPLICATE"}
		}
		for _, fault := range broken {
			faults = append(faults, "/"+strconv.Itoa(i)+fault)
		}
		kept = append(kept, tag)
	}
	return kept, faults
}

// tag is the entity tag of a version.
func tag(version any) string { return fmt.Sprintf(`"%v"`, version) }

// matches is the strong comparison, of If-Match.
func matches(tags []string, task Object) bool {
	return slices.Contains(tags, "*") || slices.Contains(tags, tag(task["version"]))
}

// names is the weak comparison, of If-None-Match.
func names(tags []string, task Object) bool {
	return matches(tags, task) || slices.Contains(tags, "W/"+tag(task["version"]))
}

// disagrees reports whether header and body name different versions.
func disagrees(c Command) bool {
	named, readable := version(c.Body)
	return readable && c.Verb != "create" && c.Match != nil && !matches(c.Match, Object{"version": named})
}

// version is the one that a body names.
func version(body Object) (named float64, readable bool) {
	named, number := body["version"].(float64)
	return named, number && named == math.Trunc(named)
}
