package apitest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// shelf makes tasks whose titles say what they are, in this order.
func shelf(c Client) {
	for _, body := range []string{
		`{"title": "apple", "priority": "low", "due_date": "2026-12-01", "tags": ["red", "fruit"]}`,
		`{"title": "Banana", "priority": "high", "due_at": "2026-12-01T23:30:00Z", "tags": ["fruit"], "description": "100%_* yellow STRASSE"}`,
		`{"title": "cherry", "completed": true, "due_date": "2026-11-30", "tags": ["red", "Fruit"]}`,
		`{"title": "Über", "priority": "medium"}`,
	} {
		c.Create(body)
	}
}

var listRules = []rule{
	{"an empty list is an empty array", func(c Client) {
		if a := c.Ask("GET", "/v1/tasks", "").Want(200, ""); a.Text != `{"items":[],"next_cursor":null,"limit":50}` {
			c.Errorf("got %s", a.Text)
		}
	}},
	{"the newest comes first, as GET shows it", func(c Client) {
		shelf(c)
		a := c.Ask("GET", "/v1/tasks", "").Want(200, "")
		wantTitles(c, a, "Über", "cherry", "Banana", "apple")
		for _, task := range a.Items() {
			if one := c.Get("/v1/tasks/" + task["id"].(string)); !equal(one.JSON, task) {
				c.Errorf("the list has %v, GET %s", task, one.Text)
			}
		}
	}},
	{"every filter lets through what it says", func(c Client) {
		shelf(c)
		for query, want := range map[string]string{
			"completed=true": "cherry", "completed=false": "Über Banana apple",
			"priority=low": "apple", "priority=high&priority=medium": "Über Banana", "priority=none": "cherry",
			"tag=red": "cherry apple", "tag=red&tag=fruit": "apple", "tag=Fruit": "cherry", "tag=none": "",
			"q=APPLE": "apple", "q=%C3%BCber": "Über", "q=strasse": "Banana", "q=%25_*": "Banana", "q=%25": "Banana", "q=_": "Banana", "q=a%25a": "", "q=": "Über cherry Banana apple",
			"due_from=2026-12-01": "Banana apple", "due_to=2026-11-30": "cherry", "due_from=2026-11-30&due_to=2026-12-01": "cherry Banana apple",
			"due_from=2026-12-02&tz=Europe/Berlin": "Banana", "due_from=2026-12-02": "", "due_to=2026-12-01&tz=Asia%2FTokyo": "cherry apple",
			"updated_since=2000-01-01T00:00:00Z": "Über cherry Banana apple", "updated_since=2999-01-01T00:00:00%2B01:00": "",
			"completed=false&priority=low&tag=red&q=a": "apple",
		} {
			wantTitles(c, c.Ask("GET", "/v1/tasks?"+query, "").Want(200, ""), strings.Fields(want)...)
		}
	}},
	{"every sort has its order, and the other way round", func(c Client) {
		shelf(c)
		for sort, want := range map[string]string{
			"created_at": "apple Banana cherry Über", "-created_at": "Über cherry Banana apple",
			"updated_at": "apple Banana cherry Über", "-updated_at": "Über cherry Banana apple",
			"title": "apple Banana cherry Über", "-title": "Über cherry Banana apple",
			"priority": "cherry apple Über Banana", "-priority": "Banana Über apple cherry",
			"due": "cherry apple Banana Über", "-due": "Banana apple cherry Über",
		} {
			wantTitles(c, c.Ask("GET", "/v1/tasks?sort="+sort, "").Want(200, ""), strings.Fields(want)...)
		}
	}},
	{"pages show every task once, in every order", func(c Client) {
		for i := range 7 {
			c.Create(fmt.Sprintf(`{"title": "t%d", "priority": "%s", "due_date": %s}`, i%3, []string{"low", "high"}[i%2], []string{"null", `"2026-12-01"`}[i%2]))
		}
		for _, sort := range []string{"created_at", "-created_at", "updated_at", "-updated_at", "due", "-due", "priority", "-priority", "title", "-title"} {
			whole := c.Ask("GET", "/v1/tasks?sort="+sort, "").Want(200, "").Items()
			var paged []map[string]any
			for a := c.Ask("GET", "/v1/tasks?limit=2&sort="+sort, ""); ; a = c.Ask("GET", next(a), "") {
				paged = append(paged, a.Want(200, "").Has(`{"limit": 2}`).Items()...)
				if a.JSON["next_cursor"] == nil {
					break
				}
			}
			if !equal(whole, paged) {
				c.Errorf("by %s: %v and %v", sort, whole, paged)
			}
		}
	}},
	{"a walk sees what stands throughout once, whatever comes and goes", func(c Client) {
		for i := range 9 {
			c.Create(fmt.Sprintf(`{"title": "stays %d"}`, i))
		}
		leaves := c.Create(`{"title": "leaves"}`)
		a := c.Ask("GET", "/v1/tasks?limit=3&sort=-updated_at", "").Want(200, "")
		seen := a.Titles()
		for i := 0; a.JSON["next_cursor"] != nil; i++ {
			c.Create(fmt.Sprintf(`{"title": "comes %d"}`, i))
			if i == 0 {
				c.Ask("DELETE", leaves, "").Want(204, "")
			}
			a = c.Ask("GET", next(a), "").Want(200, "")
			seen = append(seen, a.Titles()...)
		}
		for i := range 9 {
			title := fmt.Sprintf("stays %d", i)
			if n := len(slices.DeleteFunc(slices.Clone(seen), func(s string) bool { return s != title })); n != 1 {
				c.Errorf("%q was seen %d times in %q", title, n, seen)
			}
		}
	}},
	{"the Link header leads on", func(c Client) {
		shelf(c)
		a := c.Ask("GET", "/v1/tasks?limit=1&priority=low&priority=high", "").Want(200, "")
		link := a.Header.Get("Link")
		target, ok := strings.CutSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
		u, err := a.Request.URL.Parse(target)
		if !ok || err != nil {
			c.Fatalf("Link is %q", link)
		}
		last := c.Ask("GET", u.RequestURI(), "").Want(200, "")
		wantTitles(c, last, "apple")
		if last.Header.Get("Link") != "" {
			c.Errorf("the last page has the link %s", last.Header.Get("Link"))
		}
	}},
	{"a cursor is good for its own list alone", func(c Client) {
		shelf(c)
		cursor := c.Ask("GET", "/v1/tasks?limit=1&sort=title&tag=red", "").Want(200, "").JSON["next_cursor"].(string)
		for _, query := range []string{"sort=title", "tag=red", "sort=-title&tag=red", "sort=title&tag=red&completed=true", "sort=title&tag=fruit", ""} {
			c.Ask("GET", "/v1/tasks?"+query+"&cursor="+cursor, "").Want(400, "INVALID_CURSOR").Finds("cursor")
		}
		c.Ask("GET", "/v1/tasks?sort=title&tag=red&limit=100&cursor="+cursor, "").Want(200, "")
	}},
	{"a cursor that was altered is refused", func(c Client) {
		shelf(c)
		cursor := c.Ask("GET", "/v1/tasks?limit=1&sort=title", "").Want(200, "").JSON["next_cursor"].(string)
		for i := range cursor {
			altered := []byte(cursor)
			altered[i] = "AB"[b2i(cursor[i] == 'A')]
			c.Ask("GET", "/v1/tasks?sort=title&cursor="+string(altered), "").Want(400, "INVALID_CURSOR")
		}
		for _, bad := range []string{"", "x", cursor[:20], cursor + "A", cursor + "%3D", "%00", "%C3%BC", strings.Repeat("A", 5000)} {
			c.Ask("GET", "/v1/tasks?sort=title&cursor="+bad, "").Want(400, "INVALID_CURSOR")
		}
	}},
	{"a cursor does not show what a task says", func(c Client) {
		for range 2 {
			c.Create(`{"title": "sentinel"}`)
		}
		a := c.Ask("GET", "/v1/tasks?limit=1&sort=title", "").Want(200, "")
		if readable(a.JSON["next_cursor"].(string), "SENTINEL") {
			c.Error("it does")
		}
	}},
	{"the total is told to who asks for it", func(c Client) {
		shelf(c)
		for prefer, counted := range map[string]bool{
			"count=exact": true, `respond-async, Count="exact";x=y`: true, "count=none": false, "account=exact": false, "": false,
		} {
			a := c.Ask("GET", "/v1/tasks?limit=1&tag=red", "", "Prefer: "+prefer).Want(200, "")
			total, told := a.JSON["total"]
			if told != counted || counted && total != 2.0 || (a.Header.Get("Preference-Applied") == "count=exact") != counted {
				c.Errorf("Prefer %q: total %v, applied %q", prefer, total, a.Header.Get("Preference-Applied"))
			}
		}
	}},
	{"a parameter that is unknown or not as it must be is named", func(c Client) {
		for query, names := range map[string]string{
			"limit=0": "limit", "limit=201": "limit", "limit=-1": "limit", "limit=1e1": "limit", "limit=%EF%BC%99": "limit", "limit=": "limit", "limit=1.0": "limit", "limit=+5": "limit",
			"limit=1&limit=2": "limit", "completed=1": "completed", "completed=TRUE": "completed", "completed=": "completed",
			"priority=HIGH": "priority", "priority=": "priority", "tag=": "tag", "tag=%0A": "tag", "tag=" + strings.Repeat("x", 51): "tag",
			"q=%00": "q", "q=%FF": "q", "q=a%0Ab": "q", "q=" + strings.Repeat("x", 101): "q", "q=a&q=b": "q",
			"due_from=2026-13-01": "due_from", "due_to=": "due_to", "due_from=2026-12-01T00:00:00Z": "due_from",
			"tz=Mars/Base": "tz", "tz=Local": "tz", "tz=localtime": "tz", "tz=right/UTC": "tz", "tz=": "tz", "tz=../../etc/passwd": "tz",
			"updated_since=2026-12-01": "updated_since", "updated_since=2026-12-01T00:00:00+01:00": "updated_since",
			"sort=id": "sort", "sort=title,due": "sort", "sort=--due": "sort", "sort=title;drop": "", "sort=created_at%20desc": "sort", "cursor=x&cursor=y": "cursor",
			"Limit=5": "Limit", "page=2": "page", "offset=1": "offset", "access_token=x": "access_token", "=": "", "%zz=1": "",
			"x=1&limit=0&y=2": "limit x y",
		} {
			a := c.Ask("GET", "/v1/tasks?"+query, "").Want(400, "INVALID_PARAMETER")
			if got := strings.Join(slices.Sorted(slices.Values(a.Findings())), " "); got != names && names != "" {
				c.Errorf("%s: named %q, want %q", query, got, names)
			}
		}
	}},
	{"hostile values are only values", func(c Client) {
		shelf(c)
		for _, q := range []string{`' OR 1=1 --`, `"; DROP TABLE tasks`, `\`, `%`, `_%`, `$1`, `{}`, `a(a+)+$`, "\u2028", "🙂"} {
			a := c.Ask("GET", "/v1/tasks?q="+url.QueryEscape(q)+"&tag=x", "").Want(200, "")
			wantTitles(c, a)
		}
	}},
}

func wantTitles(c Client, a Answer, want ...string) {
	c.Helper()
	if got := a.Titles(); !slices.Equal(got, want) {
		c.Errorf("%s: got %q, want %q", a.asked(), got, want)
	}
}

// next is the address of the next page.
func next(a Answer) string {
	query := a.Request.URL.Query()
	query.Set("cursor", a.JSON["next_cursor"].(string))
	return "/v1/tasks?" + query.Encode()
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
