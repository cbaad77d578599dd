package task_test

import (
	"testing"

	"taskhold/domain/task"
)

func TestAMemberIsAbsentOrNullOrGiven(t *testing.T) {
	for name, tc := range map[string]struct {
		in                  task.Optional[string]
		absent, null, given bool
	}{
		"the zero Optional is absent": {in: task.Optional[string]{}, absent: true},
		"null":                        {in: task.Null[string](), null: true},
		"a value":                     {in: task.Some("x"), given: true},
		"the zero value is a value":   {in: task.Some(""), given: true},
	} {
		t.Run(name, func(t *testing.T) {
			if _, given := tc.in.Get(); tc.in.IsAbsent() != tc.absent || tc.in.IsNull() != tc.null || given != tc.given {
				t.Errorf("absent %v, null %v, given %v", tc.in.IsAbsent(), tc.in.IsNull(), given)
			}
		})
	}
}
