package walk

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"

	"taskhold/proof/wire"
)

// Walker asks as one user, step after step, and keeps what it was told of, to
// ask about it again.
type Walker struct {
	*rand.Rand
	documents []*document
	judge     *judge
	service   Service
	user      string
	token     string

	tasks   []schema // that stand, as they were told last
	gone    []string // ids of those that were deleted
	foreign string   // the id of a task of somebody else
	next    []string // targets of next pages
	kept    *kept
	Steps   int
}

// kept is a request with a key, to be sent again.
type kept struct {
	operation *operation
	request   wire.Request
	reply     wire.Reply
}

// target is what a request is about.
type target int

const (
	standing target = iota
	missing         // gone, another's, or none
)

// ask is a request and what may come of it.
type ask struct {
	operation *operation
	request   wire.Request
	why       string             // it was made
	fits      func(int) bool     // the status
	known     schema             // the task it is about; nil: none
	then      func(r wire.Reply) // what is learnt
	check     func(wire.Reply) string
}

func accepted(status int) bool { return status/100 == 2 || status == 304 }

func refused(status int) bool { return status/100 == 4 }

func only(want ...int) func(int) bool {
	return func(status int) bool { return slices.Contains(want, status) }
}

// Step asks once and judges the reply.
func (w *Walker) Step() {
	w.Steps++
	d := w.documents[w.IntN(len(w.documents))]
	if w.kept != nil && w.IntN(3) == 0 {
		w.again()
		return
	}
	op := d.operations[w.IntN(len(d.operations))]
	g := generator{w.Rand, d}
	a := w.valid(g, op)
	switch w.IntN(10) {
	case 0, 1, 2:
		w.spoil(g, &a)
	case 3:
		w.hostile(g, &a)
	case 4:
		w.anonymous(&a)
	}
	w.send(a)
}

func (w *Walker) send(a ask) {
	reply, err := w.service(a.request)
	if err != nil {
		w.judge.fault(a, wire.Reply{}, "%v", err)
		return
	}
	w.judge.hold(a, reply)
	if a.then != nil {
		a.then(reply)
	}
}

// valid makes a request that the document allows, about a task that stands or
// one that does not.
func (w *Walker) valid(g generator, op *operation) ask {
	a := ask{operation: op, why: "valid", fits: accepted}
	about, id := w.subject(op)
	if about == standing && strings.Contains(op.path, "{id}") {
		a.known = w.known(id)
	}
	if about == missing {
		a.why, a.fits = "valid but for the task", only(404)
	}
	path := strings.NewReplacer("{id}", id, "{user_id}", url.PathEscape(w.user), "{slug}", "not-found").Replace(op.path)
	a.request = wire.Request{Method: op.method, Target: path}
	if !op.open {
		a.request = a.request.With("Authorization: Bearer " + w.token)
	}
	conditional := false
	for _, p := range op.parameters {
		conditional = w.parameter(g, &a, p) || conditional
	}
	if query := w.query(g, op); query != "" && len(query) < 6000 { // beyond that the headers are too large
		a.request.Target += "?" + query
	}
	if op.body != nil {
		w.body(g, &a, conditional)
	}
	a.then = func(r wire.Reply) { w.learn(a, id, r) }
	return a
}

// subject chooses the task that a request is about.
func (w *Walker) subject(op *operation) (target, string) {
	if !strings.Contains(op.path, "{id}") {
		return standing, ""
	}
	if len(w.tasks) == 0 || w.IntN(6) == 0 {
		ids := append([]string{w.foreign, "019f0000-0000-7000-8000-000000000000"}, w.gone...)
		if len(w.tasks) > 0 {
			ids = append(ids, strings.ToUpper(fmt.Sprint(w.tasks[0]["id"])), fmt.Sprint(w.tasks[0]["id"])+"0", "x")
		}
		id := pick(w.Rand, ids...)
		if w.known(id) != nil { // it has no letters that could be upper case
			return standing, id
		}
		return missing, id
	}
	return standing, fmt.Sprint(w.tasks[w.IntN(len(w.tasks))]["id"])
}

func (w *Walker) known(id string) schema {
	if i := w.index(id); i >= 0 {
		return w.tasks[i]
	}
	return nil
}

func (w *Walker) index(id string) int {
	return slices.IndexFunc(w.tasks, func(t schema) bool { return t["id"] == id })
}

// parameter adds a header that the operation knows, and reports whether it is
// a condition on the version.
func (w *Walker) parameter(g generator, a *ask, p schema) bool {
	if p["in"] != "header" || w.IntN(3) > 0 {
		return false
	}
	name := p.text("name")
	switch name {
	case "If-Match":
		if a.known == nil {
			a.request = a.request.With(name + ": *")
			return false
		}
		version := write(a.known["version"])
		a.request = a.request.With(name + ": " + pick(w.Rand, `"`+version+`"`, `*`, `"9999", "`+version+`"`))
		return true
	case "If-None-Match":
		a.request = a.request.With(name + `: "` + fmt.Sprint(w.IntN(3)) + `"`)
	case "Idempotency-Key":
		a.request = a.request.With(fmt.Sprintf("%s: key-%x", name, w.Uint64()))
	default:
		a.request = a.request.With(name + ": " + fmt.Sprint(g.value(object(p["schema"]), name, nil)))
	}
	return false
}

