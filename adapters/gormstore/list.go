package gormstore

import (
	"context"
	"errors"
	"slices"
	"strings"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// List implements [ports.TaskStore].
func (s tasks) List(ctx context.Context, user identity.UserID, q ports.Query) (ports.Page, error) {
	if err := s.admit(user); err != nil {
		return ports.Page{}, err
	}
	page, err := s.list(ctx, user, q)
	if err != nil {
		return ports.Page{}, s.engine.explain(ctx, "list tasks", err)
	}
	if len(page.Tasks) > q.Limit {
		page.Tasks = page.Tasks[:q.Limit]
		next := q.Order.Position(page.Tasks[q.Limit-1])
		page.Next = &next
	}
	return page, nil
}

// list returns one task more than q wants, if there is one.
func (s tasks) list(ctx context.Context, user identity.UserID, q ports.Query) (ports.Page, error) {
	filter := s.engine.filter(user, q.Filter)
	statement, args := selection(user, q, filter)
	rows, err := s.query(ctx, statement, args...)
	if err != nil {
		return ports.Page{}, err
	}
	page, err := read(rows, user, q)
	if err := errors.Join(err, rows.Close()); err != nil {
		return ports.Page{}, err
	}
	if q.Count && len(page.Tasks) == 0 && (q.After != nil || q.Offset > 0) { // no row carried the total
		total := filter.total(user, q.Filter)
		err = s.one(ctx, []any{&page.Total}, "SELECT "+total.text(), total.args...)
	}
	return page, err
}

func read(rows Rows, user identity.UserID, q ports.Query) (ports.Page, error) {
	var (
		r      row
		page   = ports.Page{Tasks: make([]task.Snapshot, 0, min(q.Limit+1, 64))}
		fields = r.fields()
	)
	if q.Count {
		fields = append(fields, &page.Total)
	}
	for rows.Next() {
		if err := rows.Scan(fields...); err != nil {
			return page, err
		}
		page.Tasks = append(page.Tasks, r.snapshot(user))
	}
	return page, rows.Err()
}

// selection is the one statement that reads a page and, if asked, the total:
// one statement sees one state of the database.
func selection(user identity.UserID, q ports.Query, filter condition) (string, []any) {
	var what condition
	what.add(seen)
	if q.Count {
		total := filter.total(user, q.Filter)
		what.add(", "+total.text(), total.args...)
	}
	where := condition{parts: slices.Clone(filter.parts), args: slices.Clone(filter.args)}
	if q.After != nil {
		where.after(q.Order, *q.After)
	}
	statement := "SELECT " + what.text() + " FROM tasks WHERE " + where.text() + " ORDER BY " + ordering(q.Order) + " LIMIT ?"
	args := slices.Concat(what.args, where.args, []any{q.Limit + 1})
	if q.Offset > 0 {
		return statement + " OFFSET ?", append(args, q.Offset)
	}
	return statement, args
}

// condition is a part of a statement and its arguments.
type condition struct {
	parts []string
	args  []any
}

func (c *condition) add(part string, args ...any) {
	c.parts = append(c.parts, part)
	c.args = append(c.args, args...)
}

func (c *condition) and(part string, args ...any) { c.add(" AND "+part, args...) }

func (c *condition) text() string { return strings.Join(c.parts, "") }

// total is the expression that counts what the filter lets through.
func (c condition) total(user identity.UserID, f task.Filter) condition {
	var count condition
	if everything(f) { // which is counted already
		count.add("COALESCE((SELECT tasks FROM users WHERE user_id = ?), 0)", user.String())
	} else {
		count.add("(SELECT COUNT(*) FROM tasks WHERE "+c.text()+")", c.args...)
	}
	return count
}

func everything(f task.Filter) bool {
	_, some := f.Completed.Get()
	return !some && len(f.Priorities) == 0 && len(f.Tags) == 0 && f.Text == "" &&
		f.DueFrom.IsZero() && f.DueTo.IsZero() && f.UpdatedSince.IsZero()
}

// filter is the condition of one user's tasks that f lets through.
func (e *Engine) filter(user identity.UserID, f task.Filter) condition {
	var where condition
	where.add("user_id = ?", user.String())
	if done, some := f.Completed.Get(); done {
		where.and("completed_at IS NOT NULL")
	} else if some {
		where.and("completed_at IS NULL")
	}
	if len(f.Priorities) > 0 {
		where.and("priority IN (?" + strings.Repeat(", ?", len(f.Priorities)-1) + ")")
		for _, p := range f.Priorities {
			where.args = append(where.args, int64(p))
		}
	}
	for _, tag := range f.Tags {
		where.having(e.Tagged, tag)
	}
	if text := task.Fold(f.Text); text != "" {
		where.having("("+e.Find+"(title_folded, ?) > 0 OR "+e.Find+"(description_folded, ?) > 0)", text, text)
	}
	where.due(f)
	if !f.UpdatedSince.IsZero() {
		where.and("updated_at >= ?", f.UpdatedSince)
	}
	return where
}

// having adds a condition on texts; but a text that no engine can hold is in
// no task, and an engine may refuse to look for it.
func (c *condition) having(part string, texts ...any) {
	for _, text := range texts {
		if s := text.(string); strings.ContainsRune(s, 0) || strings.ToValidUTF8(s, "") != s {
			c.and("FALSE")
			return
		}
	}
	c.and(part, texts...)
}

func (c *condition) due(f task.Filter) {
	if f.DueFrom.IsZero() && f.DueTo.IsZero() {
		return
	}
	var dates, instants condition
	dates.add("due_date IS NOT NULL")
	instants.add("due_at IS NOT NULL")
	from, until := f.DueInstants()
	if !f.DueFrom.IsZero() {
		dates.and("due_date >= ?", f.DueFrom.String())
		instants.and("due_at >= ?", from)
	}
	if !f.DueTo.IsZero() {
		dates.and("due_date <= ?", f.DueTo.String())
		instants.and("due_at < ?", until)
	}
	c.and("("+dates.text()+" OR "+instants.text()+")", slices.Concat(dates.args, instants.args)...)
}

// sorted names the column of each order but that of the ids, which is the
// primary key's own.
var sorted = map[task.SortKey]string{
	task.ByUpdated: "updated_at", task.ByDue: "due_sort", task.ByPriority: "priority", task.ByTitle: "title_folded",
}

func ordering(o task.Order) string {
	id := "id" + direction(o.TiesDescend())
	switch column := sorted[o.By] + direction(o.Descending); o.By {
	case task.ByCreated:
		return id
	case task.ByDue:
		return column + " NULLS LAST, " + id
	default:
		return column + ", " + id
	}
}

func direction(descending bool) string {
	if descending {
		return " DESC"
	}
	return " ASC"
}

// after adds the condition that a task comes after p.
func (c *condition) after(o task.Order, p task.Position) {
	column, id := sorted[o.By], "id"+beyond(o.TiesDescend())+"?"
	further := "(" + column + beyond(o.Descending) + "? OR " + column + " = ? AND " + id + ")"
	switch o.By {
	case task.ByCreated:
		c.and(id, p.ID.String())
	case task.ByDue:
		if p.At.IsZero() {
			c.and("due_sort IS NULL AND "+id, p.ID.String())
		} else {
			c.and("("+further+" OR due_sort IS NULL)", p.At, p.At, p.ID.String())
		}
	case task.ByUpdated:
		c.and(further, p.At, p.At, p.ID.String())
	case task.ByPriority:
		c.and(further, int64(p.Rank), int64(p.Rank), p.ID.String())
	case task.ByTitle:
		c.and(further, p.Text, p.Text, p.ID.String())
	}
}

func beyond(descending bool) string {
	if descending {
		return " < "
	}
	return " > "
}
