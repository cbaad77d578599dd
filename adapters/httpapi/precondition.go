package httpapi

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"taskhold/domain/task"
)

// condition is a list of entity tags (RFC 9110, 8.8.3), or "*".
type condition struct {
	any  bool
	tags []entityTag
}

type entityTag struct {
	weak   bool
	opaque string
}

// parseCondition reads the value of If-Match and its like.
func parseCondition(value string) (c condition, ok bool) {
	if strings.Trim(value, " \t") == "*" {
		return condition{any: true}, true
	}
	rest := value
	for {
		rest = strings.TrimLeft(rest, " \t,")
		if rest == "" {
			return c, len(c.tags) > 0
		}
		var tag entityTag
		if tag, rest, ok = cutTag(rest); !ok {
			return c, false
		}
		c.tags = append(c.tags, tag)
	}
}

// cutTag reads one tag, which ends the list or is followed by a comma.
func cutTag(s string) (tag entityTag, rest string, ok bool) {
	s, tag.weak = strings.CutPrefix(s, "W/")
	if s, ok = strings.CutPrefix(s, `"`); !ok {
		return tag, s, false
	}
	if tag.opaque, rest, ok = strings.Cut(s, `"`); !ok {
		return tag, s, false
	}
	isControl := func(r rune) bool { return r <= ' ' || r == 0x7f }
	rest = strings.TrimLeft(rest, " \t")
	return tag, rest, !strings.ContainsFunc(tag.opaque, isControl) && (rest == "" || rest[0] == ',')
}

// match is the condition on a task's version. A tag that no version has, and
// a weak one, match nothing.
func (c condition) match() task.Match {
	if c.any {
		return task.MatchAny()
	}
	versions := []int64{}
	for _, tag := range c.tags {
		if n, err := strconv.ParseInt(tag.opaque, 10, 64); err == nil && !tag.weak && tag.opaque == strconv.FormatInt(n, 10) {
			versions = append(versions, n)
		}
	}
	return task.MatchVersions(versions...)
}

// names reports whether the weak comparison finds a validator among the tags.
func (c condition) names(etag string) bool {
	opaque := strings.TrimPrefix(etag, "W/")
	return c.any || slices.ContainsFunc(c.tags, func(tag entityTag) bool { return `"`+tag.opaque+`"` == opaque })
}

const mustBeTags = `must be a list of entity tags in double quotes, or *`

// ifMatch is the condition of a write.
func (x *exchange) ifMatch() (task.Match, error) {
	if x.sent(fiber.HeaderIfNoneMatch) {
		return task.Match{}, badHeader(fiber.HeaderIfNoneMatch, "is for reading only: use If-Match")
	}
	if !x.sent(fiber.HeaderIfMatch) {
		return task.Match{}, nil
	}
	c, ok := parseCondition(x.field(fiber.HeaderIfMatch))
	if !ok {
		return task.Match{}, badHeader(fiber.HeaderIfMatch, mustBeTags)
	}
	return c.match(), nil
}

// unconditional refuses a condition where no version is that it could be on:
// who sends one believes that it counts.
func (x *exchange) unconditional() error {
	for _, name := range []string{fiber.HeaderIfMatch, fiber.HeaderIfNoneMatch} {
		if x.sent(name) {
			return badHeader(name, "is for a task that has a version")
		}
	}
	return nil
}

// ifNoneMatch is the condition of a read.
func (x *exchange) ifNoneMatch() (condition, error) {
	if !x.sent(fiber.HeaderIfNoneMatch) {
		return condition{}, nil
	}
	c, ok := parseCondition(x.field(fiber.HeaderIfNoneMatch))
	if !ok {
		return c, badHeader(fiber.HeaderIfNoneMatch, mustBeTags)
	}
	return c, nil
}

// both joins a condition with the version that a body names. They disagree if
// the version is not among those of the condition.
func both(m task.Match, version task.Optional[int64]) (joined task.Match, agree bool) {
	v, named := version.Get()
	if !named {
		return m, true
	}
	return task.MatchVersions(v), m.Holds(v)
}
