package history

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// The search for an explanation grows with the requests whose outcome nobody
// knows, so a task makes room for another after some of them.
const (
	mostAsked   = 80
	mostUnknown = 6
)

// recorder keeps a history.
type recorder struct {
	t     *testing.T
	began time.Time
	tasks atomic.Int64
	rows  atomic.Int64

	mu  sync.Mutex
	ops []porcupine.Operation
}

// subject is a task that several clients write to.
type subject struct {
	number   int
	user, id string

	mu             sync.Mutex
	version        int64 // as it was last shown
	asked, unknown int
}

// place is where clients find the task of the moment.
type place struct {
	mu   sync.Mutex
	task *subject
}

// play lets clients write to few tasks until ctx is done, and returns the
// history.
func play(ctx context.Context, t *testing.T, c client, clients, places int) []porcupine.Operation {
	r := &recorder{t: t, began: time.Now()}
	all := make([]place, places)
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			row := int(r.rows.Add(1)) - 1
			for ctx.Err() == nil {
				if s := r.subject(ctx, c, &all[rand.IntN(places)], row); s != nil && !r.write(ctx, c, s, row) {
					row = int(r.rows.Add(1)) - 1 // what it asked is open
					time.Sleep(50 * time.Millisecond)
				}
			}
		})
	}
	wg.Wait()
	end := r.now()
	for i := range r.ops {
		if r.ops[i].Output == (output{}) {
			r.ops[i].Return = end
		}
	}
	return r.ops
}

func (r *recorder) now() int64 { return time.Since(r.began).Nanoseconds() }

func (r *recorder) record(row int, in input, call int64, out output) {
	op := porcupine.Operation{ClientId: row, Input: in, Call: call, Output: out, Return: r.now()}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ops = append(r.ops, op)
}

// subject returns the task at a place, a new one if that had its time. It is
// made with a key, so that a lost reply can be had again.
func (r *recorder) subject(ctx context.Context, c client, at *place, row int) *subject {
	at.mu.Lock()
	defer at.mu.Unlock()
	if s := at.task; s != nil && s.fresh() {
		return s
	}
	s := &subject{number: int(r.tasks.Add(1)), version: 1}
	s.user = fmt.Sprintf("user-%d-%d", r.began.UnixNano(), s.number)
	in, call := input{task: s.number, verb: "create", title: "new"}, r.now()
	said := c.insist(ctx, request{user: s.user, method: http.MethodPost, path: "/v1/tasks", body: `{"title": "new"}`, key: "create"})
	if said == nil {
		return nil
	}
	out, id := r.read(in, said[0])
	s.id = id
	r.record(row, in, call, out)
	at.task = s
	return s
}

func (s *subject) fresh() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked < mostAsked && s.unknown < mostUnknown
}

// write asks something of a task, and reports whether it was answered.
func (r *recorder) write(ctx context.Context, c client, s *subject, row int) bool {
	in := input{task: s.number, verb: []string{"get", "get", "edit", "edit", "edit", "edit", "complete", "reopen", "delete"}[rand.IntN(9)]}
	s.mu.Lock()
	s.asked++
	version, young := s.version, s.asked < mostAsked/2
	s.mu.Unlock()
	if in.verb == "delete" && young {
		in.verb = "edit"
	}
	if in.verb != "get" && rand.IntN(4) > 0 {
		in.match = version
	}
	if in.verb == "edit" {
		in.title = fmt.Sprintf("t%d", r.now()/1000)
	}
	call := r.now()
	var out output
	if a := r.ask(ctx, c, s, in); !a.unsure() {
		out, _ = r.read(in, a)
	}
	r.record(row, in, call, out)
	s.mu.Lock()
	defer s.mu.Unlock()
	if out.status == 0 {
		s.unknown++
	} else if out.shown.Version > s.version {
		s.version = out.shown.Version
	}
	return out.status != 0
}

// ask asks once or, with a key, until it is answered. Some have no patience.
func (r *recorder) ask(ctx context.Context, c client, s *subject, in input) reply {
	asked := request{user: s.user, method: http.MethodPost, path: "/v1/tasks/" + s.id}
	switch in.verb {
	case "get":
		asked.method = http.MethodGet
	case "delete":
		asked.method = http.MethodDelete
	case "edit":
		asked.method, asked.body = http.MethodPatch, `{"title": "`+in.title+`"}`
	default:
		asked.path += "/" + in.verb
	}
	if in.match != 0 {
		asked.match = fmt.Sprintf(`"%d"`, in.match)
	}
	switch rand.IntN(20) {
	case 0:
		return c.ask(asked, time.Duration(rand.IntN(5_000))*time.Microsecond)
	case 1, 2, 3, 4:
		if in.verb != "get" {
			asked.key = in.verb + fmt.Sprint(rand.Uint64())
			if said := c.insist(ctx, asked); said != nil {
				return said[0]
			}
			return reply{}
		}
	}
	return c.ask(asked, time.Second)
}

// read is what a reply shows of the task.
func (r *recorder) read(in input, a reply) (out output, id string) {
	type shown struct {
		ID        string
		Title     string
		Version   int64
		Completed bool
		Current   *shown
	}
	var task shown
	if a.body != "" {
		if err := json.Unmarshal([]byte(a.body), &task); err != nil {
			r.t.Errorf("%+v is answered %d %s", in, a.status, a.body)
		}
	}
	out.status = a.status
	switch {
	case a.status == http.StatusPreconditionFailed && task.Current != nil:
		task = *task.Current
	case a.status == http.StatusNoContent, a.status == http.StatusNotFound && strings.Contains(a.body, "NOT_FOUND"):
		return out, ""
	case a.status != http.StatusOK && a.status != http.StatusCreated:
		r.t.Errorf("%+v is answered %d %s", in, a.status, a.body)
	}
	out.shown = state{true, task.Version, task.Title, task.Completed}
	return out, task.ID
}
