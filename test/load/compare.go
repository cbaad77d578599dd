package load

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// compare holds what the clients were told against what is stored.
func (u *user) compare(ctx context.Context) (r Report, err error) {
	stored, err := u.all(ctx)
	if err != nil {
		return r, err
	}
	byTitle := map[string]int{}
	for _, t := range stored {
		byTitle[t.Title]++
	}
	for key, c := range u.created {
		if _, there := stored[c.id]; !there {
			r.Lost = append(r.Lost, key)
		}
		if byTitle[key] > 1 {
			r.Doubled = append(r.Doubled, key)
		}
		again, ok := u.ask(ctx, "POST", "/v1/tasks", body(key), key, "")
		if !ok || again.text != c.reply || !again.replayed {
			r.Unequal = append(r.Unequal, fmt.Sprintf("%s: first %s, then %d %s", key, c.reply, again.status, again.text))
		}
	}
	u.compareShared(stored[u.shared], &r)
	return r, nil
}

// compareShared wants every acknowledged version, and no version that nobody
// has asked for.
func (u *user) compareShared(stored task, r *Report) {
	for version, key := range u.versions {
		if version > stored.Version || version == stored.Version && stored.Title != key {
			r.Lost = append(r.Lost, key)
		}
	}
	if extra := stored.Version - 1 - len(u.versions); extra > u.unknown {
		r.Doubled = append(r.Doubled, fmt.Sprintf("%d edits of the task of %s were acknowledged, and it has version %d", len(u.versions), u.name, stored.Version))
	}
}

// all walks every page.
func (u *user) all(ctx context.Context) (map[string]task, error) {
	found := map[string]task{}
	for next := "/v1/tasks?limit=200"; next != ""; {
		a, ok := u.ask(ctx, "GET", next, "", "", "")
		var page struct {
			Items []task
			Next  string `json:"next_cursor"`
		}
		if err := json.Unmarshal([]byte(a.text), &page); !ok || err != nil || a.status != http.StatusOK {
			return nil, fmt.Errorf("the tasks of %s cannot be read: %d %s", u.name, a.status, a.text)
		}
		for _, t := range page.Items {
			found[t.ID] = t
		}
		next = ""
		if page.Next != "" {
			next = "/v1/tasks?limit=200&cursor=" + page.Next
		}
	}
	return found, nil
}
