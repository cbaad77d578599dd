package walk

import (
	"strings"

	"taskhold/proof/wire"
)

// hostile makes a request that nobody means. Whatever becomes of it, it is no
// failure of the service.
func (w *Walker) hostile(_ generator, a *ask) {
	a.why, a.operation = "hostile", w.judge.unrouted
	a.then = func(r wire.Reply) {
		if accepted(r.Status) {
			w.forget() // what it did, nobody knows
		}
	}
	a.fits = func(status int) bool { return status < 500 }
	target := &a.request.Target
	switch w.IntN(8) {
	case 0:
		*target = pick(w.Rand, "/v1/tasks/..%2f..%2fetc%2fpasswd", "/v1/tasks/%00", "/v1/tasks/%zz", "/v1//tasks", "/V1/tasks", "/v1/tasks/", "/v1/tasks;x=1", "/v1/tasks/../../livez", "//evil.test/v1/tasks", "/v1/tasks/"+strings.Repeat("a", 8000),
			"/v1/tasks/{id}", "/v1/tasks/%e2%80%8b", "/v1/tasks/\xff\xfe", "/api/%2e%2e/tasks", "/api/%00/tasks", "/api/tasks/%252e", "/api/users//tasks", "/api/'; DROP TABLE tasks;--/tasks", "/", "*", "/docs/../../go.mod", "/problems/%2e%2e", "/v1/tasks/batch/x")
	case 1:
		*target += pick(w.Rand, "?", "?&&&", "?=", "?a=b=c", "?%", "?q=%", "?limit[]=1", "?q="+strings.Repeat("%25", 3000), "?"+strings.Repeat("tag=x&", 2000), "?sort=(SELECT 1)", "?q=' OR 1=1 --", "?search=%00", "?tags=%00,%ff", "?priority="+strings.Repeat("high,", 2000), "?offset=99999999999999999999", "?page=9223372036854775807&limit=1000", "#x", "?due_from=0001-01-01&due_to=9999-12-31&tz=Pacific/Kiritimati", "?due_from=9999-12-31&tz=Etc/GMT%2B12", "?updated_since=9999-12-31T23:59:59Z", "?due_from=2026-01-01&due_to=2025-01-01")
	case 2:
		a.request.Method = pick(w.Rand, "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "FOO", "get", "HEAD", "DELETE", "PUT", "PATCH", "POST", "X-"+strings.Repeat("M", 50))
	case 3:
		a.request = a.request.With(pick(w.Rand, "X-Long: "+strings.Repeat("x", 20<<10), "X-Null: a\x00b", "X-High: \xff", "Cookie: "+strings.Repeat("a=b; ", 500), "Content-Length: -1", "Transfer-Encoding: gzip", "Range: bytes=0-1", "X-Http-Method-Override: DELETE", "Host: evil.test", "X-Forwarded-For: 127.0.0.1, evil", "X-Request-Id: <script>", "Origin: null", "Accept: */*;q=0", "Accept: ,,;", "Prefer: "+strings.Repeat("count=exact,", 500), "traceparent: 00-zz-zz-01", "If-Match: "+strings.Repeat(`"1",`, 2000), "Connection: close, upgrade", "No colon at all", " folded: x", "Content-Type: multipart/form-data; boundary=x"))
	case 4:
		a.request.Body = pick(w.Rand, strings.Repeat("[", 10_000), strings.Repeat(`{"a":`, 10_000), `{"title": "`+strings.Repeat("x", 300<<10)+`"}`, "{"+strings.Repeat(`"a":1,`, 30_000)+`"b":1}`, `{"title": 1e999999999}`, `{"title": -0}`, strings.Repeat(" ", 200<<10), "\x00", `{"title": "\u0000"}`, `{"operations": [`+strings.Repeat(`{"op":"delete","id":"x"},`, 101)+`{}]}`)
	case 5, 6:
		body := []byte(a.request.Body)
		for range 1 + w.IntN(4) {
			if len(body) > 0 {
				body[w.IntN(len(body))] = byte(w.IntN(256))
			}
		}
		a.request.Body = string(body)
	case 7:
		at := w.IntN(len(*target))
		*target = (*target)[:at] + string([]byte{byte(w.IntN(256))}) + (*target)[at:]
	}
}
