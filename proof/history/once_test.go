package history

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// ledger is what clients learnt who made tasks and wrote to them with keys.
type ledger struct {
	mu       sync.Mutex
	replies  map[string][]reply // by key
	versions map[string]int64   // by title: 1 and the writes that were answered
	users    map[string]bool
	findings []string
}

func (l *ledger) find(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.findings = append(l.findings, fmt.Sprintf(format, args...))
}

// work lets clients write with keys until ctx is done. Each request is sent
// until it is answered, and then sometimes again. The last of each client is
// finished in the time after.
func (l *ledger) work(ctx context.Context, c client, clients int, after time.Duration) {
	var wg sync.WaitGroup
	for number := range clients {
		wg.Go(func() {
			user := fmt.Sprintf("keyed-%d-%d", number, rand.Uint64())
			l.mu.Lock()
			l.users[user] = true
			l.mu.Unlock()
			finish, cancel := context.WithCancel(context.WithoutCancel(ctx))
			defer cancel()
			context.AfterFunc(ctx, func() { time.AfterFunc(after, cancel) })
			for n := 0; ctx.Err() == nil; n++ {
				l.task(finish, c, user, fmt.Sprintf("%s-%d", user, n))
			}
		})
	}
	wg.Wait()
}

// task makes a task and writes to it, each with a key of its own.
func (l *ledger) task(ctx context.Context, c client, user, title string) {
	made := l.keep(ctx, c, request{user: user, method: http.MethodPost, path: "/v1/tasks", body: `{"title": "` + title + `"}`, key: title})
	var task struct{ ID string }
	if made.status != http.StatusCreated || json.Unmarshal([]byte(made.body), &task) != nil {
		l.find("%s was made with %d %s", title, made.status, made.body)
		return
	}
	version := int64(1)
	for range rand.IntN(3) {
		key := fmt.Sprintf("%s-%d", title, version)
		wrote := l.keep(ctx, c, request{user: user, method: http.MethodPatch, path: "/v1/tasks/" + task.ID, body: `{"description": "` + key + `"}`, key: key})
		if wrote.status != http.StatusOK {
			l.find("%s was written to with %d %s", title, wrote.status, wrote.body)
			return
		}
		version++
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.versions[title] = version
}

// keep asks until there is an answer, one time in two until there are more,
// and notes them all.
func (l *ledger) keep(ctx context.Context, c client, r request) (first reply) {
	var said []reply
	for range 1 + rand.IntN(2)*2 {
		said = append(said, c.insist(ctx, r)...)
	}
	if len(said) == 0 {
		return reply{}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.replies[r.user+" "+r.key] = append(l.replies[r.user+" "+r.key], said...)
	return said[0]
}

// asked is how many replies there are.
func (l *ledger) asked() (n int) {
	for _, said := range l.replies {
		n += len(said)
	}
	return n
}

// judge holds what is stored against what was learnt, and returns what does
// not agree.
func (l *ledger) judge(c client) []string {
	for key, said := range l.replies {
		for _, a := range said[1:] {
			same := a.status == said[0].status && a.body == said[0].body &&
				a.header.Get("ETag") == said[0].header.Get("ETag") && a.header.Get("Location") == said[0].header.Get("Location")
			if !same {
				l.find("the key %s is answered %d %s and %d %s", key, said[0].status, said[0].body, a.status, a.body)
			}
		}
	}
	stored := 0
	for user := range l.users {
		for title, versions := range l.list(c, user) {
			stored += len(versions)
			if want := l.versions[title]; len(versions) != 1 || versions[0] != want {
				l.find("the task %s is stored in the versions %v, want one of version %d", title, versions, want)
			}
		}
	}
	if stored != len(l.versions) {
		l.find("%d keys made %d tasks", len(l.versions), stored)
	}
	return l.findings
}

// list reads the versions of all tasks of a user, by title.
func (l *ledger) list(c client, user string) map[string][]int64 {
	found := map[string][]int64{}
	for next := "/v1/tasks?limit=200"; next != ""; {
		a := c.ask(request{user: user, method: http.MethodGet, path: next}, 10*time.Second)
		var page struct {
			Items []struct {
				Title   string
				Version int64
			}
			Cursor string `json:"next_cursor"`
		}
		if err := json.Unmarshal([]byte(a.body), &page); err != nil || a.status != http.StatusOK {
			l.find("the list of %s is answered %d %s", user, a.status, a.body)
			return found
		}
		for _, item := range page.Items {
			found[item.Title] = append(found[item.Title], item.Version)
		}
		next = ""
		if page.Cursor != "" {
			next = "/v1/tasks?limit=200&cursor=" + page.Cursor
		}
	}
	return found
}

func newLedger() *ledger {
	return &ledger{replies: map[string][]reply{}, versions: map[string]int64{}, users: map[string]bool{}}
}
