package task

import (
	"slices"
	"strconv"
	"strings"

	"taskhold/domain/fault"
)

// Tags are short labels without repetition, in the order they were given. The
// zero Tags are none.
type Tags struct {
	// One line a tag: a tag is never blank and never holds a line break. A
	// string, not a slice, makes tasks comparable with ==.
	lines string
}

// ParseTags trims each tag and refuses too many, a blank one, one longer than
// MaxTagLen or not one line, and a repeated one. Tags that differ by case are
// two. Every fault is reported, at "/0" for the first tag.
func ParseTags(list []string) (Tags, error) {
	if len(list) > MaxTags {
		return Tags{}, fault.Violations{{
			Code: fault.TooMany, Message: "must have at most " + strconv.Itoa(MaxTags) + " entries",
			Params: fault.Params{Max: MaxTags, Actual: len(list)},
		}}
	}
	var faults fault.Violations
	parsed := make([]string, len(list))
	for i, s := range list {
		tag, err := parseLine(s, MaxTagLen)
		if err == nil && slices.Contains(parsed[:i], tag) {
			err = &fault.Violation{Code: fault.Duplicate, Message: "must not repeat another"}
		}
		faults.Add("/"+strconv.Itoa(i), err)
		parsed[i] = tag
	}
	if len(faults) > 0 {
		return Tags{}, faults
	}
	return Tags{strings.Join(parsed, "\n")}, nil
}

// List returns the tags; it is never nil.
func (t Tags) List() []string {
	if t.lines == "" {
		return []string{}
	}
	return strings.Split(t.lines, "\n")
}
