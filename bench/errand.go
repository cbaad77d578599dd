package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// newTask is what is sent to create a task.
const newTask = `{"title":"Buy milk and bread","description":"The shop at the corner closes at eight, so be there before.",` +
	`"priority":"high","due_date":"2027-01-31","tags":["home","this week"]}`

const pageSize = 50

// caller is a user who calls a server.
type caller struct {
	id      string
	headers string // of every request
	mark    []byte // of a task that is the user's

	kept []*callersTask // never deleted

	mu    sync.Mutex
	spare []string // the ids of those that may be
}

type callersTask struct {
	id   string
	mu   sync.Mutex // held while it is being changed
	done bool
}

// callers are the users of a crowd, each with a token.
func callers(c crowd, secret string) ([]*caller, error) {
	all := make([]*caller, c.size)
	for i := range all {
		user := c.user(i)
		token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
			"sub": userID(user), "iss": "http://localhost:3000", "aud": "http://localhost:3000",
			"iat": time.Now().Unix(), "exp": time.Now().Add(24 * time.Hour).Unix(),
		}).SignedString([]byte(secret))
		if err != nil {
			return nil, err
		}
		u := &caller{
			id:      userID(user),
			headers: " HTTP/1.1\r\nHost: taskhold\r\nAuthorization: Bearer " + token + "\r\n",
			mark:    []byte(`"user_id":"` + userID(user) + `"`),
		}
		for k := range c.each {
			if id := c.taskID(user, k); k < c.kept() {
				u.kept = append(u.kept, &callersTask{id: id, done: isCompleted(k)})
			} else {
				u.spare = append(u.spare, id)
			}
		}
		all[i] = u
	}
	return all, nil
}

// errand is one request, and what its answer has to be.
type errand struct {
	op   operation
	user *caller
	id   string       // of the task, for get and remove
	task *callersTask // for change; held until the errand is over
}

func (u *caller) errand(op operation, random *rand.Rand) errand {
	some := u.kept[random.IntN(len(u.kept))]
	switch {
	case op == change && some.mu.TryLock():
		return errand{op: change, user: u, id: some.id, task: some}
	case op == remove:
		if id, ok := u.takeSpare(); ok {
			return errand{op: remove, user: u, id: id}
		}
	case op == list, op == create:
		return errand{op: op, user: u}
	}
	return errand{op: get, user: u, id: some.id}
}

func (u *caller) takeSpare() (string, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.spare) == 0 {
		return "", false
	}
	id := u.spare[len(u.spare)-1]
	u.spare = u.spare[:len(u.spare)-1]
	return id, true
}

func (u *caller) addSpare(id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.spare = append(u.spare, id)
}

// appendRequest appends the request as it is sent.
func (e *errand) appendRequest(dst []byte) []byte {
	switch e.op {
	case list:
		dst = append(dst, "GET /v1/tasks?limit=50"...)
	case get:
		dst = append(append(dst, "GET /v1/tasks/"...), e.id...)
	case create:
		dst = append(dst, "POST /v1/tasks"...)
	case change:
		dst = append(append(dst, "POST /v1/tasks/"...), e.id...)
		if e.task.done {
			dst = append(dst, "/reopen"...)
		} else {
			dst = append(dst, "/complete"...)
		}
	case remove:
		dst = append(append(dst, "DELETE /v1/tasks/"...), e.id...)
	}
	dst = append(dst, e.user.headers...)
	switch e.op {
	case create:
		dst = append(dst, "Content-Type: application/json\r\nContent-Length: "+strconv.Itoa(len(newTask))+"\r\n\r\n"+newTask...)
	case change:
		dst = append(dst, "Content-Length: 0\r\n\r\n"...)
	default:
		dst = append(dst, "\r\n"...)
	}
	return dst
}

var statuses = [...]int{list: 200, get: 200, create: 201, change: 200, remove: 204}

// errRefused says that a server had too much to do, and said so.
var errRefused = errors.New("refused")

// check returns what is wrong with an answer, and notes what it changed.
func (e *errand) check(status int, body []byte) error {
	if status == 503 || status == 429 {
		return fmt.Errorf("%w: %s: status %d", errRefused, e.op, status)
	}
	if status != statuses[e.op] {
		return fmt.Errorf("%s: status %d, want %d: %.300s", e.op, status, statuses[e.op], body)
	}
	if tasks, own := bytes.Count(body, []byte(`"user_id":`)), bytes.Count(body, e.user.mark); tasks != e.tasks() || own != tasks {
		return fmt.Errorf("%s: %d tasks, of which %d are the user's, want %d", e.op, tasks, own, e.tasks())
	}
	switch id := idIn(body); {
	case e.op == create:
		e.user.addSpare(id)
	case (e.op == get || e.op == change) && id != e.id:
		return fmt.Errorf("%s: task %q, want %q", e.op, id, e.id)
	case e.op == change:
		if !bytes.Contains(body, fmt.Appendf(nil, `"completed":%v`, !e.task.done)) {
			return fmt.Errorf("%s: nothing changed", e.op)
		}
		e.task.done = !e.task.done
	}
	return nil
}

// tasks is how many the answer shows.
func (e *errand) tasks() int {
	return [...]int{list: pageSize, get: 1, create: 1, change: 1, remove: 0}[e.op]
}

// over lets others change the task again.
func (e *errand) over() {
	if e.task != nil {
		e.task.mu.Unlock()
	}
}

// idIn returns the first id in a body.
func idIn(body []byte) string {
	_, after, _ := bytes.Cut(body, []byte(`"id":"`))
	id, _, _ := bytes.Cut(after, []byte(`"`))
	return string(id)
}
