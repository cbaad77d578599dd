package model

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"pgregory.net/rapid"
)

// What members may hold, mostly good. The letters are those that fold, sort
// and search unlike others, and those that SQL and LIKE read otherwise.
var (
	letters = rapid.SampledFrom([]rune("aAbBkK\u212AsSſßẞσςΣiIİı%_\\'\"<é\u0301😀\uFFFD 0"))
	word    = rapid.StringOfN(letters, 1, 8, -1)
	titles  = mostly(word, "", " \u00a0 ", "  trimmed\u2003", "two\nlines", "a\u2028b", "nul\x00", strings.Repeat("é", 200), strings.Repeat("é", 201), 7.0, nil)
	texts   = mostly(rapid.OneOf(word, rapid.Just(""), rapid.Just(" kept\r\n\tas sent ")), "bell\a", strings.Repeat("x", 10_001), nil, true)
	dates   = mostly(rapid.SampledFrom([]string{"2026-03-28", "2026-03-29", "2026-03-30", "0001-01-01", "9999-12-31", "2024-02-29"}), "2026-02-29", "2026-3-1", "", 1.0)
	moments = mostly(rapid.SampledFrom([]string{
		"2026-03-28T22:59:59.999999Z", "2026-03-28T23:00:00Z", "2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00.0Z", "2026-03-29T10:00:00.5-09:30", "0001-01-01T12:00:00Z", "9999-12-31T12:00:00Z",
	}), "2026-03-29", "2026-03-29T10:00:00", "2026-03-29T10:00:00.1234567Z", "2026-03-29t10:00:00z", false)
	someTags = rapid.SampledFrom([]any{"home", "Home", "work", "k%", " x "})
	badTags  = rapid.SampledFrom([]any{"", "x", 3.0, nil, strings.Repeat("t", 51), "a\tb"})
	tagLists = mostly(rapid.SliceOfNDistinct(someTags, 0, 4, rapid.ID[any]), "home", nil, slices.Repeat([]any{"t"}, 21))

	contents = map[string]*rapid.Generator[any]{
		"title": titles, "description": texts, "tags": tagLists,
		"completed": mostly(rapid.Bool(), "true", nil),
		"priority":  mostly(rapid.SampledFrom(priorities), "HIGH", "", 2.0, nil),
		"due_date":  rapid.OneOf(rapid.Just[any](nil), dates), "due_at": rapid.OneOf(rapid.Just[any](nil), moments, moments),
	}
	members = slices.Sorted(maps.Keys(contents))
	sorts   = []string{"created_at", "updated_at", "due", "priority", "title"}
	tenth   = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	days    = []string{"2026-03-28", "2026-03-29", "2026-03-29", "2026-03-30", "0001-01-01", "9999-12-31"}
	zones   = []string{"UTC", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Marquesas", "America/New_York"}
)

// mostly draws what is good nine times in ten.
func mostly[T any](good *rapid.Generator[T], others ...any) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		if often(t, 1, "odd") {
			return pick(t, others, "value")
		}
		return good.Draw(t, "value")
	})
}

// often is true so many times in ten; it shrinks to false.
func often(t *rapid.T, inTen int, what string) bool {
	return pick(t, tenth, what) > 10-inTen
}

func pick[T any](t *rapid.T, from []T, what string) T { return rapid.SampledFrom(from).Draw(t, what) }

// command draws what somebody asks next.
func (l *life) command(t *rapid.T) Command {
	c := Command{User: pick(t, l.users, "user"), Verb: pick(t, []string{
		"create", "create", "create", "get", "put", "put", "patch", "patch", "complete", "reopen", "delete", "list", "list", "list", "batch",
	}, "verb")}
	switch c.Verb {
	case "list":
		return l.listing(t, c)
	case "batch":
		c = l.batch(t, c)
	default:
		l.target(t, &c)
	}
	if c.Verb == "get" || !often(t, 2, "keyed") {
		return c
	}
	c.Key = pick(t, []string{"a", "b", `"c"`}, "key")
	l.keyed = append(l.keyed, c)
	if often(t, 5, "again") {
		return pick(t, l.keyed, "which again")
	}
	return c
}

// target completes a command on one task.
func (l *life) target(t *rapid.T, c *Command) {
	stored := l.existing(t, c)
	switch c.Verb {
	case "create", "patch":
		c.Body = l.body(t, pick(t, [][]string{members, members[:2], members[2:4], members[4:], {}}, "members"), 5)
	case "put":
		c.Body = l.body(t, members, 10)
		if often(t, 1, "short of a member") {
			delete(c.Body, pick(t, members, "member"))
		}
	}
	if c.Verb == "create" && !often(t, 1, "without a title") {
		c.Body["title"] = titles.Draw(t, "title")
	}
	if c.Verb != "get" && c.Body != nil && often(t, 2, "echoed") { // what GET gave is sent back
		echo := Object{}
		maps.Copy(echo, stored)
		for _, member := range readOnly {
			if often(t, 1, "altered") {
				echo[member] = pick(t, []any{"other", 7.0, 1.5, nil, stored["version"], stored["created_at"], strings.Replace(fmt.Sprint(stored["created_at"]), "Z", "+00:00", 1)}, member)
			}
		}
		maps.Copy(echo, c.Body)
		c.Body = echo
	}
	tags := l.tags(t, stored)
	switch {
	case c.Verb == "get":
		c.Known = tags
	case c.Verb != "create":
		c.Match = tags
	}
}

