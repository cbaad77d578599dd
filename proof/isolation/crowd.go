// Package isolation sends hundreds of users over a few connections, and looks
// into every reply for what belongs to somebody else.
package isolation

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"time"

	"taskhold/proof/wire"
)

// person is a user. The mark stands in the id of the user and in every text of
// every task of theirs, and nowhere else.
type person struct {
	mark, token string

	mu      sync.Mutex
	tasks   []string // their ids
	cursors []string
}

// marks finds the marks of all people, and a token wherever one is told back.
var marks = regexp.MustCompile(`mark[0-9a-f]{16}|eyJ[\w-]+\.[\w-]+`)

// Crowd is some people and what they found.
type Crowd struct {
	base   string
	people []*person

	mu     sync.Mutex
	faults []string
	Asked  int
	Seen   map[int]int // how often each status
}

// NewCrowd gathers people around the service at a base address.
func NewCrowd(base string, size int, seed uint64, token func(user string) string) *Crowd {
	random := rand.New(rand.NewPCG(seed, 0))
	c := &Crowd{base: base, Seen: map[int]int{}}
	for range size {
		mark := fmt.Sprintf("mark%016x", random.Uint64())
		c.people = append(c.people, &person{mark: mark, token: token("user-" + mark)})
	}
	return c
}

// Mingle lets the people ask for a while over so many connections, each of
// which carries the requests of many, some of them before the reply to the one
// before. It returns what was found.
func (c *Crowd) Mingle(connections int, seed uint64, during time.Duration) []string {
	until := time.Now().Add(during)
	var all sync.WaitGroup
	for i := range connections {
		all.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(i)+1))
			conn := wire.Dial(c.base)
			defer conn.Close()
			for time.Now().Before(until) {
				c.turn(random, conn)
			}
		})
	}
	all.Wait()
	return c.faults
}

// turn sends what up to four people want, one after the other.
func (c *Crowd) turn(random *rand.Rand, conn *wire.Conn) {
	askers := make([]*person, 1+random.IntN(4))
	requests := make([]wire.Request, len(askers))
	for i := range askers {
		askers[i] = c.people[random.IntN(len(c.people))]
		requests[i] = c.wish(random, askers[i])
	}
	replies, err := conn.Ask(requests...)
	if err != nil && !errors.Is(err, io.EOF) {
		c.fault("%s %s: %v", requests[len(replies)].Method, requests[len(replies)].Target, err)
	}
	for i, reply := range replies {
		c.judge(askers[i], requests[i], reply)
	}
}

func (c *Crowd) fault(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.faults) < 20 {
		c.faults = append(c.faults, fmt.Sprintf(format, args...))
	}
}

// judge looks for what is another's, and wants what the asker owns to be shown.
func (c *Crowd) judge(asker *person, r wire.Request, reply wire.Reply) {
	c.mu.Lock()
	c.Asked++
	c.Seen[reply.Status]++
	c.mu.Unlock()
	text := reply.Text()
	for _, mark := range marks.FindAllString(text, -1) {
		if mark != asker.mark {
			c.fault("%s asks %s %s %s and is told of %s: %d %s", asker.mark, r.Method, r.Target, r.Body, mark, reply.Status, text)
		}
	}
	if reply.Status >= 500 {
		c.fault("%s %s %s: %d %s", r.Method, r.Target, r.Body, reply.Status, reply.Body)
	}
	asker.learn(reply)
}

// learn keeps the ids and cursors of a reply, for oneself and for others to try.
func (p *person) learn(reply wire.Reply) {
	var told struct {
		ID     string  `json:"id"`
		Cursor *string `json:"next_cursor"`
	}
	if reply.Status/100 != 2 || json.Unmarshal(reply.Body, &told) != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if reply.Status == 201 && told.ID != "" {
		p.tasks = append(p.tasks, told.ID)
	}
	if told.Cursor != nil {
		p.cursors = append(p.cursors, *told.Cursor)
	}
}

// of returns one of a person's things, or something that is none.
func (p *person) of(random *rand.Rand, things *[]string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(*things) == 0 {
		return "019f0000-0000-7000-8000-000000000000"
	}
	return (*things)[random.IntN(len(*things))]
}

