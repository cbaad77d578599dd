package apitest

import "strings"

var conditionRules = []rule{
	{"a condition where no task has a version yet is refused", func(c Client) {
		for _, header := range []string{`If-Match: "1"`, `If-Match: *`, `If-None-Match: *`} {
			name, _, _ := strings.Cut(header, ":")
			c.Ask("POST", "/v1/tasks", validTitle, header).Want(400, "MALFORMED_REQUEST").Finds(name)
			c.Ask("POST", "/v1/tasks/batch", `{"operations": [{"op": "create", "task": {"title": "x"}}]}`, header).Want(400, "MALFORMED_REQUEST").Finds(name)
		}
		if n := len(c.Ask("GET", "/v1/tasks", "").Items()); n != 0 {
			c.Errorf("%d tasks were made", n)
		}
	}},
	{"a write under a condition is made only if it holds", func(c Client) {
		for header, holds := range map[string]bool{
			`"1"`: true, `*`: true, `"7", "1"`: true, ` "7" ,, "1" `: true, `W/"1"`: false, `"2"`: false, `"01"`: false, `"x"`: false, `""`: false,
			`"7", W/"1"`: false, `"99999999999999999999"`: false,
		} {
			for _, w := range writes {
				path := c.Create(validTitle)
				a := c.Ask(w.method, path+w.below, w.body, "If-Match: "+header)
				if holds {
					a.Want(w.status, "")
					continue
				}
				a.Want(412, "PRECONDITION_FAILED")
				if current := a.JSON["current"]; !equal(current, c.Get(path).JSON) {
					c.Errorf("%s under %s: current is %v", w.method, header, current)
				}
			}
		}
	}},
	{"a condition in several lines is one list", func(c Client) {
		c.Ask("PATCH", c.Create(validTitle), `{}`, `If-Match: "7"`, `+If-Match: "1"`).Want(200, "")
	}},
	{"a condition that cannot be read is refused, not dropped", func(c Client) {
		for _, header := range []string{`1`, `"1`, `"1" "2"`, `w/"1"`, `*, "1"`, `"1", *`, `,`, `"a b"`} {
			for _, w := range writes {
				path := c.Create(validTitle)
				c.Ask(w.method, path+w.below, w.body, "If-Match: "+header).Want(400, "MALFORMED_REQUEST").Finds("If-Match")
			}
			c.Ask("GET", c.Create(validTitle), "", "If-None-Match: "+header).Want(400, "MALFORMED_REQUEST").Finds("If-None-Match")
		}
	}},
	{"a condition for reading is refused on a write, not dropped", func(c Client) {
		c.Ask("PUT", c.Create(validTitle), full, "If-None-Match: *").Want(400, "MALFORMED_REQUEST").Finds("If-None-Match")
	}},
	{"a write that is already done is done, whoever did it", func(c Client) {
		path := c.Create(validTitle)
		for range 2 {
			c.Ask("PATCH", path, `{"title": "New"}`, `If-Match: "1"`).Want(200, "").Has(`{"version": 2}`)
		}
		c.Ask("PATCH", path, `{"title": "Other"}`, `If-Match: "1"`).Want(412, "PRECONDITION_FAILED")
		c.Ask("POST", path+"/complete", "", `If-Match: "2"`).Want(200, "")
		c.Ask("POST", path+"/complete", "", `If-Match: "2"`).Want(200, "").Has(`{"version": 3}`)
		c.Ask("PATCH", path, `{"title": "New"}`, `If-Match: "1"`).Want(412, "PRECONDITION_FAILED")
	}},
	{"the version in a body is a condition", func(c Client) {
		path := c.Create(validTitle)
		c.Ask("PATCH", path, `{"title": "a", "version": 2}`).Want(412, "PRECONDITION_FAILED")
		c.Ask("PATCH", path, `{"title": "a", "version": 1}`).Want(200, "").Has(`{"version": 2}`)
		c.Ask("PATCH", path, `{"title": "b", "version": 1}`).Want(412, "PRECONDITION_FAILED")
		c.Ask("PUT", path, strings.Replace(full, `{`, `{"version": 1, `, 1)).Want(412, "PRECONDITION_FAILED")
		c.Ask("PUT", path, strings.Replace(full, `{`, `{"version": 2, `, 1)).Want(200, "").Has(`{"version": 3}`)
		c.Ask("PATCH", path, `{"version": null}`).Want(422, "VALIDATION_FAILED").Finds("/version WRONG_TYPE")
	}},
	{"the version and the header must agree", func(c Client) {
		path := c.Create(validTitle)
		for _, header := range []string{`"2"`, `"2", "3"`, `W/"1"`} {
			c.Ask("PATCH", path, `{"version": 1}`, "If-Match: "+header).Want(400, "MALFORMED_REQUEST").Finds("/version")
		}
		for _, header := range []string{`"1"`, `"2", "1"`, `*`} {
			c.Ask("PATCH", path, `{"version": 1}`, "If-Match: "+header).Want(200, "")
		}
		c.Ask("PATCH", path, `{"version": 2}`, "If-Match: *").Want(412, "PRECONDITION_FAILED")
	}},
	{"what has not changed is not sent again", func(c Client) {
		path := c.Create(validTitle)
		for header, known := range map[string]bool{`"1"`: true, `W/"1"`: true, `"7", "1"`: true, `*`: true, `"2"`: false, `"01"`: false} {
			for _, method := range []string{"GET", "HEAD"} {
				a := c.Ask(method, path, "", "If-None-Match: "+header)
				if !known {
					a.Want(200, "")
					continue
				}
				if a.Want(304, ""); a.Header.Get("ETag") != `"1"` || a.Text != "" || a.Header.Get("Content-Type") != "" {
					c.Errorf("%s: got %v %s", method, a.Header, a.Text)
				}
			}
		}
		c.Ask("GET", noSuchTask, "", "If-None-Match: *").Want(404, "NOT_FOUND")
	}},
	{"conditions on what is not there are of no interest", func(c Client) {
		for _, w := range writes {
			c.Ask(w.method, noSuchTask+w.below, w.body, "If-Match: *").Want(404, "NOT_FOUND")
		}
	}},
	{"a condition comes before what is wrong with the content", func(c Client) {
		c.Ask("PATCH", c.Create(validTitle), `{"title": 1}`, `If-Match: "2"`).Want(412, "PRECONDITION_FAILED")
	}},
	{"one of many writers with the same condition wins", func(c Client) {
		path := c.Create(validTitle)
		statuses := together(20, func(i int) int {
			return c.Ask("PATCH", path, `{"tags": ["`+string(rune('a'+i))+`"]}`, `If-Match: "1"`).StatusCode
		})
		if statuses[200] != 1 || statuses[412] != 19 {
			c.Errorf("got %v", statuses)
		}
		c.Get(path).Has(`{"version": 2}`)
	}},
	{"writers without a condition do not undo each other", func(c Client) {
		path := c.Create(validTitle)
		bodies := []string{`{"title": "T"}`, `{"description": "D"}`, `{"priority": "high"}`, `{"completed": true}`, `{"tags": ["x"]}`, `{"due_date": "2026-12-31"}`}
		together(len(bodies), func(i int) int { return c.Ask("PATCH", path, bodies[i]).Want(200, "").StatusCode })
		for _, body := range bodies {
			c.Get(path).Has(body)
		}
	}},
}

// write is a write of a task that exists.
type write struct {
	method, below, body string
	status              int
}

var writes = []write{
	{"PUT", "", full, 200},
	{"PATCH", "", `{"title": "patched"}`, 200},
	{"DELETE", "", "", 204},
	{"POST", "/complete", "", 200},
	{"POST", "/reopen", "", 200},
}
