package httpapi

import (
	"strconv"
	"time"

	"taskhold/adapters/httpapi/strictjson"
)

// appendProblem appends the problem document (RFC 9457) of this exchange.
func (x *exchange) appendProblem(dst []byte, p problem) []byte {
	if x.front {
		return appendFault(dst, p, x.id, time.Now())
	}
	dst = append(dst, `{"type":`...)
	dst = strictjson.AppendString(dst, x.baseURL()+"/problems/"+p.slug())
	dst = append(dst, `,"title":`...)
	dst = strictjson.AppendString(dst, p.Title)
	dst = append(dst, `,"status":`...)
	dst = strconv.AppendInt(dst, int64(p.status), 10)
	dst = append(dst, `,"detail":`...)
	dst = strictjson.AppendString(dst, p.detail)
	dst = append(dst, `,"code":`...)
	dst = strictjson.AppendString(dst, p.Code)
	dst = append(dst, `,"request_id":`...)
	dst = strictjson.AppendString(dst, x.id)
	if len(p.findings) > 0 {
		dst = appendFindings(append(dst, `,"errors":`...), p.findings)
	}
	if p.index >= 0 {
		dst = append(dst, `,"index":`...)
		dst = strconv.AppendInt(dst, int64(p.index), 10)
	}
	if p.current != nil {
		dst = appendTask(append(dst, `,"current":`...), p.current)
	}
	return append(dst, '}')
}

func appendFindings(dst []byte, findings []finding) []byte {
	dst = append(dst, '[')
	for i, f := range findings {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(dst, `{"`...), f.where...)
		dst = strictjson.AppendString(append(dst, `":`...), f.at)
		if f.code != "" {
			dst = strictjson.AppendString(append(dst, `,"code":`...), f.code)
		}
		dst = strictjson.AppendString(append(dst, `,"detail":`...), f.detail)
		if f.actual > 0 {
			dst = append(dst, `,"params":{"max":`...)
			dst = strconv.AppendInt(dst, int64(f.max), 10)
			dst = append(dst, `,"actual":`...)
			dst = strconv.AppendInt(dst, int64(f.actual), 10)
			dst = append(dst, '}')
		}
		dst = append(dst, '}')
	}
	return append(dst, ']')
}
