package walk

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"taskhold/proof/wire"
)

// again sends a request with a key once more, the same or another.
func (w *Walker) again() {
	first := w.kept
	w.kept = nil
	a := ask{operation: first.operation, request: first.request, why: "a repeated key", fits: only(first.reply.Status)}
	a.check = func(r wire.Reply) string {
		if r.Header.Get("Idempotent-Replayed") != "true" || !bytes.Equal(r.Body, first.reply.Body) {
			return "it is not the first reply: " + string(first.reply.Body)
		}
		return ""
	}
	if w.IntN(2) == 0 {
		a.request.Target = "/v1/tasks"
		a.request.Method = "POST"
		a.request.Body = fmt.Sprintf(`{"title": "another %d"}`, w.Uint32())
		a.request.Headers = append(without(without(a.request.Headers, "Content-Type"), "If-Match"), "Content-Type: application/json")
		a.operation = w.judge.create
		a.why, a.fits, a.check = "a key of another request", only(422), nil
	}
	w.send(a)
}

func without(headers []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(headers), func(h string) bool { return strings.HasPrefix(h, name+":") })
}

// anonymous takes the token away, or puts a bad one in its place.
func (w *Walker) anonymous(a *ask) {
	if a.operation.open {
		return
	}
	a.request.Headers = without(a.request.Headers, "Authorization")
	if bad := pick(w.Rand, "", "Bearer", "Bearer x.y.z", "Basic eDp5", "Bearer "+w.token+"x", "bearer "+w.token[:len(w.token)-2]); bad != "" {
		a.request = a.request.With("Authorization: " + bad)
	}
	a.why, a.fits, a.then = "without credentials", only(401), nil
}

// spoil makes one thing wrong.
func (w *Walker) spoil(g generator, a *ask) {
	all := []func(generator, *ask) string{w.spoilHeader}
	if strings.HasPrefix(a.operation.door, "/v1") && a.operation.id == "listTasks" {
		all = []func(generator, *ask) string{w.spoilHeader, w.spoilQuery, w.spoilQuery, w.spoilQuery}
	}
	if a.request.Body != "" {
		all = []func(generator, *ask) string{w.spoilHeader, w.spoilText, w.spoilMember, w.spoilMember, w.spoilMember}
	}
	if a.operation.open {
		return
	}
	if why := pick(w.Rand, all...)(g, a); why != "" {
		a.why, a.fits, a.then = "but for "+why, refused, nil
	}
}

func (w *Walker) spoilHeader(_ generator, a *ask) string {
	type wrong struct{ why, header string }
	all := []wrong{{"a second token", "Authorization: Bearer x"}, {"what is accepted", "Accept: text/html"}}
	if a.operation.writes() {
		all = append(all,
			wrong{"a key with a space", "Idempotency-Key: a b"}, wrong{"a long key", "Idempotency-Key: " + strings.Repeat("k", 256)}, wrong{"a key in other letters", "Idempotency-Key: é"},
			wrong{"an empty key", `Idempotency-Key: ""`}, wrong{"a condition for reading", `If-None-Match: "1"`})
	}
	if strings.Contains(a.operation.path, "{id}") && a.operation.writes() {
		all = append(all, wrong{"a condition without an end", `If-Match: "1`}, wrong{"a bare condition", "If-Match: 1"}, wrong{"an old condition", `If-Match: "9999998"`}, wrong{"a weak condition", `If-Match: W/"1"`})
	}
	if a.operation.method == "POST" && !strings.Contains(a.operation.path, "{id}") {
		all = append(all, wrong{"a condition on nothing", `If-Match: "1"`})
	}
	if a.request.Body != "" {
		all = append(all, wrong{"a compressed body", "Content-Encoding: gzip"}, wrong{"another type", "Content-Type: text/plain"}, wrong{"another charset", "Content-Type: application/json; charset=latin1"})
	}
	one := pick(w.Rand, all...)
	name, _, _ := strings.Cut(one.header, ":")
	if name != "Authorization" {
		a.request.Headers = without(a.request.Headers, name)
	}
	a.request = a.request.With(one.header)
	return one.why
}

func (w *Walker) spoilQuery(_ generator, a *ask) string {
	wrong := pick(w.Rand,
		"limit=0", "limit=201", "limit=-1", "limit=1e2", "limit=abc", "limit=9223372036854775808", "limit=%EF%BC%91", "limit=", "limit=5&limit=5", "completed=yes", "completed=TRUE", "priority=urgent", "priority=", "tag=", "tag=%00",
		"tag="+strings.Repeat("t", 51), "q="+strings.Repeat("q", 101), "q=a%00", "q=%FF", "due_from=2026-02-30", "due_from=20260101", "due_to=2026-01-01T00:00:00Z", "tz=Mars/Olympus", "tz=Local", "tz=", "updated_since=2026-01-01", "updated_since=yesterday",
		"sort=id", "sort=--title", "sort=title,due", "cursor=", "cursor=x", "cursor="+strings.Repeat("A", 200), "LIMIT=1", "user_id=x", "unknown=1", "%00=1", "limit=1;drop")
	if strings.Contains(a.request.Target, "?") {
		a.request.Target += "&" + wrong
	} else {
		a.request.Target += "?" + wrong
	}
	return wrong
}

