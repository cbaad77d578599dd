package httpapi

import (
	"bytes"
	"errors"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// latin1 gives each byte a rune of its own, so that a pattern may speak of bytes.
func latin1(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

const fuzzList = "ann's list"

// FuzzCursor takes no cursor but the one that was made of the position which
// it opens.
func FuzzCursor(f *testing.F) {
	c, err := newCursors(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		f.Fatal(err)
	}
	for _, p := range positions {
		cursor := c.seal(fuzzList, p)
		for _, s := range []string{cursor, cursor + "=", cursor[:len(cursor)-1], cursor + "A", "\n" + cursor} {
			f.Add(s, p.ID.String(), p.At.UnixMicro(), int(p.Rank), p.Text)
		}
	}
	f.Fuzz(func(t *testing.T, cursor, id string, micros int64, rank int, text string) {
		if p, ok := c.open(fuzzList, cursor); ok && c.seal(fuzzList, p) != cursor {
			t.Errorf("%q opens %+v, whose cursor is another", cursor, p)
		}
		named, err := task.ParseID(id)
		if err != nil || strings.Contains(text, "\x00") {
			return
		}
		p := task.Position{ID: named, Rank: task.Priority(rank), Text: text, At: time.UnixMicro(micros % (1 << 57)).UTC()}
		if got, ok := c.open(fuzzList, c.seal(fuzzList, p)); !ok || got != p {
			t.Errorf("%+v comes back as %+v, %v", p, got, ok)
		}
	})
}

// An entity tag and a list of them, by RFC 9110, 8.8.3 and 5.6.1.2, with all
// the empty members that a recipient has to live with.
var (
	oneTag  = regexp.MustCompile(`(W/)?"([\x{21}\x{23}-\x{7e}\x{80}-\x{ff}]*)"`)
	tagList = regexp.MustCompile(`^[ \t,]*` + oneTag.String() + `[ \t]*(,[ \t,]*(` + oneTag.String() + `[ \t]*)?)*$`)
	star    = regexp.MustCompile(`^[ \t]*\*[ \t]*$`)
	version = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)
)

func FuzzIfMatch(f *testing.F) {
	for _, s := range []string{
		`*`, ` * `, `*, "1"`, `"1"`, `W/"1"`, `w/"1"`, `"1", "2"`, `,,"1",,`, `"1" "2"`, `"1`, `""`, `"a,b"`, `"01"`, `"+1"`, `"-1"`, `"9223372036854775808"`, `" 1"`, "\"1\x00\"", "\"\xff\"", `1`, `,`, ``,
	} {
		f.Add(s, int64(1))
	}
	f.Fuzz(func(t *testing.T, value string, n int64) {
		c, ok := parseCondition(value)
		any, list := star.MatchString(value), tagList.MatchString(latin1(value))
		if ok != (any || list) || ok && c.any != any {
			t.Fatalf("parseCondition(%q) = %+v, %v", value, c, ok)
		}
		if !ok {
			return
		}
		strong, weak := any, any
		for _, found := range oneTag.FindAllStringSubmatch(latin1(value), -1) {
			same := list && version.MatchString(found[2]) && found[2] == strconv.FormatInt(n, 10)
			strong, weak = strong || same && found[1] == "", weak || same
		}
		if m := c.match(); m.Holds(n) != strong {
			t.Errorf("If-Match: %q holds for %d: %v", value, n, !strong)
		}
		if etag := `"` + strconv.FormatInt(n, 10) + `"`; c.names(etag) != weak || c.names("W/"+etag) != weak {
			t.Errorf("If-None-Match: %q names %d: %v", value, n, !weak)
		}
	})
}

// A key, bare and as a string of RFC 9651, 3.3.3.
var (
	bareKey   = regexp.MustCompile(`^[\x{21}\x{23}-\x{7e}][\x{21}-\x{7e}]*$`)
	quotedKey = regexp.MustCompile(`^"((?:[\x{21}\x{23}-\x{5b}\x{5d}-\x{7e}]|\\["\\])+)"$`)
	escaped   = regexp.MustCompile(`\\(.)`)
)

func FuzzIdempotencyKey(f *testing.F) {
	for _, s := range []string{
		`k`, `"k"`, `"a\"b\\"`, `"a\b"`, `"k`, `k"`, `"k" `, `"k"x`, `""`, ``, `a b`, `"a b"`, "é", "k\x00", `"` + strings.Repeat("k", 255) + `"`, strings.Repeat("k", 256), `"\\` + strings.Repeat("k", 254) + `"`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		want, good := value, bareKey.MatchString(value)
		if found := quotedKey.FindStringSubmatch(value); found != nil {
			want, good = escaped.ReplaceAllString(found[1], "$1"), true
		}
		good = good && len(want) <= maxKey
		key, ok := parseKey(value)
		if ok != good || ok && key != want {
			t.Fatalf("parseKey(%q) = %q, %v, want %q, %v", value, key, ok, want, good)
		}
		if !ok {
			return
		}
		if again, ok := parseKey(`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(key) + `"`); !ok || again != key {
			t.Errorf("%q in quotes is %q, %v", key, again, ok)
		}
	})
}

