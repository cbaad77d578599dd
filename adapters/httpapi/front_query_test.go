package httpapi

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"taskhold/adapters/httpapi/apitest"
	"taskhold/domain/task"
)

// shelf gives a user five tasks, a to e, and then changes c, so that it is
// the last to have been updated.
func shelf(c apitest.Client) {
	for _, body := range []string{
		`{"title": "a", "priority": "high", "due_date": "2026-03-09", "tags": ["home", "red"]}`,
		`{"title": "b", "priority": "low", "tags": ["home"]}`,
		`{"title": "c", "priority": "high", "description": "Buy MILK", "due_at": "2026-03-08T23:00:00Z"}`,
		`{"title": "d", "completed": true, "priority": "medium", "tags": ["home", "red", "all"]}`,
		`{"title": "e", "completed": true}`,
	} {
		c.Create(body)
	}
	c.Ask("PATCH", "/v1/tasks/"+idOf(c, "c"), `{"tags": ["late"]}`).Want(200, "")
}

func idOf(c apitest.Client, title string) string {
	for _, task := range c.Ask("GET", "/v1/tasks", "").Items() {
		if task["title"] == title {
			return task["id"].(string)
		}
	}
	c.Fatalf("there is no task %s", title)
	return ""
}

func TestFrontEndsAskForLists(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}))
	shelf(w.Client)
	const all = "e d c b a"
	for query, want := range map[string]string{
		"": all, "unknown=x": all, "%zz": all, "status=%zz&priority=low": "b", "limit=2;status=done": all,

		"status=pending": "c b a", "status=active": "c b a", "status=incomplete": "c b a", "status=completed": "e d", "status=done": "e d",
		"status=DONE": "e d", "status=Pending": "c b a", "status=all": all, "status=": all, "status=archived": all,
		"status_filter=completed": "e d", "status_filter=All": all, "status=all&status_filter=completed": "e d",
		"status=pending&status_filter=completed": "c b a", "status=x&status=done": "e d",
		"status=true": all, "status=false": all, "completed=completed": all, "completed=done": all, "completed=pending": all,
		"completed=true": "e d", "completed=FALSE": "c b a", "completed=1": all, "completed=": all, "completed=all": all,
		"status=all&completed=true": "e d", "status=pending&completed=true": "c b a", "is_completed=true": all,

		"priority=high": "c a", "priority=HIGH": "c a", "priority=none": "e", "priority=all": all, "priority=": all, "priority=urgent": all,
		"priority=high,low": "c b a", "priority=high&priority=low": "c b a", "priority=high,urgent": "c a", "priority=,": all,

		"tags=home": "d b a", "tags=home,red": "d a", "tags=home&tags=red": "d a", "tags=red,home,red": "d a", "tags=Home": "", "tags=": all,
		"tags=all": all, "tags=home,all": "d b a", "tags=%20home%20,": "d b a", "tags=%00": "", "tags=%ff": "", "tag_ids=7": all,
		"tags=" + many("t"): "", "tags=" + strings.Repeat("home,", 500): "d b a",

		"search=milk": "c", "search=%20milk%20": "c", "search=": all, "search=%20": all, "search=all": "", "search=buy%20m": "c", "search=%25": "", "search=a": "a",
		"search=" + strings.Repeat("x", 5000): "", "search=%00": "", "search=%ff": "",

		"sort=title": "a b c d e", "sort_by=title": "a b c d e", "sort_by=title&sort_order=desc": "e d c b a", "sort=title&order=DESC": "e d c b a",
		"sort_by=created_at": all, "sort_by=created_at&sort_order=asc": "a b c d e", "sort=createdAt&order=asc": "a b c d e", "order=asc": "a b c d e",
		"sort_by=updated_at": "c e d b a", "sort=updatedAt&order=asc": "a b d e c",
		"sort_by=due_date": "c a e d b", "sort_by=dueDate&order=desc": "a c e d b", "sort=due_date&order=asc": "c a e d b",
		"sort_by=priority": "e b d c a", "sort_by=priority&sort_order=desc": "c a d b e",
		"sort_by=position": all, "sort_by=": all, "sort_by=x&sort=title": "a b c d e", "sort_order=up": all, "sort_order=x&order=asc": "a b c d e",

		"limit=2": "e d", "limit=0": all, "limit=-1": all, "limit=x": all, "limit=1e3": all, "limit=99999999999999999999": all, "limit=": all,
		"offset=2": "c b a", "skip=2": "c b a", "offset=2&limit=2": "c b", "skip=1&limit=1": "d", "offset=1&skip=3": "d c b a", "offset=x&skip=3": "b a",
		"offset=5": "", "offset=-1": all, "offset=99999999999999999999": "", "page=1": all, "page=1&limit=2": "e d", "page=2&limit=2": "c b",
		"page=3&limit=2": "a", "page=4&limit=2": "", "page=0&limit=2": "e d", "page=x&limit=2": "e d", "page=2": "", "page=2&offset=1&limit=2": "d c",
		"page=99999999999999999999&limit=1000": "",

		"status=pending&priority=high&tags=late&search=milk&sort_by=title&limit=5&offset=0": "c",
	} {
		a := w.Ask("GET", "/api/tasks?"+query, "")
		if got := titlesOf(t, a); got != want {
			t.Errorf("%.100s lists %q, want %q", query, got, want)
		}
	}
}