// existing gives a command but a create an id, mostly of a task of the user,
// and returns that task.
func (l *life) existing(t *rapid.T, c *Command) Object {
	if c.Verb == "create" {
		return nil
	}
	user := c.User
	if often(t, 1, "another's") {
		user = pick(t, l.users, "whose")
	}
	ids := append(slices.Sorted(maps.Keys(l.model.tasks[user])), l.gone...)
	if len(ids) == 0 || often(t, 1, "nobody's") {
		ids = []string{"01890000-0000-7000-8000-000000000000", "no-id"}
	}
	c.ID = pick(t, ids, "task")
	return l.model.tasks[c.User][c.ID]
}

func (l *life) body(t *rapid.T, among []string, inTen int) Object {
	body := Object{}
	for _, member := range among {
		if often(t, inTen, member) {
			body[member] = contents[member].Draw(t, member)
		}
	}
	if tags, ok := body["tags"].([]any); ok && often(t, 1, "bad tags") {
		body["tags"] = append(slices.Clone(tags), badTags.Draw(t, "tag"), badTags.Draw(t, "tag"))
	}
	if body["due_date"] != nil && body["due_at"] != nil && often(t, 8, "one due") {
		body[pick(t, []string{"due_date", "due_at"}, "not this")] = nil
	}
	return body
}

// tags draws the entity tags of a condition, mostly none.
func (l *life) tags(t *rapid.T, stored Object) []string {
	version, _ := stored["version"].(float64)
	now, before := tag(version), tag(version-1)
	return pick(t, [][]string{nil, nil, nil, {now}, {now}, {before}, {before}, {"*"}, {"W/" + now}, {before, now}, {tag(version + 1), `"x"`}}, "tags")
}

func (l *life) batch(t *rapid.T, c Command) Command {
	c.Atomic = rapid.Bool().Draw(t, "atomic")
	for range rapid.IntRange(1, 4).Draw(t, "operations") {
		operation := Command{User: c.User, Verb: pick(t, []string{"create", "patch", "patch", "delete"}, "op")}
		l.target(t, &operation)
		operation.User = ""
		c.Operations = append(c.Operations, operation)
	}
	return c
}

// listing draws a list, or goes on with one.
func (l *life) listing(t *rapid.T, c Command) Command {
	if len(l.pages) > 0 && often(t, 6, "goes on") {
		c = pick(t, l.pages, "page")
		switch c.Limit = rapid.IntRange(1, 4).Draw(t, "limit"); pick(t, tenth, "misused") {
		case 10:
			c.Query = url.Values{"completed": {"true"}}
		case 9:
			c.User = pick(t, l.users, "thief")
		case 8:
			c.Cursor += "A"
		}
		return c
	}
	c.Limit, c.Count, c.Query = rapid.IntRange(0, 4).Draw(t, "limit"), rapid.Bool().Draw(t, "count"), url.Values{}
	if often(t, 8, "sorted") {
		c.Query.Set("sort", pick(t, []string{"", "-"}, "direction")+pick(t, sorts, "sort"))
	}
	filters, byDay := l.filters(), often(t, 3, "by day")
	for _, filter := range slices.Sorted(maps.Keys(filters)) {
		likely := 1
		if byDay && (filter == "tz" || strings.HasPrefix(filter, "due_")) {
			likely = 6
		}
		if often(t, likely, filter) {
			c.Query[filter] = filters[filter].Draw(t, filter)
		}
	}
	return c
}

func (l *life) filters() map[string]*rapid.Generator[[]string] {
	return map[string]*rapid.Generator[[]string]{
		"completed": several(1, "true", "false"), "priority": several(3, priorities...), "tag": several(3, "home", "Home", "work", "k%", "x"),
		"q":        rapid.Map(rapid.StringOfN(letters, 1, 2, -1), func(s string) []string { return []string{strings.Map(unicode.SimpleFold, s)} }),
		"due_from": several(1, days...), "due_to": several(1, days...), "tz": several(1, zones...),
		"updated_since": several(1, append([]string{"2026-01-01T00:00:00.000000Z"}, l.instants...)...),
	}
}

// several draws some of the values that a parameter can have.
func several(most int, values ...string) *rapid.Generator[[]string] {
	return rapid.Map(rapid.SliceOfNDistinct(rapid.SampledFrom(values), 1, most, rapid.ID[string]),
		func(s []string) []string { return slices.Sorted(slices.Values(s)) })
}