var bearerToken = regexp.MustCompile(`^(?i:bearer) +([^ \t,]+)$`)

func FuzzAuthorization(f *testing.F) {
	for _, s := range []string{
		"Bearer a.b.c", "bEARER   x", "Bearer", "Bearer ", "Bearer\tx", "Bearer x ", "Bearer x y", "Bearer a, Bearer b", "Bearer a,b", "Basic eDp5", "Basic a,b", "", " Bearer x", "Bearerx", "Bearer x\x00", "\x17Bearer x", "Be\u212arer x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		want := ""
		if found := bearerToken.FindStringSubmatch(value); found != nil {
			want = found[1]
		}
		token, err := bearer([][]byte{[]byte(value)})
		if token != want || (err == nil) != (want != "") {
			t.Fatalf("bearer(%q) = %q, %v, want %q", value, token, err, want)
		}
		var refused *refusal
		scheme, _, _ := strings.Cut(strings.ReplaceAll(value, "\t", " "), " ")
		switch ours := strings.ToLower(scheme) == "bearer"; {
		case err == nil:
		case errors.Is(err, identity.ErrNoUser) == ours, errors.Is(err, ports.ErrTokenInvalid) && !ours, errors.As(err, &refused) && !strings.Contains(value, ","):
			t.Errorf("bearer(%q) is %v", value, err)
		}
		if _, err := bearer([][]byte{[]byte(value), []byte(value)}); !errors.As(err, &refused) {
			t.Errorf("bearer(%q), twice, is %v", value, err)
		}
	})
}

// FuzzQuery reads what is accepted once more, by patterns, and wants to be told
// of every parameter that is refused.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{
		"", "limit=1", "limit=200&sort=-due", "limit=0", "limit=1&limit=2", "limit=+1", "limit=１", "q=%00", "q=%ff", "tag=a&tag=b", "tag=", "priority=high&priority=low", "priority=High", "completed=true", "completed=1",
		"due_from=2026-01-01&due_to=2026-12-31&tz=Europe/Berlin", "tz=Local", "tz=../etc", "tz=", "updated_since=2026-11-22T21:00:00Z", "updated_since=2026-11-22T21:00:00+01:00", "LIMIT=1", "a%00b=1", "sort=id", "cursor=x", "q=%", "a;b=1",
	} {
		f.Add(s)
	}
	rules := map[string]*regexp.Regexp{
		"completed": regexp.MustCompile(`^(true|false)$`), "priority": regexp.MustCompile(`^(none|low|medium|high)$`), "limit": regexp.MustCompile(`^0*([1-9][0-9]?|1[0-9]{2}|200)$`),
		"due_from": regexp.MustCompile(`^\d{4}-[01]\d-[0-3]\d$`), "due_to": regexp.MustCompile(`^\d{4}-[01]\d-[0-3]\d$`), "updated_since": regexp.MustCompile(`^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-][0-2]\d:[0-5]\d)$`),
		"sort": regexp.MustCompile(`^-?(created_at|updated_at|due|priority|title)$`), "q": regexp.MustCompile(`^[^\p{Cc}]{0,100}$`), "tag": regexp.MustCompile(`^\s*[^\p{Cc}\x{2028}\x{2029}]{1,50}\s*$`),
		"tz": regexp.MustCompile(`^[A-Za-z0-9_+/-]+$`), "cursor": regexp.MustCompile(`(?s)^.*$`),
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		q, err := readQuery(values)
		if err != nil {
			checkFindings(t, values, err)
			return
		}
		for name, given := range values {
			for _, value := range given {
				if rules[name] == nil || !rules[name].MatchString(value) || !utf8.ValidString(value) && name != "cursor" {
					t.Errorf("%q: accepts %q for %s", text, value, name)
				}
			}
		}
		filter, order := q.filter(), q.order()
		known := q.Sort == nil
		if !known {
			_, known = sortKeys[strings.TrimPrefix(*q.Sort, "-")]
		}
		if limit := q.limit(); limit < 1 || limit > maxLimit || !known || order.Descending != (q.Sort == nil || (*q.Sort)[0] == '-') {
			t.Errorf("%q: the limit is %d and the order %+v", text, limit, order)
		}
		if len(filter.Priorities) != len(values["priority"]) || len(filter.Tags) != len(values["tag"]) || filter.DueFrom.IsZero() != (q.DueFrom == nil) || filter.DueTo.IsZero() != (q.DueTo == nil) || filter.UpdatedSince.IsZero() != (q.UpdatedSince == nil) {
			t.Errorf("%q: the filter is %+v", text, filter)
		}
	})
}