// wish is what somebody may want. Half of it is about what is another's.
func (c *Crowd) wish(random *rand.Rand, p *person) wire.Request {
	owner := p
	if random.IntN(2) == 0 {
		owner = c.people[random.IntN(len(c.people))]
	}
	id, cursor := owner.of(random, &owner.tasks), owner.of(random, &owner.cursors)
	w := wishes[random.IntN(len(wishes))]
	fill := strings.NewReplacer(
		"{id}", id, "{cursor}", cursor, "{user}", "user-"+owner.mark, "{mark}", owner.mark,
		"{task}", fmt.Sprintf(`{"title": "%[1]s %[2]d", "description": "%[3]s of %[1]s", "tags": ["%[1]s"]}`, p.mark, random.Uint32(), strings.Repeat("text ", random.IntN(100))),
		"{version}", fmt.Sprint(1+random.IntN(3)), "{own}", p.mark,
	).Replace
	method, target, _ := strings.Cut(w.line, " ")
	r := wire.Request{Method: method, Target: fill(target), Body: fill(w.body), Headers: []string{"Authorization: Bearer " + p.token}}
	if w.body != "" {
		r = r.With("Content-Type: application/json")
	}
	for _, header := range w.headers {
		r = r.With(fill(header))
	}
	if method != "GET" && random.IntN(4) == 0 { // few keys, so that they meet again, and all people have the same
		r = r.With(fmt.Sprintf("Idempotency-Key: key-%d", random.IntN(8)))
	}
	return r
}

type wishing struct {
	line, body string
	headers    []string
}

var wishes = []wishing{
	{"POST /v1/tasks", "{task}", nil},
	{"POST /v1/tasks", "{task}", nil},
	{"POST /api/tasks", "{task}", nil},
	{"POST /api/{user}/tasks", "{task}", nil},
	{"GET /v1/tasks/{id}", "", nil},
	{"GET /v1/tasks/{id}", "", []string{`If-None-Match: "{version}"`}},
	{"PATCH /v1/tasks/{id}", `{"description": "{own} was here"}`, nil},
	{"PATCH /v1/tasks/{id}", `{"title": "{own} again"}`, []string{`If-Match: "{version}"`}},
	{"PATCH /v1/tasks/{id}", `{"title": "{own}\u0000", "{own}": 1}`, nil},
	{"PUT /v1/tasks/{id}", `{"title": "{own} put", "description": "", "completed": true, "priority": "low", "due_date": null, "due_at": null, "tags": ["{own}"]}`, nil},
	{"POST /v1/tasks/{id}/complete", "", nil},
	{"DELETE /v1/tasks/{id}", "", nil},
	{"POST /v1/tasks/batch", `{"operations": [{"op": "create", "task": {task}}, {"op": "patch", "id": "{id}", "patch": {"tags": ["{own}"]}}]}`, nil},
	{"POST /v1/tasks/batch", `{"atomic": false, "operations": [{"op": "patch", "id": "{id}", "patch": {"title": "{own} batch"}}, {"op": "delete", "id": "{id}", "if_match": "\"1\""}]}`, nil},
	{"GET /v1/tasks?limit=2", "", []string{"Prefer: count=exact"}},
	{"GET /v1/tasks?limit=2&cursor={cursor}", "", nil},
	{"GET /v1/tasks?sort=title&limit=1", "", nil},
	{"GET /v1/tasks?q=description", "", nil},
	{"GET /v1/tasks?q=mark&tag={own}", "", nil},
	{"GET /api/tasks?search=mark&limit=3", "", nil},
	{"GET /api/{user}/tasks", "", nil},
	{"GET /api/tasks/{id}", "", nil},
	{"PATCH /api/tasks/{id}/toggle", "", nil},
	{"PATCH /api/{user}/tasks/{id}", `{"status": "completed", "description": "{own}"}`, nil},
	{"PUT /api/tasks/{id}", `{"title": ""}`, nil},
	{"DELETE /api/{user}/tasks/{id}", "", nil},
	{"POST /v1/tasks", `{"title": `, nil},
	{"GET /nowhere/{own}", "", nil},
	{"FOO /v1/tasks", "", nil},
}
