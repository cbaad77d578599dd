package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"taskhold/proof"
)

// outside drives the program over HTTP.
type outside struct {
	base   string
	admin  string // where operators erase users; "" for nowhere
	token  func(user string) string
	client http.Client
	shown  map[string]string // bytes of a task, by id and version
	first  map[string]string // body, by user and key
}

func at(t *testing.T, base string) *outside {
	return &outside{base: base, token: func(user string) string { return proof.Token(t, user) }, shown: map[string]string{}, first: map[string]string{}}
}

// wire is the body of any reply.
type wire struct {
	Items   *[]json.RawMessage
	Next    string `json:"next_cursor"`
	Limit   int
	Total   any
	Results []struct {
		Status  int
		Task    json.RawMessage
		Problem *wire
	}
	Code    string
	Current json.RawMessage
	Index   any
	Errors  []struct{ Pointer, Code string }
}

func (d *outside) mayErase() bool { return d.admin != "" }

func (d *outside) do(t rapid.TB, c Command) Answer {
	t.Helper()
	request := d.request(t, c)
	response, err := d.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := d.read(t, c, response, body)
	if a.Replayed = response.Header.Get("Idempotent-Replayed") == "true"; a.Replayed && d.first[c.User+c.Key] != string(body) {
		t.Errorf("%s\nis replayed as %s\nand was        %s", c, body, d.first[c.User+c.Key])
	} else if c.Key != "" && !a.Replayed && a.Status != http.StatusUnprocessableEntity && a.Status != http.StatusBadRequest {
		d.first[c.User+c.Key] = string(body)
	}
	d.checkHeaders(t, c, a, response, body)
	return a
}

