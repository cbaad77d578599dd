package apitest

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// front is the address of a user's tasks as a front end has it, and what
// stands below.
var front = regexp.MustCompile(`^/api/(?:v1/tasks|tasks|todos|users/[^/]+/tasks|[^/]+/tasks)(/.*)?$`)

// checkFront holds a reply under /api against the document of that door, which
// describes what stands below any of the addresses.
func (c Client) checkFront(a Answer) {
	c.Helper()
	request := a.Request.Clone(c.Context())
	found := front.FindStringSubmatch(request.URL.EscapedPath())
	switch {
	case request.Method == http.MethodHead:
		return
	case found == nil, a.isUnrouted(), a.StatusCode == http.StatusMethodNotAllowed, a.StatusCode == http.StatusRequestHeaderFieldsTooLarge:
		request.Method, found = http.MethodGet, []string{"", "/x"}
	}
	request.URL.Path, request.URL.RawPath = "/api/tasks/"+strings.Trim(found[1], "/"), ""
	response := *a.Response
	response.Body = io.NopCloser(bytes.NewReader([]byte(a.Text)))
	if ok, faults := c.fronts.ValidateHttpResponse(request, &response); !ok {
		for _, fault := range faults {
			c.Errorf("%s answered %d %s\nwhich the document does not: %s", a.asked(), a.StatusCode, a.Text, describe(fault))
		}
	}
}
