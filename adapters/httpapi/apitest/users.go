package apitest

import (
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
)

// readable reports whether a text stands in something base64url.
func readable(encoded, text string) bool {
	plain, _ := base64.RawURLEncoding.DecodeString(encoded)
	return strings.Contains(strings.ToUpper(string(plain)+encoded), strings.ToUpper(text))
}

var userRules = []rule{
	{"another user's task is as absent as one that never was", func(ann Client) {
		bob := ann.User(ann, "bob")
		path := ann.Create(validTitle)
		for _, w := range append(writes, write{"PATCH", "", `{"title": 1}`, 0}) {
			for _, header := range []func() string{none, ifMatch(`"1"`), ifMatch(`*`), ifMatch(`"9"`), key} {
				foreign := bob.Ask(w.method, path+w.below, w.body, header()).Want(404, "NOT_FOUND")
				never := bob.Ask(w.method, noSuchTask+w.below, w.body, header()).Want(404, "NOT_FOUND")
				if a, b := anonymous(foreign), anonymous(never); a != b {
					ann.Errorf("%s%s: %s\ndiffers from %s", w.method, w.below, a, b)
				}
			}
		}
		for _, header := range []string{"", `If-None-Match: "1"`, `If-None-Match: *`} {
			foreign, never := bob.Ask("GET", path, "", header), bob.Ask("GET", noSuchTask, "", header)
			if a, b := anonymous(foreign.Want(404, "NOT_FOUND")), anonymous(never); a != b {
				ann.Errorf("GET: %s\ndiffers from %s", a, b)
			}
		}
		ann.Get(path).Has(`{"title": "Buy milk", "version": 1}`)
	}},
	{"whatever is no id of a task is the same 404", func(c Client) {
		never := anonymous(c.Ask("GET", noSuchTask, "").Want(404, "NOT_FOUND"))
		own := strings.TrimPrefix(c.Create(validTitle), "/v1/tasks/")
		for _, id := range []string{
			strings.ToUpper(own), "{" + own + "}", strings.ReplaceAll(own, "-", ""), own + "0", own[:35], own[:35] + "%30%30", "%20" + own, own + "%20", own + "%00",
			"1", "0", "null", "..%2f..%2fetc%2fpasswd", "%2e%2e", "'%20OR%201=1", "%F0%9F%99%82", "urn:uuid:" + own, strings.Repeat("a", 8000), "*",
			"00000000-0000-0000-0000-000000000000", "١" + own[1:],
		} {
			for _, w := range append(writes, write{"GET", "", "", 200}) {
				if got := anonymous(c.Ask(w.method, "/v1/tasks/"+id+w.below, w.body).Want(404, "NOT_FOUND")); got != never {
					c.Errorf("%s %s: %s\ndiffers from %s", w.method, id, got, never)
				}
			}
		}
	}},
	{"a list shows nothing of another user's, nor does its total", func(ann Client) {
		bob := ann.User(ann, "bob")
		shelf(ann)
		for _, query := range []string{"", "?q=a", "?tag=red", "?completed=true", "?sort=title", "?updated_since=2000-01-01T00:00:00Z", "?due_from=2000-01-01"} {
			bob.Ask("GET", "/v1/tasks"+query, "", "Prefer: count=exact").Want(200, "").Has(`{"items": [], "next_cursor": null, "total": 0}`)
		}
	}},
	{"another user's cursor is none", func(ann Client) {
		bob := ann.User(ann, "bob")
		shelf(ann)
		shelf(bob)
		cursor := ann.Ask("GET", "/v1/tasks?limit=1", "").Want(200, "").JSON["next_cursor"].(string)
		bob.Ask("GET", "/v1/tasks?limit=1&cursor="+cursor, "").Want(400, "INVALID_CURSOR")
	}},
	{"a key belongs to its user", func(ann Client) {
		bob := ann.User(ann, "bob")
		k := key()
		first := ann.Ask("POST", "/v1/tasks", `{"title": "ann's"}`, k).Want(201, "")
		for _, body := range []string{`{"title": "ann's"}`, `{"title": "bob's"}`} {
			other := ann.User(ann, "carol")
			a := other.Ask("POST", "/v1/tasks", body, k).Want(201, "")
			if a.JSON["user_id"] != other.ID || a.Header.Get("Idempotent-Replayed") != "" || a.JSON["id"] == first.JSON["id"] {
				ann.Errorf("got %s", a.Text)
			}
		}
		bob.Ask("GET", "/v1/tasks", "").Want(200, "").Has(`{"items": []}`)
	}},
	{"a batch reaches nothing of another user's", func(ann Client) {
		bob := ann.User(ann, "bob")
		path := ann.Create(validTitle)
		for _, operation := range []string{on(path, "delete", ""), on(path, "patch", `, "patch": {"title": "x"}`), on(path, "delete", `, "if_match": "\"9\""`)} {
			bob.Ask("POST", "/v1/tasks/batch", batchOf(true, operation)).Want(404, "NOT_FOUND")
			bob.Ask("POST", "/v1/tasks/batch", batchOf(false, operation)).Want(207, "").wantStatuses(404)
		}
		ann.Get(path).Has(`{"version": 1}`)
	}},
	{"nobody creates a task for another user", func(ann Client) {
		bob := ann.User(ann, "bob")
		bob.Ask("POST", "/v1/tasks", fmt.Sprintf(`{"title": "x", "user_id": %q}`, ann.ID)).Want(422, "VALIDATION_FAILED")
		for _, header := range []string{"X-User-Id: " + ann.ID, "X-Forwarded-User: " + ann.ID, "Cookie: user_id=" + ann.ID} {
			if a := bob.Ask("POST", "/v1/tasks?user_id="+ann.ID, validTitle, header).Want(201, ""); a.JSON["user_id"] != bob.ID {
				ann.Errorf("with %s: %s", header, a.Text)
			}
		}
		ann.Ask("GET", "/v1/tasks", "").Has(`{"items": []}`)
	}},
	{"users who differ by a letter's case or form are different users", func(c Client) {
		path := c.Create(validTitle)
		for _, id := range []string{strings.ToUpper(c.ID), c.ID + "\u200b", strings.Replace(c.ID, "a", "а", 1), c.ID + "e\u0301"} {
			if id == c.ID {
				continue
			}
			other := Client{TB: c.TB, Service: c.Service, ID: id, token: c.Token(id)}
			other.Ask("GET", path, "").Want(404, "NOT_FOUND")
		}
	}},
	{"many users at once see only their own", func(c Client) {
		var everybody sync.WaitGroup
		for i := range 200 {
			everybody.Go(func() {
				user := c.User(c, fmt.Sprintf("user%d", i))
				sentinel := strings.Repeat("sentinel of "+user.ID+" ", 3)
				body := fmt.Sprintf(`{"title": %q, "description": %q, "tags": [%q]}`, sentinel, sentinel, user.ID)
				path := user.Create(body)
				user.Ask("PATCH", path, `{"priority": "high"}`, key())
				for _, a := range []Answer{user.Get(path), user.Ask("GET", "/v1/tasks?q=sentinel", ""), user.Ask("PUT", path, `{"title": "x"}`)} {
					if n := strings.Count(a.Text, "sentinel of "); n != strings.Count(a.Text, "sentinel of "+user.ID) || a.StatusCode == 200 && n != 6 {
						c.Errorf("%s read %s", user.ID, a.Text)
					}
				}
			})
		}
		everybody.Wait()
	}},
}

func none() string { return "" }

func ifMatch(tags string) func() string { return func() string { return "If-Match: " + tags } }

// anonymous is all that a refusal says but the name of the request.
func anonymous(a Answer) string {
	id := a.Header.Get("X-Request-Id")
	text := fmt.Sprint(a.StatusCode, a.ContentLength, a.Header["Content-Type"], a.Header["Etag"], a.Header["Retry-After"], a.Header["Allow"], a.Text)
	return strings.ReplaceAll(text, id, "")
}
