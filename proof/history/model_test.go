package history

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/anishathalye/porcupine"
)

// state is a task as far as the history looks at it.
type state struct {
	There   bool
	Version int64
	Title   string
	Done    bool
}

// input is what a client asked of a task; no match is 0.
type input struct {
	task  int
	verb  string
	title string
	match int64
}

// output is how it was answered, with the task as it was shown. The zero
// output is no answer.
type output struct {
	status int
	shown  state
}

// apply is what one request does to one task, and how it has to be answered.
func (s state) apply(in input) (state, output) {
	next := s
	switch {
	case in.verb == "create":
		next = state{There: true, Version: 1, Title: in.title}
		return next, output{201, next}
	case !s.There:
		return s, output{404, state{}}
	case in.verb == "edit":
		next.Title = in.title
	case in.verb == "complete", in.verb == "reopen":
		next.Done = in.verb == "complete"
	}
	soAlready := next == s && in.match == s.Version-1 && in.verb != "delete"
	switch {
	case in.match != 0 && in.match != s.Version && !soAlready:
		return s, output{412, s}
	case in.verb == "delete":
		return state{}, output{204, state{}}
	case next != s:
		next.Version++
	}
	return next, output{200, next}
}

// sequential is the model that a history is held against, task by task.
var sequential = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byTask := map[int][]porcupine.Operation{}
		for _, op := range history {
			byTask[op.Input.(input).task] = append(byTask[op.Input.(input).task], op)
		}
		parts := [][]porcupine.Operation{}
		for _, part := range byTask {
			parts = append(parts, part)
		}
		slices.SortFunc(parts, func(a, b []porcupine.Operation) int {
			return cmp.Compare(a[0].Input.(input).task, b[0].Input.(input).task)
		})
		return parts
	},
	Init: func() any { return state{} },
	Step: func(before, in, out any) (bool, any) {
		after, want := before.(state).apply(in.(input))
		got := out.(output)
		return got == output{} || got == want, after
	},
	DescribeOperation: func(in, out any) string {
		asked, got := in.(input), out.(output)
		text := asked.verb
		if asked.title != "" {
			text += " " + asked.title
		}
		if asked.match != 0 {
			text += fmt.Sprintf(" if %d", asked.match)
		}
		if got.status == 0 {
			return text + " → no answer"
		}
		return fmt.Sprintf("%s → %d %s", text, got.status, describe(got.shown))
	},
	DescribeState: func(s any) string { return describe(s.(state)) },
}

func describe(s state) string {
	switch {
	case !s.There:
		return "none"
	case s.Done:
		return fmt.Sprintf("version %d, %s, done", s.Version, s.Title)
	}
	return fmt.Sprintf("version %d, %s", s.Version, s.Title)
}