// query makes a query of parameters that the operation knows, or the next page
// of an earlier one.
func (w *Walker) query(g generator, op *operation) string {
	if len(w.next) > 0 && op.id == "listTasks" && op.door == "/v1" && w.IntN(3) == 0 {
		return w.next[w.IntN(len(w.next))]
	}
	values := url.Values{}
	for _, p := range op.parameters {
		if name := p.text("name"); p["in"] == "query" && name != "cursor" && w.IntN(5) == 0 {
			values[name] = w.values(g, p)
		}
	}
	return values.Encode()
}

// zones are some that are out of the common: by half an hour, across the date
// line, and with changes at midnight.
var zones = []string{"UTC", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Kiritimati", "America/Sao_Paulo", "Etc/GMT+12", "America/St_Johns"}

func (w *Walker) values(g generator, p schema) []string {
	if p.text("name") == "tz" {
		return []string{pick(w.Rand, zones...)}
	}
	if list, ok := g.value(object(p["schema"]), p.text("name"), nil).([]any); ok {
		texts := make([]string, len(list))
		for i, one := range list {
			texts[i] = fmt.Sprint(one)
		}
		return texts
	}
	return []string{fmt.Sprint(g.value(object(p["schema"]), p.text("name"), nil))}
}

// body adds a body. Beside a condition it says nothing of the version.
func (w *Walker) body(g generator, a *ask, conditional bool) {
	known := a.known
	if known == nil && a.operation.id == "runBatch" && len(w.tasks) > 0 {
		known = w.tasks[w.IntN(len(w.tasks))]
	}
	made, ok := g.value(a.operation.body, "", known).(members)
	if !ok {
		return
	}
	if conditional {
		made = made.without("version")
	}
	if i := made.index("operations"); i >= 0 {
		made[i].value = w.operations(made[i].value.([]any), known)
	}
	a.request.Body = write(made)
	a.request = a.request.With("Content-Type: " + pick(w.Rand, a.operation.takes...))
}

// operations keeps those that can stand together: one about a known task, and
// as many as create one.
func (w *Walker) operations(list []any, known schema) []any {
	var kept []any
	about := known == nil
	for _, one := range list {
		of := one.(members)
		if of.index("id") >= 0 && about {
			continue
		}
		about = about || of.index("id") >= 0
		if of.index("if_match") >= 0 {
			if i := of.index("patch"); i >= 0 {
				of = of.set("patch", of[i].value.(members).without("version"))
			}
		}
		kept = append(kept, of)
	}
	if kept == nil {
		kept = []any{members{{"op", "create"}, {"task", members{{"title", "x"}}}}}
	}
	return kept
}

// learn keeps what a reply tells of tasks.
func (w *Walker) learn(a ask, id string, r wire.Reply) {
	if !accepted(r.Status) {
		return
	}
	if a.operation.writes() && slices.ContainsFunc(a.request.Headers, func(h string) bool { return strings.HasPrefix(h, "Idempotency-Key") }) {
		w.kept = &kept{a.operation, a.request, r}
	}
	var told schema
	_ = json.Unmarshal(r.Body, &told)
	switch {
	case a.operation.id == "runBatch":
		w.forget()
	case a.operation.method == "DELETE" && strings.HasSuffix(a.operation.path, "{id}"):
		w.gone = append(w.gone, id)
		w.tasks = slices.DeleteFunc(w.tasks, func(t schema) bool { return t["id"] == id })
	case told["id"] != nil:
		w.remember(told)
	}
	if link := r.Header.Get("Link"); link != "" {
		if at := strings.IndexByte(link, '?'); at >= 0 {
			w.next = append(w.next, link[at+1:strings.IndexByte(link, '>')])
		}
	}
}

// remember keeps a task as it was told by either door: of /v1 what may be
// echoed, of /api what has changed.
func (w *Walker) remember(told schema) {
	known := schema{}
	for _, name := range []string{"id", "user_id", "created_at", "version"} {
		known[name] = told[name]
	}
	if i := w.index(fmt.Sprint(told["id"])); i >= 0 {
		w.tasks[i] = known
		return
	}
	if len(w.tasks) < 50 {
		w.tasks = append(w.tasks, known)
	}
}

// forget asks for the tasks anew: a batch may have changed any.
func (w *Walker) forget() {
	reply, err := w.service(wire.Request{Method: "GET", Target: "/v1/tasks?limit=50", Headers: []string{"Authorization: Bearer " + w.token}})
	var page struct{ Items []schema }
	if err != nil || json.Unmarshal(reply.Body, &page) != nil {
		return
	}
	before := w.tasks
	w.tasks = nil
	for _, told := range page.Items {
		w.remember(told)
	}
	for _, t := range before {
		if id := fmt.Sprint(t["id"]); w.known(id) == nil && len(page.Items) < 50 {
			w.gone = append(w.gone, id)
		}
	}
}
