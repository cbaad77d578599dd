package gormstore

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"taskhold/domain/identity"
	"taskhold/domain/task"
)

// Columns names the values of a row of tasks, in the order of values.
const Columns = "user_id, id, created_at, title, title_folded, description, description_folded, priority," +
	" due_date, due_at, due_sort, tags, completed_at, updated_at, version"

// fixed is how many of [Columns], from the first, never change.
const fixed = 3

// Marks holds a placeholder for each of [Columns].
const Marks = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"

// seen names what a read asks for, in the order of fields. The user is known.
const seen = "id, title, description, priority, due_date, due_at, tags, completed_at, created_at, updated_at, version"

// values returns the row of a task.
func values(t task.Snapshot) []any {
	return []any{
		t.User.String(), t.ID.String(), t.Created,
		t.Title, task.Fold(t.Title), t.Description, task.Fold(t.Description), int64(t.Priority),
		dateOrNull(t.Due.Date()), timeOrNull(t.Due.At()), timeOrNull(t.Due.Sort()), tagsJSON(t.Tags),
		timeOrNull(t.Completed), t.Updated, t.Version,
	}
}

func timeOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func dateOrNull(d task.Date) any {
	if d.IsZero() {
		return nil
	}
	return d.String()
}

func tagsJSON(tags []string) string {
	if len(tags) == 0 {
		return "[]"
	}
	text, err := json.Marshal(tags)
	if err != nil {
		panic(err) // no slice of strings fails
	}
	return string(text)
}

// row is a row of tasks as it is read.
type row struct {
	id                              ID
	title, description              string
	priority                        int64
	dueDate                         Date
	dueAt                           Instant
	tags                            tags
	completedAt, createdAt, updated Instant
	version                         int64
}

// fields returns where to scan what seen names.
func (r *row) fields() []any {
	return []any{
		&r.id, &r.title, &r.description, &r.priority, &r.dueDate, &r.dueAt, &r.tags,
		&r.completedAt, &r.createdAt, &r.updated, &r.version,
	}
}

func (r *row) snapshot(user identity.UserID) task.Snapshot {
	return task.Snapshot{
		ID: r.id.ID, User: user, Title: r.title, Description: r.description,
		Priority: task.Priority(r.priority), Due: r.due(), Tags: r.tags, Completed: r.completedAt.Time,
		Created: r.createdAt.Time, Updated: r.updated.Time, Version: r.version,
	}
}

func (r *row) due() task.Due {
	if !r.dueDate.IsZero() {
		return task.DueOn(r.dueDate.Date)
	}
	return task.DueAt(r.dueAt.Time)
}

// ID scans an id as text.
type ID struct{ task.ID }

// Scan implements sql.Scanner.
func (i *ID) Scan(value any) (err error) {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("%T is no id: %w", value, errForeign)
	}
	if i.ID, err = task.ParseID(text); err != nil {
		return fmt.Errorf("a stored task has an id that is none: %w", errForeign)
	}
	return nil
}

// Instant scans what engines make of an instant: a time.Time, or whole
// microseconds since 1970.
type Instant struct{ time.Time }

// Scan implements sql.Scanner.
func (i *Instant) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		i.Time = time.Time{}
	case time.Time:
		i.Time = v.UTC()
	case int64:
		i.Time = time.UnixMicro(v).UTC()
	default:
		return fmt.Errorf("%T is no instant: %w", value, errForeign)
	}
	return nil
}

// Date scans what engines make of a date: a time.Time, or a text.
type Date struct{ task.Date }

// Scan implements sql.Scanner.
func (d *Date) Scan(value any) (err error) {
	switch v := value.(type) {
	case nil:
		d.Date = task.Date{}
	case time.Time:
		d.Date = task.DateOf(v)
	case string:
		d.Date, err = task.ParseDate(v)
	default:
		err = fmt.Errorf("%T is no date: %w", value, errForeign)
	}
	return err
}

// tags scans a JSON array of strings.
type tags []string

// Scan implements sql.Scanner.
func (t *tags) Scan(value any) error {
	switch v := value.(type) {
	case string:
		return t.read(v)
	case []byte:
		return t.read(string(v))
	}
	return fmt.Errorf("%T is no tags: %w", value, errForeign)
}

// ScanBytes is Scan for who has a text that is not to be kept.
func (t *tags) ScanBytes(text []byte) error { return t.read(string(text)) }

func (t *tags) read(text string) error {
	if strings.Contains(text, `\`) {
		*t = nil
		return json.Unmarshal([]byte(text), (*[]string)(t))
	}
	list := make(tags, 0, strings.Count(text, `"`)/2)
	for { // without an escape, a tag is what stands between two quotes
		_, from, more := strings.Cut(text, `"`)
		if !more {
			*t = list
			return nil
		}
		tag, rest, _ := strings.Cut(from, `"`)
		list, text = append(list, tag), rest
	}
}
