package apitest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// Client speaks to a service as one user.
type Client struct {
	testing.TB
	*Service
	ID string // of the user

	token string
}

// Answer is a reply whose body has been read.
type Answer struct {
	*http.Response
	Text string
	JSON map[string]any // nil if the body is no JSON object

	tb testing.TB
}

var transport = &http.Client{
	Transport:     &http.Transport{MaxIdleConnsPerHost: 100, DisableCompression: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Ask sends a request with the user's token and, if there is a body, as JSON.
// A header is written "Name: value"; "Name:" takes one away, and "+Name: value"
// adds one line more.
func (c Client) Ask(method, path, body string, headers ...string) Answer {
	c.Helper()
	request, err := http.NewRequest(method, c.URL+path, strings.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	setHeaders(request.Header, headers)
	response, err := transport.Do(request)
	if err != nil {
		c.Fatalf("%s %s: %v", method, path, err)
	}
	return c.take(response)
}

// Begin sends a request but for the end of its headers, and returns what the
// service says to that.
func (c Client) Begin(method, path string, headers ...string) Answer {
	c.Helper()
	request, err := http.NewRequest(method, c.URL+path, http.NoBody)
	if err != nil {
		c.Fatal(err)
	}
	conn, err := net.Dial("tcp", request.URL.Host)
	if err != nil {
		c.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, path, request.URL.Host)
	for _, line := range headers {
		fmt.Fprintf(conn, "%s\r\n", line)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), request)
	if err != nil {
		c.Fatalf("%s %s: %v", method, path, err)
	}
	return c.take(response)
}

// take reads a reply and checks what holds for every one.
func (c Client) take(response *http.Response) Answer {
	c.Helper()
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.Fatalf("%s %s: %v", response.Request.Method, response.Request.URL.Path, err)
	}
	a := Answer{Response: response, Text: string(text), tb: c}
	if json.Unmarshal(text, &a.JSON) != nil {
		a.JSON = nil
	}
	a.checkHeaders()
	c.checkDocument(a)
	return a
}

func setHeaders(header http.Header, lines []string) {
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch added, more := strings.CutPrefix(name, "+"); {
		case more:
			header.Add(added, value)
		case value == "":
			header.Del(name)
		default:
			header.Set(name, value)
		}
	}
}

// checkHeaders checks what stands on every reply.
func (a Answer) checkHeaders() {
	a.tb.Helper()
	validated := a.Header.Get("ETag") != "" && (a.StatusCode == http.StatusOK || a.StatusCode == http.StatusNotModified)
	want := map[string]string{"X-Content-Type-Options": "nosniff", "Server": "", "Cache-Control": "no-store"}
	if validated {
		want["Cache-Control"] = "private, no-cache"
	}
	for name, value := range want {
		if a.Header.Get(name) != value {
			a.tb.Errorf("%s: %s is %q, want %q", a.asked(), name, a.Header.Get(name), value)
		}
	}
	if !strings.HasPrefix(a.Header.Get("Vary"), "Authorization, Origin") || a.Header.Get("X-Request-Id") == "" {
		a.tb.Errorf("%s: the headers lack Vary or X-Request-Id: %v", a.asked(), a.Header)
	}
	if id := a.JSON["request_id"]; id != nil && id != a.Header.Get("X-Request-Id") && a.Header.Get("Idempotent-Replayed") == "" {
		a.tb.Errorf("%s: the problem names request %v, the header %q", a.asked(), id, a.Header.Get("X-Request-Id"))
	}
}

func (a Answer) asked() string { return a.Request.Method + " " + a.Request.URL.RequestURI() }

// Code is the code of the problem, or "".
func (a Answer) Code() string {
	code, _ := a.JSON["code"].(string)
	return code
}

// Want checks the status and the code of the problem, "" for none.
func (a Answer) Want(status int, code string) Answer {
	a.tb.Helper()
	if a.StatusCode != status || a.Code() != code {
		a.tb.Fatalf("%s: got %d %s, want %d %s", a.asked(), a.StatusCode, a.Text, status, code)
	}
	return a
}

// Has checks members of the body against a JSON object, deeply, and leaves
// those out that it does not name.
func (a Answer) Has(object string) Answer {
	a.tb.Helper()
	var want map[string]any
	if err := json.Unmarshal([]byte(object), &want); err != nil {
		a.tb.Fatal(err)
	}
	for name, value := range want {
		if got, sent := a.JSON[name]; !sent || !equal(got, value) {
			a.tb.Errorf("%s: %s is %v, want %v\n%s", a.asked(), name, got, value, a.Text)
		}
	}
	return a
}

func equal(a, b any) bool {
	left, _ := json.Marshal(a)
	right, _ := json.Marshal(b)
	return bytes.Equal(left, right)
}

// Findings are the errors of a problem as "place CODE", the code as far as
// there is one.
func (a Answer) Findings() []string {
	found := []string{}
	list, _ := a.JSON["errors"].([]any)
	for _, one := range list {
		entry := one.(map[string]any)
		for _, where := range []string{"pointer", "parameter", "header"} {
			if at, ok := entry[where].(string); ok {
				code, _ := entry["code"].(string)
				if code != "" {
					at += " " + code
				}
				found = append(found, at)
			}
		}
	}
	return found
}

// Finds checks the errors of a problem, whatever their order.
func (a Answer) Finds(want ...string) Answer {
	a.tb.Helper()
	got := a.Findings()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		a.tb.Errorf("%s: found %q, want %q\n%s", a.asked(), got, want, a.Text)
	}
	return a
}

// Create makes a task and returns its path.
func (c Client) Create(body string) string {
	c.Helper()
	a := c.Ask("POST", "/v1/tasks", body).Want(http.StatusCreated, "")
	return "/v1/tasks/" + a.JSON["id"].(string)
}

// Get returns a task as it is.
func (c Client) Get(path string) Answer {
	c.Helper()
	return c.Ask("GET", path, "").Want(http.StatusOK, "")
}

// Items are the tasks of a page.
func (a Answer) Items() []map[string]any {
	a.tb.Helper()
	list, ok := a.JSON["items"].([]any)
	if !ok {
		a.tb.Fatalf("%s: items is no array: %s", a.asked(), a.Text)
	}
	tasks := make([]map[string]any, len(list))
	for i, one := range list {
		tasks[i] = one.(map[string]any)
	}
	return tasks
}

// Titles are those of the tasks of a page, in its order.
func (a Answer) Titles() []string {
	a.tb.Helper()
	titles := []string{}
	for _, task := range a.Items() {
		titles = append(titles, task["title"].(string))
	}
	return titles
}

// together makes n callers start at once, and counts what they return.
func together(n int, call func(i int) int) map[int]int {
	start, results := make(chan struct{}), make(chan int, n)
	for i := range n {
		go func() {
			<-start
			results <- call(i)
		}()
	}
	close(start)
	counts := map[int]int{}
	for range n {
		counts[<-results]++
	}
	return counts
}
