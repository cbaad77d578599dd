package task

import (
	"fmt"
	"time"

	"taskhold/domain/identity"
)

// Snapshot is the plain data of a task, for adapters to store or to show. It
// carries no promise: [Restore] checks every rule again.
type Snapshot struct {
	ID          ID
	User        identity.UserID
	Title       string
	Description string
	Priority    Priority
	Due         Due
	Tags        []string
	Completed   time.Time // zero while open
	Created     time.Time
	Updated     time.Time
	Version     int64
}

// Snapshot returns the data of t. Its Tags are never nil.
func (t Task) Snapshot() Snapshot {
	return Snapshot{
		ID: t.id, User: t.user, Title: t.title.text, Description: t.description.text,
		Priority: t.priority, Due: t.due, Tags: t.tags.List(), Completed: t.completed,
		Created: t.created, Updated: t.updated, Version: t.version,
	}
}

// Restore makes the task again of which s is the snapshot. A snapshot that
// breaks a rule is no user's fault, and so the error is none of package fault:
// somebody else wrote to the store. The error names the rule, not the text.
func Restore(s Snapshot) (Task, error) {
	title, titleErr := ParseTitle(s.Title)
	description, descriptionErr := ParseDescription(s.Description)
	tags, tagsErr := ParseTags(s.Tags)
	for member, err := range map[string]error{"title": titleErr, "description": descriptionErr, "tags": tagsErr} {
		if err != nil {
			return Task{}, fmt.Errorf("stored task %s: its %s %s", s.ID, member, err.Error())
		}
	}
	t := Task{
		id: s.ID, user: s.User, title: title, description: description,
		priority: s.Priority, due: s.Due, tags: tags, version: s.Version,
		created: instant(s.Created), updated: instant(s.Updated), completed: instant(s.Completed),
	}
	return t, t.check()
}

// check holds the rules that no value object can hold alone.
func (t Task) check() error {
	for rule, broken := range map[string]bool{
		"has a user":                         t.user.IsZero(),
		"has a known priority":               t.priority > High,
		"has a version of at least 1":        t.version < 1,
		"has an id of its created instant":   !t.id.isOf(t.created),
		"was not updated before its created": t.updated.Before(t.created),
		"was not completed before that":      t.Completed() && t.completed.Before(t.created),
		"was not completed after its update": t.completed.After(t.updated),
		"is due in the years 1 to 9999":      t.due.Sort().Year() < 1 || t.due.Sort().Year() > 9999,
	} {
		if broken {
			return fmt.Errorf("task %s breaks the rule that a task %s", t.id, rule)
		}
	}
	return nil
}
