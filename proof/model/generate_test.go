package model

import (
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"pgregory.net/rapid"
)

// Every letter that texts are made of, with the one that sorts for it: the
// least of those that simple case folding holds equal. They fold, sort and
// search unlike others, or SQL and LIKE read them otherwise.
var (
	letters = pairs("aA AA bB BB kK KK \u212AK sS SS ſS ßß ẞß σΣ ςΣ ΣΣ iI II İİ ıı %% __ \\\\ '' \"\" << éÉ \u0301\u0301 😀😀 \uFFFD\uFFFD 00")
	word    = rapid.Map(rapid.SliceOfN(rapid.SampledFrom(letters), 1, 8), spelled)
	spaces  = []string{"", "", " ", " \u00a0", "\u2003"}
)

// What members may be sent as, what is kept of it and what is told of it.
var (
	titles = rapid.Map(rapid.SliceOfN(word, 1, 2), func(words []Value) Member { return meant(joined(words, " ")) })
	padded = rapid.Custom(func(t *rapid.T) Member {
		m := titles.Draw(t, "title")
		m.Sent = pick(t, spaces, "before") + m.Shown.(string) + pick(t, spaces, "after")
		return m
	})
	contents = map[string]*rapid.Generator[Member]{
		"title": mostly(rapid.OneOf(titles, padded), meant(Value{Shown: strings.Repeat("é", 200), Order: strings.Repeat("É", 200)}),
			not(strings.Repeat("é", 201), " TOO_LONG"), not("", " BLANK"), not(" \u00a0 ", " BLANK"), not("two\nlines", " CONTROL_CHARACTER"),
			not("a\u2028b", " CONTROL_CHARACTER"), not("nul\x00", " CONTROL_CHARACTER"), not(7.0, " WRONG_TYPE"), not(nil, " REQUIRED")),
		"description": mostly(rapid.OneOf(titles, anyOf(meant(asShown("")), meant(asShown(" kept\r\n\tas sent ")))),
			not("bell\a", " CONTROL_CHARACTER"), not(strings.Repeat("x", 10_001), " TOO_LONG"), not(true, " WRONG_TYPE"), not(nil, " REQUIRED")),
		"completed": mostly(anyOf(meant(Value{Shown: false}), meant(Value{Shown: true})), not("true", " WRONG_TYPE"), not(nil, " REQUIRED")),
		"priority": mostly(anyOf(ranked("none", "0"), ranked("low", "1"), ranked("medium", "2"), ranked("high", "3")),
			not("HIGH", " UNKNOWN_VALUE"), not("", " UNKNOWN_VALUE"), not(2.0, " WRONG_TYPE"), not(nil, " REQUIRED")),
		"due_date": rapid.OneOf(rapid.Just(Member{}), mostly(rapid.Map(rapid.SampledFrom(dates), dated),
			not("2026-02-29", " INVALID_FORMAT"), not("2026-3-1", " INVALID_FORMAT"), not("", " INVALID_FORMAT"), not(1.0, " WRONG_TYPE"))),
		"due_at": rapid.OneOf(rapid.Just(Member{}), moments, moments),
		"tags":   mostly(rapid.Custom(tagged), not("home", " WRONG_TYPE"), not(nil, " REQUIRED"), not(slices.Repeat([]any{"t"}, 21), " TOO_MANY")),
	}
	dates = []string{"2026-03-28", "2026-03-29", "2026-03-30", "0001-01-01", "9999-12-31", "2024-02-29"}
	// Instants with their day in each of the Zones: Berlin puts its clocks
	// forward on 2026-03-29, and one zone is a day ahead of another.
	moments = mostly(anyOf(
		moment("2026-03-28T22:59:59.999999Z", "2026-03-28T22:59:59.999999Z", "2026-03-28", "2026-03-28", "2026-03-29", "2026-03-28", "2026-03-28"),
		moment("2026-03-28T23:00:00Z", "2026-03-28T23:00:00.000000Z", "2026-03-28", "2026-03-29", "2026-03-29", "2026-03-28", "2026-03-28"),
		moment("2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00.000000Z", "2026-03-29", "2026-03-29", "2026-03-29", "2026-03-28", "2026-03-28"),
		moment("2026-03-29T01:30:00.0Z", "2026-03-29T01:30:00.000000Z", "2026-03-29", "2026-03-29", "2026-03-29", "2026-03-28", "2026-03-28"),
		moment("2026-03-29T10:00:00.5-09:30", "2026-03-29T19:30:00.500000Z", "2026-03-29", "2026-03-29", "2026-03-30", "2026-03-29", "2026-03-29"),
		moment("0001-01-01T12:00:00Z", "0001-01-01T12:00:00.000000Z", "0001-01-01", "0001-01-01", "0001-01-01", "0001-01-01", "0001-01-01"),
		moment("9999-12-31T12:00:00Z", "9999-12-31T12:00:00.000000Z", "9999-12-31", "9999-12-31", "after all days", "9999-12-31", "9999-12-31"),
	), not("2026-03-29", " INVALID_FORMAT"), not("2026-03-29T10:00:00", " INVALID_FORMAT"), not("2026-03-29T10:00:00.1234567Z", " INVALID_FORMAT"),
		not("2026-03-29t10:00:00z", " INVALID_FORMAT"), not(false, " WRONG_TYPE"))
	goodTags = []Member{meant(asShown("home")), meant(asShown("Home")), meant(asShown("work")), meant(asShown("k%%")), {Sent: " x ", Value: asShown("x")}}
	badTags  = []Member{not("", " BLANK"), not(3.0, " WRONG_TYPE"), not(nil, " WRONG_TYPE"), not(strings.Repeat("t", 51), " TOO_LONG"), not("a\tb", " CONTROL_CHARACTER")}
)