func (d *outside) request(t rapid.TB, c Command) *http.Request {
	t.Helper()
	method := map[string]string{"get": "GET", "list": "GET", "put": "PUT", "patch": "PATCH", "delete": "DELETE"}[c.Verb]
	base, path, token := d.base, "/v1/tasks", d.token(c.User)
	switch c.Verb {
	case "erase":
		base, path, token = d.admin, "/internal/users/"+url.PathEscape(c.User)+"/erase", proof.Secret
	case "list":
		path += "?" + queryOf(c).Encode()
	case "batch":
		path += "/batch"
		operations := []any{}
		for _, op := range c.Operations {
			operations = append(operations, operationOf(op))
		}
		c.Body = map[string]Member{"atomic": {Sent: c.Atomic}, "operations": {Sent: operations}}
	case "create":
	case "complete", "reopen":
		path += "/" + c.ID + "/" + c.Verb
	default:
		path += "/" + c.ID
	}
	body := []byte(nil)
	if c.Body != nil {
		body, _ = json.Marshal(c.Body)
	}
	request, err := http.NewRequest(method, base+path, bytes.NewReader(body)) //nolint:noctx // rapid has no context
	if err != nil {
		t.Fatal(err)
	}
	if method == "" {
		request.Method = http.MethodPost
	}
	for name, value := range map[string]string{
		"Authorization": "Bearer " + token, "If-Match": entityTags(c.Match),
		"If-None-Match": entityTags(c.Known), "Idempotency-Key": c.Key,
		"Content-Type": map[bool]string{true: "application/json"}[c.Body != nil], "Prefer": map[bool]string{true: "count=exact"}[c.Count],
	} {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	return request
}

func queryOf(c Command) url.Values {
	query := url.Values{}
	for name, values := range c.Query {
		query[name] = values
	}
	if c.Limit > 0 {
		query.Set("limit", fmt.Sprint(c.Limit))
	}
	if c.Cursor != "" {
		query.Set("cursor", c.Cursor)
	}
	return query
}

// entityTags writes versions as conditions have them.
func entityTags(versions []any) string {
	written := []string{}
	for _, version := range versions {
		tag := fmt.Sprint(version)
		if tag != "*" {
			tag = strings.Replace(`"`+tag+`"`, `"W/`, `W/"`, 1)
		}
		written = append(written, tag)
	}
	return strings.Join(written, ", ")
}

func operationOf(op Command) map[string]any {
	o := map[string]any{"op": op.Verb}
	switch op.Verb {
	case "create":
		o["task"] = op.Body
		return o
	case "patch":
		o["patch"] = op.Body
	}
	o["id"] = op.ID
	if op.Match != nil {
		o["if_match"] = entityTags(op.Match)
	}
	return o
}

func (d *outside) read(t rapid.TB, c Command, response *http.Response, body []byte) Answer {
	t.Helper()
	a := Answer{Status: response.StatusCode}
	if len(body) == 0 {
		return a
	}
	var w wire
	if err := json.Unmarshal(body, &w); err != nil {
		t.Fatalf("%s\nis answered %s: %v", c, body, err)
	}
	switch {
	case w.Code != "":
		return d.refusal(t, a.Status, &w)
	case c.Verb == "list":
		if w.Items == nil {
			t.Fatalf("%s\nis answered %s without items", c, body)
		}
		a.Limit, a.Next, a.Total = w.Limit, w.Next, w.Total
		for _, raw := range *w.Items {
			a.Items = append(a.Items, d.task(t, raw))
		}
	case c.Verb == "batch":
		for _, result := range w.Results {
			one := Answer{Status: result.Status}
			if result.Task != nil {
				one.Task = d.task(t, result.Task)
			}
			if result.Problem != nil {
				one = d.refusal(t, result.Status, result.Problem)
			}
			a.Results = append(a.Results, one)
		}
	default:
		a.Task = d.task(t, body)
	}
	return a
}

func (d *outside) refusal(t rapid.TB, status int, w *wire) Answer {
	t.Helper()
	var found []string
	for _, one := range w.Errors {
		if one.Code != "" {
			found = append(found, one.Pointer+" "+one.Code)
		}
	}
	a := refused(status, w.Code, found...)
	switch a.Index = w.Index; {
	case w.Current != nil && w.Index == nil:
		a.Task = d.task(t, w.Current)
	case w.Current != nil: // may show a version that was undone
		a.Task = decoded(t, w.Current)
	}
	return a
}

// task reads a task, which has the same bytes wherever it is shown.
func (d *outside) task(t rapid.TB, raw []byte) Task {
	t.Helper()
	task := decoded(t, raw)
	version := fmt.Sprint(task["id"].Shown, " ", task["version"].Shown)
	if before, known := d.shown[version]; known && before != string(raw) {
		t.Errorf("one version of a task is shown as\n%s and as\n%s", before, raw)
	}
	d.shown[version] = string(raw)
	return task
}

func decoded(t rapid.TB, raw []byte) (task Task) {
	t.Helper()
	if err := json.Unmarshal(raw, &task); err != nil {
		t.Fatal(err)
	}
	return task
}

// checkHeaders checks what the headers say beside the body.
func (d *outside) checkHeaders(t rapid.TB, c Command, a Answer, response *http.Response, body []byte) {
	t.Helper()
	want := map[string]string{"Location": "", "ETag": ""}
	if a.Status < 300 && a.Task != nil && c.Verb != "put" {
		want["ETag"] = fmt.Sprintf(`"%v"`, a.Task["version"].Shown)
	}
	switch {
	case a.Status == http.StatusCreated:
		want["Location"] = "/v1/tasks/" + fmt.Sprint(a.Task["id"].Shown)
	case a.Status == http.StatusNotModified:
		want["ETag"] = response.Header.Get("ETag")
		if len(c.Known) == 0 || want["ETag"] == "" {
			t.Errorf("%s\nis answered 304 with the headers %s", c, response.Header)
		}
	}
	for name, value := range want {
		if got := response.Header.Get(name); got != value {
			t.Errorf("%s\nis answered %s with %s: %s, want %s", c, body, name, got, value)
		}
	}
	bodiless := []int{http.StatusNoContent, http.StatusNotModified}
	if slices.Contains(bodiless, a.Status) != (len(body) == 0) {
		t.Errorf("%s\nis answered %d with the body %s", c, a.Status, body)
	}
}
