package task_test

import (
	"slices"
	"testing"

	"taskhold/domain/fault"
	"taskhold/domain/task"
)

func TestMatch(t *testing.T) {
	for name, tc := range map[string]struct {
		match           task.Match
		set             bool
		holds, precedes []int64 // of the versions 1 to 5
	}{
		"no condition holds for all":   {match: task.Match{}, holds: []int64{1, 2, 3, 4, 5}},
		"any holds for all":            {match: task.MatchAny(), set: true, holds: []int64{1, 2, 3, 4, 5}},
		"a version holds for itself":   {match: task.MatchVersions(3), set: true, holds: []int64{3}, precedes: []int64{4}},
		"a list holds for each":        {match: task.MatchVersions(1, 4), set: true, holds: []int64{1, 4}, precedes: []int64{2, 5}},
		"an empty list holds for none": {match: task.MatchVersions(), set: true},
		"a version far off for none":   {match: task.MatchVersions(99), set: true},
		"a negative version for none":  {match: task.MatchVersions(-1), set: true},
		"version 0 precedes version 1": {match: task.MatchVersions(0), set: true, precedes: []int64{1}},
	} {
		t.Run(name, func(t *testing.T) {
			var holds, precedes []int64
			for v := range int64(5) {
				if tc.match.Holds(v + 1) {
					holds = append(holds, v+1)
				}
				if tc.match.Precedes(v + 1) {
					precedes = append(precedes, v+1)
				}
			}
			if tc.match.IsSet() != tc.set || !slices.Equal(holds, tc.holds) || !slices.Equal(precedes, tc.precedes) {
				t.Errorf("set %v, holds for %v, precedes %v", tc.match.IsSet(), holds, precedes)
			}
		})
	}
}

func TestAFailedConditionIsStaleAndSaysWhatIs(t *testing.T) {
	current := made(t, task.Change{})
	var err error = &task.PreconditionError{Current: current}
	var known *fault.Error
	if !isKind(err, fault.Stale, &known) || known.Code != "PRECONDITION_FAILED" || err.Error() != known.Message {
		t.Errorf("PreconditionError is %v", err)
	}
}