// What is asked of lists, and of which members bodies are made.
var (
	members  = slices.Sorted(maps.Keys(contents))
	readOnly = Members[7:]
	sorts    = []string{"created_at", "updated_at", "due", "priority", "title"}
	tenth    = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	days     = []string{"2026-03-28", "2026-03-29", "2026-03-29", "2026-03-30", "0001-01-01", "9999-12-31"}
)

// pairs reads letters and what each sorts as.
func pairs(text string) (all [][2]rune) {
	for pair := range strings.FieldsSeq(text) {
		all = append(all, [2]rune([]rune(pair)))
	}
	return all
}

func spelled(letters [][2]rune) (v Value) {
	shown := ""
	for _, letter := range letters {
		shown += string(letter[0])
		v.Order += string(letter[1])
	}
	v.Shown = shown
	return v
}

func joined(words []Value, by string) Value {
	v := words[0]
	for _, next := range words[1:] {
		v = Value{Shown: fmt.Sprint(v.Shown, by, next.Shown), Order: v.Order + by + next.Order}
	}
	return v
}

// meant is a member that is sent as it is shown.
func meant(v Value) Member { return Member{Sent: v.Shown, Value: v} }

// not is what no member can be sent as.
func not(sent any, fault string) Member { return Member{Sent: sent, Faults: []string{fault}} }

func ranked(name, rank string) Member { return meant(Value{Shown: name, Order: rank}) }

func dated(day string) Member {
	return meant(Value{Shown: day, Order: day + "T00:00:00.000000Z", Days: [5]string{day, day, day, day, day}})
}

func moment(sent, kept string, days ...string) Member {
	return Member{Sent: sent, Value: Value{Shown: kept, Order: kept, Days: [5]string(days)}}
}

// tagged draws some tags, of which one time in ten two are bad, or are there
// already.
func tagged(t *rapid.T) (m Member) {
	list := rapid.SliceOfNDistinct(rapid.SampledFrom(goodTags), 0, 4, func(m Member) any { return m.Shown }).Draw(t, "tags")
	if often(t, 1, "bad tags") {
		bad := badTags
		if len(list) > 0 {
			bad = append(slices.Clone(bad), not(" "+list[0].Shown.(string), " DUPLICATE"))
		}
		list = append(list, pick(t, bad, "tag"), pick(t, bad, "tag"))
	}
	sent, shown := []any{}, []any{}
	for i, tag := range list {
		sent, shown = append(sent, tag.Sent), append(shown, tag.Shown)
		for _, fault := range tag.Faults {
			m.Faults = append(m.Faults, "/"+strconv.Itoa(i)+fault)
		}
	}
	m.Sent, m.Shown = sent, shown
	return m
}

func anyOf(members ...Member) *rapid.Generator[Member] { return rapid.SampledFrom(members) }

