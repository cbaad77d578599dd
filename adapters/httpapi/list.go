package httpapi

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"taskhold/adapters/httpapi/strictjson"
	"taskhold/ports"
)

const headerApplied = "Preference-Applied"

// pageEnd is room for what follows the tasks of a page, its cursor included.
const pageEnd = 512

// listTasks answers one page.
func listTasks(x *exchange) error {
	values, err := url.ParseQuery(string(x.http.URI().QueryString()))
	if err != nil {
		return refuse(codeParameter, "The query is not well-formed.")
	}
	q, err := readQuery(values)
	if err != nil {
		return err
	}
	query := ports.Query{Filter: q.filter(), Order: q.order(), Limit: q.limit(), Count: wantsCount(x.field("Prefer"))}
	list := x.listOf(values)
	if q.Cursor != nil {
		after, ok := x.cursors.open(list, *q.Cursor)
		if !ok {
			return badCursor()
		}
		query.After = &after
	}
	return x.answer(func(ctx context.Context, tasks ports.Tasks, out *reply) error {
		page, err := tasks.List(ctx, x.user, query)
		if err != nil {
			return err
		}
		size := sizeOf(page.Tasks)
		if err := x.bear(size); err != nil {
			return err
		}
		next := ""
		if page.Next != nil {
			next = x.cursors.seal(list, *page.Next)
		}
		x.setPageHeaders(values, next, query.Count)
		out.body = slices.Grow(out.body, size+pageEnd)
		out.status, out.body = fiber.StatusOK, appendPage(out.body, page, query, next)
		return nil
	})
}

func badCursor() error {
	r := refuse(codeCursor, "The cursor does not belong to this list: start again without one.")
	r.findings = []finding{badParameter("cursor", "does not belong to this list")}
	return r
}

// listOf names the list that a cursor belongs to: whose it is, and all of the
// query but the page.
func (x *exchange) listOf(values url.Values) string {
	own := url.Values{"sort": {"-created_at"}, "tz": {"UTC"}}
	for name, given := range values {
		if len(given) > 1 {
			given = slices.Sorted(slices.Values(given))
		}
		own[name] = given
	}
	own.Del("cursor")
	own.Del("limit")
	return x.user.String() + "\x00" + own.Encode()
}

func (x *exchange) setPageHeaders(values url.Values, next string, counted bool) {
	header := &x.http.Response.Header
	if next != "" {
		values.Set("cursor", next)
		header.Set(fiber.HeaderLink, "<"+x.link("/v1/tasks?"+values.Encode())+`>; rel="next"`)
	}
	if counted {
		header.Set(headerApplied, "count=exact")
	}
}

func appendPage(dst []byte, page ports.Page, query ports.Query, next string) []byte {
	dst = append(dst, `{"items":[`...)
	for i := range page.Tasks {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendTask(dst, &page.Tasks[i])
	}
	dst = append(dst, `],"next_cursor":`...)
	if next == "" {
		dst = append(dst, "null"...)
	} else {
		dst = strictjson.AppendString(dst, next)
	}
	dst = append(dst, `,"limit":`...)
	dst = strconv.AppendInt(dst, int64(query.Limit), 10)
	if query.Count {
		dst = append(dst, `,"total":`...)
		dst = strconv.AppendInt(dst, int64(page.Total), 10)
	}
	return append(dst, '}')
}
