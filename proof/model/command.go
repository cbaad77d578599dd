// Package model is the application on a page: maps and slices that say what
// every answer has to be.
package model

import (
	"encoding/json"
	"net/url"
	"slices"
)

// Object is a JSON object as encoding/json reads it.
type Object = map[string]any

// Command is one request of one user.
type Command struct {
	User string
	Verb string // create, get, put, patch, complete, reopen, delete, list or batch
	ID   string `json:",omitempty"` // of the task, for all but create, list and batch
	Body Object `json:",omitempty"` // of create, put and patch

	Match []string `json:",omitempty"` // the entity tags of If-Match, or "*"
	Known []string `json:",omitempty"` // of If-None-Match, likewise
	Key   string   `json:",omitempty"` // Idempotency-Key

	Query  url.Values `json:",omitempty"` // the filters and the sort of a list, each parameter sorted
	Cursor string     `json:",omitempty"`
	Limit  int        `json:",omitempty"` // 0: not given
	Count  bool       `json:",omitempty"`

	Operations []Command `json:",omitempty"` // of a batch: create, patch and delete
	Atomic     bool      `json:",omitempty"`
}

func (c Command) String() string {
	text, err := json.Marshal(c)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// request tells the command from another one with the same key.
func (c Command) request() string {
	c.Key = ""
	return c.String()
}

// Answer is what a client sees of a reply.
type Answer struct {
	Status   int
	Code     string   `json:",omitempty"` // of a problem
	Task     Object   `json:",omitempty"` // of a stale precondition, as it is
	Errors   []string `json:",omitempty"` // pointer and code of each, sorted
	Items    []Object `json:",omitempty"` // of a page
	Limit    int      `json:",omitempty"`
	Next     string   `json:",omitempty"`
	Total    any      `json:",omitempty"` // a number if it was asked for
	Results  []Answer `json:",omitempty"`
	Index    any      `json:",omitempty"` // of the operation at which an atomic batch failed, a number
	Replayed bool     `json:",omitempty"`
}

// String tells answers apart, but for null and empty lists.
func (a Answer) String() string {
	text, err := json.Marshal(a)
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

// outcome is what is kept with a key.
type outcome struct {
	request string
	answer  Answer
}

// place is where in which list a cursor goes on: behind a task as it was.
type place struct {
	list string
	task Object
}