func many(tag string) string {
	tags := []string{}
	for i := range 1500 {
		tags = append(tags, tag+strconv.Itoa(i))
	}
	return strings.Join(tags, ",")
}

func TestTheTotalCountsWhatTheFilterLetsThrough(t *testing.T) {
	w := newWorld(t, speaking(Dialect{List: "items"}))
	shelf(w.Client)
	for query, want := range map[string]string{
		"":                          `{"total": 5, "limit": 1000, "offset": 0, "skip": 0, "has_more": false}`,
		"?limit=2":                  `{"total": 5, "limit": 2, "offset": 0, "skip": 0, "has_more": true}`,
		"?limit=2&page=3":           `{"total": 5, "limit": 2, "offset": 4, "skip": 4, "has_more": false}`,
		"?limit=2&offset=3":         `{"total": 5, "limit": 2, "offset": 3, "skip": 3, "has_more": false}`,
		"?limit=2&offset=9":         `{"total": 5, "limit": 2, "offset": 9, "skip": 9, "has_more": false, "items": []}`,
		"?priority=high&limit=1":    `{"total": 2, "limit": 1, "offset": 0, "has_more": true}`,
		"?status=done&offset=2":     `{"total": 2, "items": [], "has_more": false}`,
		"?limit=5000":               `{"total": 5, "limit": 1000}`,
		"?tags=nowhere&limit=1":     `{"total": 0, "items": [], "has_more": false}`,
		"?offset=99999999999999999": `{"total": 5, "offset": 2147483647, "items": []}`,
	} {
		a := w.Ask("GET", "/api/tasks"+query, "").Want(200, "").Has(want)
		if total := fmt.Sprint(a.JSON["total"]); a.Header.Get("X-Total-Count") != total {
			t.Errorf("%s: X-Total-Count is %q, want %s", query, a.Header.Get("X-Total-Count"), total)
		}
	}
	if head := w.Ask("HEAD", "/api/tasks?limit=1", "").Want(200, ""); head.Header.Get("X-Total-Count") != "5" || head.Text != "" {
		t.Errorf("HEAD has the headers %v and the body %q", head.Header, head.Text)
	}
}

func TestALongListHasAThousandTasks(t *testing.T) {
	tasks := newTasks(2000)
	w := newWorld(t, speaking(Dialect{}), func(o *Options) { o.Tasks = tasks })
	ann, err := tokens{}.Verify(t.Context(), tokenOf(w.ID))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1001 {
		if _, err := tasks.Create(t.Context(), ann, task.Change{Title: task.Some(strconv.Itoa(i))}); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]int{"": 1000, "?limit=2000": 1000, "?limit=1000&page=2": 1, "?limit=999": 999, "?offset=1": 1000} {
		a := w.Ask("GET", "/api/tasks"+query, "")
		if n := len(strings.Fields(titlesOf(t, a))); n != want || a.Header.Get("X-Total-Count") != "1001" {
			t.Errorf("%q lists %d of %s, want %d of 1001", query, n, a.Header.Get("X-Total-Count"), want)
		}
	}
}

func TestATagIsAskedForOnceAndFewAreEnough(t *testing.T) {
	q := readFrontQuery(url.Values{"tags": {many("t"), many("t"), "all"}})
	if n := len(q.Filter.Tags); n != task.MaxTags+1 {
		t.Errorf("the filter has %d tags", n)
	}
}

// TestTiesAreNewestFirst has tasks that tie in all but when they were made.
func TestTiesAreNewestFirst(t *testing.T) {
	w := newWorld(t, speaking(Dialect{}))
	for _, description := range []string{"1", "2", "3"} {
		w.Create(`{"title": "x", "priority": "low", "due_date": "2026-12-31", "description": "` + description + `"}`)
	}
	for _, by := range []string{"title", "priority", "due_date"} {
		for _, order := range []string{"", "asc", "desc"} {
			list := parse(t, w.Ask("GET", "/api/tasks?sort_by="+by+"&sort_order="+order, "").Want(200, "").Text)
			if want := parse(t, `[{"description": "3"}, {"description": "2"}, {"description": "1"}]`); !includes(list, want) {
				t.Errorf("by %s %s: %v", by, order, list)
			}
		}
	}
}