// mostly draws what is good nine times in ten.
func mostly(good *rapid.Generator[Member], others ...Member) *rapid.Generator[Member] {
	return rapid.Custom(func(t *rapid.T) Member {
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
	c := Command{User: l.user(t), Verb: pick(t, []string{
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

// user is mostly one who was not erased.
func (l *life) user(t *rapid.T) string {
	if len(l.erased) > 0 && often(t, 1, "erased") {
		return pick(t, l.erased, "user")
	}
	return pick(t, l.users, "user")
}

// target completes a command on one task.
func (l *life) target(t *rapid.T, c *Command) {
	stored := l.existing(t, c)
	switch c.Verb {
	case "create", "patch":
		c.Body = l.body(t, c.At, pick(t, [][]string{members, members[:2], members[2:4], members[4:], {}}, "members"), 5)
	case "put":
		c.Body = l.body(t, c.At, members, 10)
		if often(t, 1, "short of a member") {
			delete(c.Body, pick(t, members, "member"))
		}
	}
	if c.Verb == "create" && !often(t, 1, "without a title") {
		c.Body["title"] = drawn(t, c.At, "title")
	}
	if c.Verb != "get" && c.Body != nil && often(t, 2, "echoed") {
		c.Body = echoed(t, c, stored)
	}
	tags := l.tags(t, stored)
	switch {
	case c.Verb == "get":
		c.Known = tags
	case c.Verb != "create":
		c.Match = tags
	}
}

// echoed is a body with what GET gave beside.
func echoed(t *rapid.T, c *Command, stored Task) map[string]Member {
	echo := map[string]Member{}
	for member, value := range stored {
		echo[member] = meant(value)
	}
	for _, member := range readOnly {
		if often(t, 1, "altered") {
			echo[member] = altered(t, member, stored, c.At)
		}
	}
	maps.Copy(echo, c.Body)
	return echo
}

// altered draws what no GET gave of a member that nobody can write, or what it
// gave, written otherwise.
func altered(t *rapid.T, member string, stored Task, at string) Member {
	version, created := stored["version"].Shown, stored["created_at"].Shown
	m := pick(t, []Member{
		{Sent: "other"}, {Sent: 7.0}, {Sent: 1.5}, {Sent: nil}, {Sent: version}, {Sent: created},
	}, member)
	m.Shown = m.Sent
	if number, _ := m.Sent.(float64); member == "version" && (number == 0 || number != math.Trunc(number)) {
		return Member{Sent: m.Sent, Faults: []string{at + "/version WRONG_TYPE"}}
	}
	if member == "created_at" && m.Sent == created && created != nil {
		m.Sent = strings.Replace(created.(string), "Z", "+00:00", 1)
	}
	return m
}

// existing gives a command but a create an id, mostly of a task of the user,
// and returns that task.
func (l *life) existing(t *rapid.T, c *Command) Task {
	if c.Verb == "create" {
		return nil
	}
	user := c.User
	if often(t, 1, "another's") {
		user = pick(t, l.users, "whose")
	}
	ids := append(slices.Sorted(maps.Keys(l.model.tasks[user])), latest(l.gone)...)
	if len(ids) == 0 || often(t, 1, "nobody's") {
		ids = []string{"01890000-0000-7000-8000-000000000000", "no-id"}
	}
	c.ID = pick(t, ids, "task")
	return l.model.tasks[c.User][c.ID]
}

// latest are the last few.
func latest(all []string) []string { return slices.Clone(all[max(0, len(all)-Quota/2):]) }

func (l *life) body(t *rapid.T, at string, among []string, inTen int) map[string]Member {
	body := map[string]Member{}
	for _, member := range among {
		if often(t, inTen, member) {
			body[member] = drawn(t, at, member)
		}
	}
	if body["due_date"].Sent != nil && body["due_at"].Sent != nil && often(t, 8, "one due") {
		body[pick(t, []string{"due_date", "due_at"}, "not this")] = Member{}
	}
	return body
}

// drawn is a member of a body that is somewhere.
func drawn(t *rapid.T, at, member string) Member {
	m := contents[member].Draw(t, member)
	m.Faults = slices.Clone(m.Faults)
	for i, fault := range m.Faults {
		m.Faults[i] = at + "/" + member + fault
	}
	return m
}

// tags draws the versions of a condition, mostly none.
func (l *life) tags(t *rapid.T, stored Task) []any {
	now, _ := stored["version"].Shown.(float64)
	before, weak := now-1, fmt.Sprint("W/", now)
	return pick(t, [][]any{nil, nil, nil, {now}, {now}, {before}, {before}, {"*"}, {weak}, {before, now}, {now + 1, "x"}}, "tags")
}

func (l *life) batch(t *rapid.T, c Command) Command {
	c.Atomic = rapid.Bool().Draw(t, "atomic")
	for i := range rapid.IntRange(1, 4).Draw(t, "operations") {
		operation := Command{User: c.User, Verb: pick(t, []string{"create", "patch", "patch", "delete"}, "op")}
		operation.At = fmt.Sprintf("/operations/%d/%s", i, strings.Replace(operation.Verb, "create", "task", 1))
		l.target(t, &operation)
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
	filters, about := l.filters(), pick(t, [][]string{nil, nil, nil, {"due_from", "due_to", "tz"}, {"tag"}, {"updated_since"}}, "about")
	for _, filter := range slices.Sorted(maps.Keys(filters)) {
		likely := 1
		if slices.Contains(about, filter) {
			likely = 6
		}
		if often(t, likely, filter) {
			c.Query[filter] = filters[filter].Draw(t, filter)
		}
	}
	return c
}

func (l *life) filters() map[string]*rapid.Generator[[]string] {
	search := rapid.Map(rapid.SliceOfN(rapid.SampledFrom(append(letters, [2]rune{' ', ' '})), 1, 2),
		func(drawn [][2]rune) []string {
			return []string{strings.Map(unicode.SimpleFold, spelled(drawn).Shown.(string))}
		})
	return map[string]*rapid.Generator[[]string]{
		"completed": several(1, "true", "false"), "priority": several(3, "none", "low", "medium", "high"),
		"tag": several(3, "home", "Home", "work", "k%", "x"), "q": search,
		"due_from": several(1, days...), "due_to": several(1, days...), "tz": several(1, Zones...),
		"updated_since": several(1, append([]string{"2026-01-01T00:00:00.000000Z"}, latest(l.instants)...)...),
	}
}

// several draws some of the values that a parameter can have.
func several(most int, values ...string) *rapid.Generator[[]string] {
	return rapid.Map(rapid.SliceOfNDistinct(rapid.SampledFrom(values), 1, most, rapid.ID[string]),
		func(s []string) []string { return slices.Sorted(slices.Values(s)) })
}
