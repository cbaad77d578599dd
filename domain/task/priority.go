package task

import (
	"slices"

	"taskhold/domain/fault"
)

// Priority says how much a task matters. The zero Priority is None, and the
// values ascend.
type Priority uint8

// The priorities.
const (
	None Priority = iota
	Low
	Medium
	High
)

var priorityNames = []string{"none", "low", "medium", "high"}

// ParsePriority knows the four names, in lower case.
func ParsePriority(s string) (Priority, error) {
	i := slices.Index(priorityNames, s)
	if i < 0 {
		return None, &fault.Violation{Code: fault.UnknownValue, Message: "must be one of none, low, medium, high"}
	}
	return Priority(i), nil
}

func (p Priority) String() string { return priorityNames[p] }
