package walk

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// member is one of an object that keeps its order, and may hold a name twice.
type member struct {
	name  string
	value any
}

type members []member

// write writes a value as JSON.
func write(v any) string {
	switch v := v.(type) {
	case members:
		parts := make([]string, len(v))
		for i, m := range v {
			parts[i] = write(m.name) + ":" + write(m.value)
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		parts := make([]string, len(v))
		for i, one := range v {
			parts[i] = write(one)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case raw:
		return string(v)
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // strings, numbers, booleans and null
	return strings.TrimSuffix(text.String(), "\n")
}

// raw is JSON, or what is none, as it is to be sent.
type raw string

func (m members) index(name string) int {
	return slices.IndexFunc(m, func(one member) bool { return one.name == name })
}

// set returns the object with a member in place of that of its name, or more.
func (m members) set(name string, value any) members {
	changed := slices.Clone(m)
	if i := m.index(name); i >= 0 {
		changed[i].value = value
		return changed
	}
	return append(changed, member{name, value})
}

func (m members) without(names ...string) members {
	return slices.DeleteFunc(slices.Clone(m), func(one member) bool { return slices.Contains(names, one.name) })
}

func (m members) null(name string) bool {
	i := m.index(name)
	return i >= 0 && m[i].value == nil
}

// generator makes what a schema allows.
type generator struct {
	*rand.Rand
	*document
}

func pick[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

func (g generator) one(in int) bool { return g.IntN(in) == 0 }

// value makes a value of a member. A known task is what a client echoes.
func (g generator) value(s schema, name string, known schema) any {
	s = g.resolve(s)
	if special, ok := g.special(s, name, known); ok {
		return special
	}
	if constant, ok := s["const"]; ok {
		return constant
	}
	if list := elements(s["enum"]); list != nil {
		return pick(g.Rand, list...)
	}
	for _, choice := range []string{"oneOf", "anyOf"} {
		if list := elements(s[choice]); list != nil {
			return g.value(object(pick(g.Rand, list...)), name, known)
		}
	}
	types := s.types(g.document)
	if len(types) == 0 {
		types = []string{"object"}
	}
	switch pick(g.Rand, types...) {
	case "object":
		return g.object(s, known)
	case "array":
		return g.array(s, known)
	case "boolean":
		return g.one(2)
	case "integer":
		low := s.number("minimum", 0)
		return low + g.IntN(min(s.number("maximum", low+100)-low, 1000)+1)
	case "null":
		return nil
	}
	return g.text(s)
}

// special makes what its schema does not say in full.
func (g generator) special(s schema, name string, known schema) (any, bool) {
	switch s.text("name of schema") {
	case "EchoedId":
		return known["id"], true
	case "EchoedUserId":
		return known["user_id"], true
	case "EchoedCreatedAt":
		return known["created_at"], true
	case "ExpectedVersion":
		return known["version"], true
	case "ETag":
		return pick(g.Rand, `"`+write(known["version"])+`"`, `*`, `"7000", "`+write(known["version"])+`"`), true
	case "TaskId":
		return known["id"], true
	case "Completion":
		return pick[any](g.Rand, true, false, "pending", "completed", "Active", "INCOMPLETE", "done"), true
	}
	if pattern := s.text("pattern"); !strings.HasPrefix(pattern, "^[A-Za-z]*$") && !strings.HasPrefix(pattern, "^([0-9]{4}") {
		return nil, false
	}
	switch name { // words and forms that front ends use
	case "priority":
		return pick[any](g.Rand, "none", "Low", "MEDIUM", "high", "", nil), true
	case "due_date", "dueDate":
		return pick[any](g.Rand, "", nil, g.date(), g.instant()), true
	}
	return nil, false
}

func (g generator) object(s schema, known schema) members {
	properties, required := g.properties(s)
	made := members{}
	for _, name := range sorted(properties) {
		if !slices.Contains(required, name) && g.one(2) {
			continue
		}
		property := object(properties[name])
		if echoed := g.resolve(property).text("name of schema"); known == nil && (strings.HasPrefix(echoed, "Echoed") || echoed == "ExpectedVersion" || echoed == "ETag") {
			continue
		}
		made = append(made, member{name, g.value(property, name, known)})
	}
	g.Shuffle(len(made), func(i, j int) { made[i], made[j] = made[j], made[i] })
	return g.settle(made, s)
}

// settle keeps to what a schema cannot say, or says by not: at most one due,
// and of the names for one thing one.
func (g generator) settle(m members, s schema) members {
	if m.index("due_at") >= 0 && m.index("due_date") >= 0 && !m.null("due_at") && !m.null("due_date") {
		m = m.set(pick(g.Rand, "due_at", "due_date"), nil)
	}
	if g.resolve(s).text("name of schema") == "TaskPatch" {
		for due, other := range map[string]string{"due_at": "due_date", "due_date": "due_at"} {
			if m.index(due) >= 0 && !m.null(due) {
				m = m.set(other, nil)
			}
		}
	}
	for _, names := range [][]string{{"completed", "is_completed", "isCompleted", "status"}, {"due_date", "dueDate"}} {
		kept := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return m.index(name) < 0 })
		if len(kept) > 1 {
			m = m.without(kept[1:]...)
		}
	}
	return m
}

func (g generator) array(s schema, known schema) []any {
	low, high := s.number("minItems", 0), min(s.number("maxItems", 5), 20)
	list := make([]any, low+g.IntN(pick(g.Rand, 1, min(3, high-low)+1, high-low+1)))
	items := object(s["items"])
	for i := range list {
		for {
			list[i] = g.value(items, "", known)
			if !slices.ContainsFunc(list[:i], func(other any) bool { return write(other) == write(list[i]) }) {
				break
			}
		}
	}
	return list
}

// alphabet is what texts are made of: what breaks what reads it carelessly.
var alphabet = strings.Split(`a|b|Z|0|9| |'|"|\|/|%|_|*|;|--|<b>|&|{|}|$1|?|é|ß|İ|ſ|日本|😀|👩‍👩‍👧|עברית|ﷺ|e`+"\u0301|\u200b|\u202e|\ufeff|\ufffd|\u00a0|\U0010ffff|null|undefined|NaN|'; DROP TABLE tasks; --|{{7*7}}|${jndi:x}|../../etc/passwd|%00|\\u0000", "|")

// text makes a text within the bounds of a schema, of code points.
func (g generator) text(s schema) string {
	switch {
	case strings.Contains(s.text("pattern"), "Z|[+-]"), s.text("format") == "date-time":
		return g.instant()
	case s.text("format") == "date":
		return g.date()
	}
	low, high := s.number("minLength", 0), min(s.number("maxLength", 100), 10_000)
	length := low + g.IntN(min(12, high-low)+1)
	if g.one(10) {
		length = high
	}
	if length == 0 {
		return ""
	}
	var runes []rune
	for len(runes) < length {
		runes = append(runes, []rune(pick(g.Rand, alphabet...))...)
	}
	runes = runes[:length]
	runes[0], runes[length-1] = 'x', 'y' // or white space would be trimmed
	return string(runes)
}

func (g generator) date() string { return g.moment().Format(time.DateOnly) }

func (g generator) moment() time.Time {
	if g.one(10) {
		return pick(g.Rand, time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 30, 23, 59, 59, 999999000, time.UTC), time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC))
	}
	return time.Date(2020+g.IntN(10), 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(g.Int64N(int64(365 * 24 * time.Hour))))
}

func (g generator) instant() string {
	zone := time.FixedZone("", 60*(g.IntN(24*60-1)-12*60))
	form := pick(g.Rand, "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05.000000Z07:00", "2006-01-02T15:04:05.0Z07:00")
	return g.moment().In(pick(g.Rand, zone, time.UTC)).Format(form)
}

func sorted(s schema) []string {
	var names []string
	for name := range s {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
