package httpapi

import (
	"strconv"
	"time"

	"taskhold/adapters/httpapi/strictjson"
	"taskhold/domain/task"
	"taskhold/ports"
)

func (d *dialect) appendTask(dst []byte, t task.Snapshot) []byte {
	dst = append(dst, d.task.before...)
	return append(d.appendMembers(dst, t), d.task.after...)
}

func (d *dialect) appendMembers(dst []byte, t task.Snapshot) []byte {
	between := byte('{')
	for _, m := range d.members {
		dst = append(append(append(dst, between, '"'), m.name...), '"', ':')
		dst = m.value(dst, t)
		between = ','
	}
	return append(dst, '}')
}

func (d *dialect) appendList(dst []byte, page ports.Page, q ports.Query) []byte {
	dst = append(append(dst, d.list.before...), '[')
	for i, t := range page.Tasks {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = d.appendMembers(dst, t)
	}
	dst = append(dst, ']')
	if d.list == (envelope{}) {
		return dst
	}
	for _, figure := range []struct {
		name string
		n    int
	}{{"total", page.Total}, {"limit", q.Limit}, {"offset", q.Offset}, {"skip", q.Offset}} {
		dst = append(append(append(dst, `,"`...), figure.name...), `":`...)
		dst = strconv.AppendInt(dst, int64(figure.n), 10)
	}
	dst = strconv.AppendBool(append(dst, `,"has_more":`...), page.Next != nil)
	return append(dst, d.list.after...)
}

func appendDone(dst []byte, t task.Snapshot) []byte { return strconv.AppendBool(dst, isDone(t)) }

func appendStatus(dst []byte, t task.Snapshot) []byte {
	if isDone(t) {
		return append(dst, `"completed"`...)
	}
	return append(dst, `"pending"`...)
}

// appendDue appends the date or the instant, whichever it is.
func appendDue(dst []byte, t task.Snapshot) []byte {
	if at := t.Due.At(); !at.IsZero() {
		return appendInstant(dst, at)
	}
	return appendDate(dst, t.Due.Date())
}

func isDone(t task.Snapshot) bool { return !t.Completed.IsZero() }

// appendFault appends a problem as front ends read one: some look for
// detail, some for message, some for error.message, and all show it as it is,
// so that it has to be a text.
func appendFault(dst []byte, p problem, request string, now time.Time) []byte {
	dst = strictjson.AppendString(append(dst, `{"detail":`...), p.detail)
	dst = strictjson.AppendString(append(dst, `,"message":`...), p.detail)
	dst = strictjson.AppendString(append(dst, `,"error_code":`...), p.Code)
	dst = strictjson.AppendString(append(dst, `,"code":`...), p.Code)
	dst = strictjson.AppendString(append(dst, `,"error":{"code":`...), p.Code)
	dst = strictjson.AppendString(append(dst, `,"message":`...), p.detail)
	dst = appendFindings(append(dst, `},"errors":`...), p.findings)
	dst = appendInstant(append(dst, `,"timestamp":`...), now.UTC())
	dst = strictjson.AppendString(append(dst, `,"request_id":`...), request)
	return append(dst, '}')
}