// checkFindings wants each finding of a refusal to be about a parameter of the
// request, in words that can be told back.
func checkFindings(t *testing.T, values url.Values, err error) {
	t.Helper()
	var r *refusal
	if !errors.As(err, &r) || len(r.findings) == 0 || len(r.findings) > maxFindings {
		t.Fatalf("%v is refused with %v", values, err)
	}
	names := slices.Collect(maps.Keys(values))
	for _, found := range r.findings {
		if !slices.ContainsFunc(names, func(name string) bool { return tame(name) == found.at }) || !utf8.ValidString(found.at) || strings.ContainsFunc(found.at, func(r rune) bool { return r < ' ' }) {
			t.Errorf("%v: refuses %q", values, found.at)
		}
	}
}

// FuzzFrontQuery wants a list that can be asked for, whatever a front end sends.
func FuzzFrontQuery(f *testing.F) {
	for _, s := range []string{
		"", "limit=10&offset=5", "page=3&limit=20", "page=0", "page=99999999999999999999", "skip=-1", "status=DONE", "status=all", "status_filter=active", "completed=TRUE", "tags=a,b&tags=c", "tags=all", "search=%00", "search=%20x%20",
		"sort_by=title&sort_order=asc", "sort=priority&order=DESC", "priority=HIGH,low", "priority=low,low,high,low,Low", "priority=all", "limit=0", "limit=1001", "limit=1e3",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		q := readFrontQuery(values)
		if q.Limit < 1 || q.Limit > frontLimit || q.Offset < 0 || !q.Count || q.After != nil || len(q.Filter.Tags) > task.MaxTags+1 || len(q.Filter.Priorities) > 4 {
			t.Errorf("%q asks for %+v", text, q)
		}
		unknown := maps.Clone(values)
		unknown["nobody-knows-me"] = []string{"x"}
		if again := readFrontQuery(unknown); again.Limit != q.Limit || again.Offset != q.Offset || again.Order != q.Order || again.Filter.Text != q.Filter.Text {
			t.Errorf("%q: an unknown name changes the list", text)
		}
		for _, tag := range q.Filter.Tags {
			if tag == "" || strings.Contains(tag, ",") || strings.TrimSpace(tag) != tag {
				t.Errorf("%q asks for the tag %q", text, tag)
			}
		}
	})
}

var localhost = regexp.MustCompile(`^http://localhost(:0*([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?$`)

// FuzzOrigin wants nothing to be allowed that is not named, byte for byte.
func FuzzOrigin(f *testing.F) {
	named := []string{"https://app.example.com", "http://localhost:3000"}
	for _, s := range append(named, "https://app.example.com.evil.test", "https://app.example.com:443", "https://APP.example.com", "https://evil.test", "null", "", "http://localhost", "http://localhost:", "http://localhost:99999999", "http://localhost@evil.test", "http://localhost:80/", "http://localhost.evil.test", "http://LOCALHOST", "*", "https://tasks.example.com") {
		f.Add(s)
	}
	strict := newOrigins(Options{AllowedOrigins: named, PublicURL: "https://Tasks.example.com/todo"})
	lax := newOrigins(Options{AnyLocalhost: true})
	open := newOrigins(Options{AllowedOrigins: []string{"*"}})
	f.Fuzz(func(t *testing.T, origin string) {
		exact := slices.Contains(named, origin)
		if strict.named(origin) != exact || strict.mayWrite(origin) != (exact || origin == "https://tasks.example.com") {
			t.Errorf("%q is allowed: %v", origin, !exact)
		}
		if lax.named(origin) != localhost.MatchString(origin) || lax.mayWrite(origin) != lax.named(origin) {
			t.Errorf("%q is localhost: %v", origin, lax.named(origin))
		}
		if open.named(origin) || open.mayWrite(origin) {
			t.Errorf("* names %q", origin)
		}
	})
}

var harmlessID = regexp.MustCompile(`^[A-Za-z0-9._-]{8,128}$`)

func FuzzRequestID(f *testing.F) {
	for _, s := range []string{"", "short", "12345678", strings.Repeat("x", 128), strings.Repeat("x", 129), "12345678\r\nX: y", "<script>alert</script>", "1234567\xff", "1234567é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		if got := requestID([]byte(sent)); (got == sent) != harmlessID.MatchString(sent) || !harmlessID.MatchString(got) {
			t.Errorf("%q is called %q", sent, got)
		}
	})
}
