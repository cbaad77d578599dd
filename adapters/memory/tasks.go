package memory

import (
	"context"
	"fmt"
	"slices"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// The tasks, as a unit of work sees and writes them.

func (u *unit) Find(ctx context.Context, user identity.UserID, id task.ID) (task.Task, error) {
	if err := u.begin(ctx, user); err != nil {
		return task.Task{}, err
	}
	defer u.leave()
	return u.work.shelf.find(u.work.changes, id)
}

func (u *unit) List(ctx context.Context, user identity.UserID, q ports.Query) (ports.Page, error) {
	if err := u.begin(ctx, user); err != nil {
		return ports.Page{}, err
	}
	defer u.leave()
	return u.work.shelf.list(u.work.changes, q), nil
}

func (u *unit) Insert(ctx context.Context, t task.Task, quota int) error {
	if err := u.begin(ctx, t.User()); err != nil {
		return err
	}
	defer u.leave()
	w := u.work
	if err := w.shelf.room(w.changes, t.ID(), quota); err != nil {
		return err
	}
	w.changes.put(t.ID(), &t)
	w.changes.added++
	return nil
}

func (u *unit) Save(ctx context.Context, t task.Task) error {
	if err := u.begin(ctx, t.User()); err != nil {
		return err
	}
	defer u.leave()
	w := u.work
	stored, err := w.shelf.find(w.changes, t.ID())
	if err != nil {
		return err
	}
	if stored.Version() != t.Version()-1 {
		return task.ErrStale
	}
	w.changes.put(t.ID(), &t)
	return nil
}

func (u *unit) Delete(ctx context.Context, user identity.UserID, id task.ID, version int64) error {
	if err := u.begin(ctx, user); err != nil {
		return err
	}
	defer u.leave()
	w := u.work
	stored, err := w.shelf.find(w.changes, id)
	if err != nil {
		return err
	}
	if version != 0 && version != stored.Version() {
		return task.ErrStale
	}
	w.changes.put(id, nil)
	w.changes.added--
	return nil
}

// begin is enter for whatever waits for the user's turn as long as it takes.
func (u *unit) begin(ctx context.Context, user identity.UserID) error {
	return u.enter(ctx, user, func() error { return u.work.begin(ctx) })
}

func (c *changes) put(id task.ID, t *task.Task) {
	if c.tasks == nil {
		c.tasks = map[task.ID]*task.Task{}
	}
	c.tasks[id] = t
}

// find returns the task as it is after changes.
func (s *shelf) find(c changes, id task.ID) (task.Task, error) {
	if t, changed := c.tasks[id]; changed {
		if t == nil {
			return task.Task{}, task.ErrNotFound
		}
		return *t, nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, ok := s.tasks[id]
	if !ok {
		return task.Task{}, task.ErrNotFound
	}
	return t, nil
}

// room returns nil if a task of that id can be added after changes.
func (s *shelf) room(c changes, id task.ID, quota int) error {
	if _, err := s.find(c, id); err == nil {
		return fmt.Errorf("memory: there is a task %s already", id)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	switch {
	case s.erased:
		return identity.ErrErased
	case len(s.tasks)+c.added >= quota:
		return task.ErrQuota
	}
	return nil
}

// each calls do with every task as it is after changes, in no order.
func (s *shelf) each(c changes, do func(task.Task)) {
	for id, t := range s.tasks {
		if _, changed := c.tasks[id]; !changed {
			do(t)
		}
	}
	for _, t := range c.tasks {
		if t != nil {
			do(*t)
		}
	}
}

func (s *shelf) list(c changes, q ports.Query) ports.Page {
	type row struct {
		place task.Position
		task  task.Snapshot
	}
	var rows []row
	matching := 0
	s.mu.RLock()
	s.each(c, func(t task.Task) {
		r := row{task: t.Snapshot()}
		if !q.Filter.Matches(r.task) {
			return
		}
		matching++
		r.place = q.Order.Position(r.task)
		if q.After == nil || q.Order.Compare(r.place, *q.After) > 0 {
			rows = append(rows, r)
		}
	})
	s.mu.RUnlock()
	slices.SortFunc(rows, func(a, b row) int { return q.Order.Compare(a.place, b.place) })
	rows = rows[min(q.Offset, len(rows)):]

	page := ports.Page{Tasks: []task.Snapshot{}}
	if q.Count {
		page.Total = matching
	}
	if len(rows) > q.Limit {
		rows = rows[:q.Limit]
		page.Next = &rows[q.Limit-1].place
	}
	for _, r := range rows {
		page.Tasks = append(page.Tasks, r.task)
	}
	return page
}

// apply makes changes last.
func (s *shelf) apply(c changes) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, t := range c.tasks {
		if t == nil {
			delete(s.tasks, id)
		} else {
			s.tasks[id] = *t
		}
	}
	for key, kept := range c.claims {
		if kept.replay != nil {
			s.replays[key] = kept
		}
	}
}
