// Package model is the application on a page: maps and slices that say what
// every answer has to be.
package model

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
)

// Quota is how many tasks a user may have: few, so that lists are full of ties
// and the bound is met.
const Quota = 12

// Zones are those that lists are asked for.
var Zones = []string{"UTC", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Marquesas", "America/New_York"}

// Members are those of a task.
var Members = []string{
	"title", "description", "completed", "priority", "due_date", "due_at", "tags",
	"id", "user_id", "created_at", "completed_at", "updated_at", "version",
}

// Task is what clients see of a task, by member.
type Task = map[string]Value

// Value is what a member of a task holds.
type Value struct {
	Shown any       // as JSON
	Order string    // what lists sort it by, if they do
	Days  [5]string // of a due: its day in each of the Zones
}

// asShown is a Value that lists sort by what it shows.
func asShown(format string, a ...any) Value {
	shown := fmt.Sprintf(format, a...)
	return Value{Shown: shown, Order: shown}
}

// on is the day of a due in a zone.
func (v Value) on(zone string) string { return v.Days[slices.Index(Zones, zone)] }

// MarshalJSON implements [json.Marshaler].
func (v Value) MarshalJSON() ([]byte, error) { return json.Marshal(v.Shown) }

// UnmarshalJSON implements [json.Unmarshaler].
func (v *Value) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, &v.Shown) }

// Member is what a body says of a member. Whoever draws it knows what it means.
type Member struct {
	Sent   any
	Value           // that is meant
	Faults []string // why there is none: pointers and codes
}

// MarshalJSON implements [json.Marshaler].
func (m Member) MarshalJSON() ([]byte, error) { return json.Marshal(m.Sent) }

// UnmarshalJSON implements [json.Unmarshaler].
func (m *Member) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, &m.Sent) }

// Query is what a list is asked for.
type Query = url.Values

// Command is one request of one user.
type Command struct {
	User string
	Verb string            // create, get, put, patch, complete, reopen, delete, list, batch or erase
	ID   string            `json:",omitempty"` // of the task, for all but create, list, batch and erase
	Body map[string]Member `json:",omitzero"`  // of create, put and patch

	Match []any  `json:",omitempty"` // the versions of If-Match, or "*", or W/ and a version
	Known []any  `json:",omitempty"` // of If-None-Match, likewise
	Key   string `json:",omitempty"` // Idempotency-Key
	Day   int    `json:",omitempty"` // keys last for a day

	Query  Query  `json:",omitempty"` // the filters and the sort of a list, each parameter sorted
	Cursor string `json:",omitempty"`
	Limit  int    `json:",omitempty"` // 0: not given
	Count  bool   `json:",omitempty"`

	Operations []Command `json:",omitempty"` // of a batch: create, patch and delete
	Atomic     bool      `json:",omitempty"`
	At         string    `json:",omitempty"` // of an operation: where in the body of the batch its own is
}

func (c Command) String() string { return text(c) }

// request tells the command from another one with the same key.
func (c Command) request() string {
	c.Key = ""
	return c.String()
}

// keyed is what a key is remembered by.
func (c Command) keyed() string { return fmt.Sprint(c.User, " ", c.Day, " ", c.Key) }

// Answer is what a client sees of a reply.
type Answer struct {
	Status   int
	Code     string   `json:",omitempty"` // of a problem
	Task     Task     `json:",omitempty"` // of a stale precondition, as it is
	Errors   []string `json:",omitempty"` // pointer and code of each, sorted
	Items    []Task   `json:",omitempty"` // of a page
	Limit    int      `json:",omitempty"`
	Next     string   `json:",omitempty"`
	Total    any      `json:",omitempty"` // a number if it was asked for
	Results  []Answer `json:",omitempty"`
	Index    any      `json:",omitempty"` // of the operation at which an atomic batch failed, a number
	Replayed bool     `json:",omitempty"`
}

// String tells answers apart, but for null and empty lists.
func (a Answer) String() string { return text(a) }

// again is the answer to the same request with the same key.
func (a Answer) again() Answer {
	a.Replayed = true
	return a
}

func text(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// refused is the answer of a problem.
func refused(status int, code string, errors ...string) Answer {
	slices.Sort(errors)
	return Answer{Status: status, Code: code, Errors: errors}
}

// stale is the answer where a condition does not hold for a task.
func stale(task Task) Answer { return Answer{Status: 412, Code: "PRECONDITION_FAILED", Task: task} }

// verdict is an answer if something holds.
type verdict struct {
	holds  bool
	answer Answer
}
