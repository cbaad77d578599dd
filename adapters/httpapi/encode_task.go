package httpapi

import (
	"strconv"
	"time"

	"taskhold/adapters/httpapi/strictjson"
	"taskhold/domain/task"
)

// appendTask appends a task as clients see it. By hand, because
// encoding/json takes longer over a page of tasks than all else together.
func appendTask(dst []byte, t *task.Snapshot) []byte {
	dst = append(dst, `{"id":"`...)
	dst = t.ID.AppendTo(dst)
	dst = append(dst, `","user_id":`...)
	dst = strictjson.AppendString(dst, t.User.String())
	dst = append(dst, `,"title":`...)
	dst = strictjson.AppendString(dst, t.Title)
	dst = append(dst, `,"description":`...)
	dst = strictjson.AppendString(dst, t.Description)
	dst = append(dst, `,"completed":`...)
	dst = strconv.AppendBool(dst, !t.Completed.IsZero())
	dst = append(dst, `,"completed_at":`...)
	dst = appendInstant(dst, t.Completed)
	dst = append(dst, `,"priority":"`...)
	dst = append(dst, t.Priority.String()...)
	dst = append(dst, `","due_date":`...)
	dst = appendDate(dst, t.Due.Date())
	dst = append(dst, `,"due_at":`...)
	dst = appendInstant(dst, t.Due.At())
	dst = append(dst, `,"tags":`...)
	dst = appendStrings(dst, t.Tags)
	dst = append(dst, `,"version":`...)
	dst = strconv.AppendInt(dst, t.Version, 10)
	dst = append(dst, `,"created_at":`...)
	dst = appendInstant(dst, t.Created)
	dst = append(dst, `,"updated_at":`...)
	dst = appendInstant(dst, t.Updated)
	return append(dst, '}')
}

// appendInstant appends a UTC instant of the years 1 to 9999 with six digits
// of fraction, or null for the zero time.
func appendInstant(dst []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(dst, "null"...)
	}
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	micros := t.Nanosecond() / 1000
	dst = appendPair(appendPair(append(dst, '"'), year/100), year%100)
	dst = appendPair(append(dst, '-'), int(month))
	dst = appendPair(append(dst, '-'), day)
	dst = appendPair(append(dst, 'T'), hour)
	dst = appendPair(append(dst, ':'), minute)
	dst = appendPair(append(dst, ':'), second)
	dst = appendPair(append(dst, '.'), micros/10000)
	dst = appendPair(appendPair(dst, micros/100%100), micros%100)
	return append(dst, 'Z', '"')
}

// appendPair appends two digits.
func appendPair(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/10), byte('0'+n%10))
}

func appendDate(dst []byte, d task.Date) []byte {
	if d.IsZero() {
		return append(dst, "null"...)
	}
	dst = d.AppendTo(append(dst, '"'))
	return append(dst, '"')
}

func appendStrings(dst []byte, list []string) []byte {
	dst = append(dst, '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strictjson.AppendString(dst, s)
	}
	return append(dst, ']')
}