// spoilText breaks the body as a text.
func (w *Walker) spoilText(_ generator, a *ask) string {
	body := a.request.Body
	type wrong struct{ why, body string }
	one := pick(w.Rand,
		wrong{"the end", body[:len(body)-1]}, wrong{"what trails", body + "x"}, wrong{"a second value", body + body}, wrong{"a byte order mark", "\ufeff" + body}, wrong{"an array", "[" + body + "]"},
		wrong{"null", "null"}, wrong{"a text", `"x"`}, wrong{"single quotes", strings.ReplaceAll(body, `"`, `'`) + "'"}, wrong{"a comma", body[:len(body)-1] + ",}"},
		wrong{"a repeated name", strings.Replace(body, "{", `{"title":"a","title":"b",`, 1)}, wrong{"invalid UTF-8", strings.Replace(body, "{", "{\"title\":\"\xff\",", 1)},
		wrong{"half a surrogate", strings.Replace(body, "{", `{"title":"\ud800",`, 1)}, wrong{"a comment", "/**/" + body})
	a.request.Body = strings.ReplaceAll(one.body, ",}", "}")
	if one.why == "a comma" {
		a.request.Body = one.body
	}
	return one.why
}

// spoilMember makes one member what its schema does not allow.
func (w *Walker) spoilMember(g generator, a *ask) string {
	body, ok := g.value(a.operation.body, "", a.known).(members)
	if !ok || g.resolve(a.operation.body).text("name of schema") == "Done" && a.operation.method == "POST" {
		return "" // what it says does not matter
	}
	s := g.resolve(a.operation.body)
	properties, required := g.properties(s)
	closed := s["additionalProperties"] == false
	if closed && w.IntN(4) == 0 {
		a.request.Body = write(body.set(pick(w.Rand, "unknown", "Title", "USER_ID", "__proto__", "title ", "deleted_at"), "x"))
		return "a member too many"
	}
	if len(required) > 0 && w.IntN(4) == 0 {
		name := pick(w.Rand, required...)
		a.request.Body = write(body.without(name))
		return name + ", which is missing"
	}
	name := pick(w.Rand, sorted(properties)...)
	bad := w.bad(g, object(properties[name]), name)
	if bad == nil {
		return ""
	}
	names := []string{"due_date", "due_at", "dueDate", "completed", "is_completed", "isCompleted", "status"} // of which another would count
	if slices.Contains(names, name) && !slices.Contains(required, name) {
		body = body.without(names...)
		for _, needed := range required {
			if body.index(needed) < 0 {
				body = body.set(needed, g.value(object(properties[needed]), needed, a.known))
			}
		}
	}
	a.request.Body = write(body.set(name, bad))
	return name + " being " + fmt.Sprintf("%.60s", write(bad))
}

// bad makes what a schema does not allow; nil: nothing comes to mind.
func (w *Walker) bad(g generator, s schema, name string) any {
	s = g.resolve(s)
	switch s.text("name of schema") {
	case "EchoedUpdatedAt", "EchoedCompletedAt":
		return nil // they are ignored
	case "Completion":
		return pick[any](w.Rand, 7, "urgent", "", "true", []any{1}, "x\u0000y", raw("null"))
	}
	types := s.types(g.document)
	var all []any
	for _, other := range []struct {
		kind     string
		examples []any
	}{
		{"integer", []any{7, raw("1.5"), raw("1e400")}}, {"boolean", []any{true}}, {"array", []any{[]any{1}, []any{}}}, {"object", []any{members{{"x", 1}}}}, {"null", []any{raw("null")}},
	} {
		if !slices.Contains(types, other.kind) {
			all = append(all, other.examples...)
		}
	}
	if slices.Contains(types, "string") {
		all = append(all, "x\u0000y")
	}
	if high := s.number("maxLength", 0); high > 0 && slices.Contains(types, "string") {
		all = append(all, strings.Repeat("é", high+1))
	}
	if s.number("minLength", 0) > 0 {
		all = append(all, "", " \t ", "a\nb")
	}
	if slices.Contains(types, "array") {
		all = append(all, []any{"same", "same"}, []any{""}, []any{strings.Repeat("t", 51)}, []any{nil})
		if s.number("maxItems", 0) == 20 {
			many := make([]any, 21)
			for i := range many {
				many[i] = fmt.Sprint(i)
			}
			all = append(all, many)
		}
	}
	if strings.HasPrefix(name, "due") {
		all = append(all, "tomorrow", "2026-02-30", "2026-1-1", "2026-01-01T25:00:00Z", "2026-01-01T00:00:00", "0000-01-01", "2026-01-01T00:00:00.1234567Z")
	}
	if s["enum"] != nil {
		all = append(all, "urgent")
	}
	if len(all) == 0 {
		return nil
	}
	return pick(w.Rand, all...)
}
