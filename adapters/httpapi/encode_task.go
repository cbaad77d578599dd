package httpapi

import (
	"strconv"
	"time"

	"taskhold/adapters/httpapi/strictjson"
	"taskhold/domain/task"
)

// appendTask appends a task as clients see it. By hand, because
// encoding/json takes longer over a page of tasks than all else together.
func appendTask(dst []byte, t task.Snapshot) []byte {
	dst = append(dst, `{"id":"`...)
	dst = append(dst, t.ID.String()...)
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
	dst = appendDigits(append(dst, '"'), year, 4)
	dst = appendDigits(append(dst, '-'), int(month), 2)
	dst = appendDigits(append(dst, '-'), day, 2)
	dst = appendDigits(append(dst, 'T'), hour, 2)
	dst = appendDigits(append(dst, ':'), minute, 2)
	dst = appendDigits(append(dst, ':'), second, 2)
	dst = appendDigits(append(dst, '.'), t.Nanosecond()/1000, 6)
	return append(dst, 'Z', '"')
}

func appendDigits(dst []byte, n, width int) []byte {
	start := len(dst)
	for range width {
		dst = append(dst, '0')
	}
	for i := start + width - 1; n > 0; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
	return dst
}

func appendDate(dst []byte, d task.Date) []byte {
	if d.IsZero() {
		return append(dst, "null"...)
	}
	dst = append(append(dst, '"'), d.String()...)
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
