package apitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	validator "github.com/pb33f/libopenapi-validator"
)

// checkDocument holds the reply against what the document says of the
// operation, as far as there is one: not for OPTIONS, HEAD for a task alone,
// and not the parts of the page.
func (c Client) checkDocument(a Answer) {
	c.Helper()
	request := a.Request.Clone(c.Context())
	path := request.URL.Path
	switch {
	case c.document == nil, request.Method == http.MethodOptions, strings.HasPrefix(path, "/docs/"), strings.HasPrefix(path, "/openapi-api."):
	case a.StatusCode == http.StatusMethodNotAllowed:
		a.checkMethods()
	case c.fronts != nil && strings.HasPrefix(request.URL.EscapedPath(), "/api/"):
		c.checkFront(a, request)
	case request.Method == http.MethodHead && !strings.HasPrefix(path, "/v1/tasks/"):
	case a.isUnrouted():
		request.Method, request.URL.Path = http.MethodGet, noSuchTask
		a.conforms(c.document, request)
	default:
		a.conforms(c.document, request)
	}
}

// front is the address of a user's tasks as a front end has it, and what
// stands below.
var front = regexp.MustCompile(`^/api/(?:v1/tasks|tasks|todos|users/[^/]+/tasks|[^/]+/tasks)(/.*)?$`)

// checkFront holds a reply under /api against the document of that door, which
// describes what stands below any of the addresses.
func (c Client) checkFront(a Answer, request *http.Request) {
	c.Helper()
	found := front.FindStringSubmatch(request.URL.EscapedPath())
	switch {
	case request.Method == http.MethodHead:
		return
	case found == nil, a.isUnrouted():
		request.Method, found = http.MethodGet, []string{"", "/x"}
	}
	request.URL.Path, request.URL.RawPath = "/api/tasks/"+strings.Trim(found[1], "/"), ""
	a.conforms(c.fronts, request)
}

// checkMethods checks a reply to a method that the address does not have, and
// so no operation of a document is.
func (a Answer) checkMethods() {
	a.tb.Helper()
	if a.Header.Get("Allow") == "" || a.Code() != "METHOD_NOT_ALLOWED" && a.Request.Method != http.MethodHead {
		a.tb.Errorf("%s answered 405 %s, Allow is %q", a.asked(), a.Text, a.Header.Get("Allow"))
	}
}

// conforms holds the reply against an operation. Headers that are too large
// are refused before anybody looks whether there is such a one.
func (a Answer) conforms(document validator.Validator, request *http.Request) {
	a.tb.Helper()
	response := *a.Response
	response.Body = io.NopCloser(bytes.NewReader([]byte(a.Text)))
	ok, faults := document.ValidateHttpResponse(request, &response)
	switch {
	case ok:
	case a.StatusCode == http.StatusRequestHeaderFieldsTooLarge && (faults[0].IsPathMissingError() || faults[0].IsOperationMissingError()):
		if a.Code() != "HEADERS_TOO_LARGE" && request.Method != http.MethodHead {
			a.tb.Errorf("%s answered 431 %s", a.asked(), a.Text)
		}
	default:
		for _, fault := range faults {
			a.tb.Errorf("%s answered %d %s\nwhich the document does not: %s", a.asked(), a.StatusCode, a.Text, describe(fault))
		}
	}
}

func describe(fault any) string {
	text, _ := json.Marshal(fault)
	return fmt.Sprintf("%v %s", fault, text[:min(len(text), 2000)])
}

func (a Answer) isUnrouted() bool { return a.JSON["detail"] == "There is nothing at this address." }
