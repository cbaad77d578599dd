package walk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"taskhold/proof/wire"
)

// judge holds replies against the documents, and counts them.
type judge struct {
	validators map[string]validator.Validator // by door
	unrouted   *operation                     // stands for what is no operation
	create     *operation

	mu     sync.Mutex
	faults []string
	seen   map[*operation]map[int]int
}

func newJudge(documents map[string][]byte) (*judge, error) {
	j := &judge{validators: map[string]validator.Validator{}, unrouted: &operation{id: "none"}, seen: map[*operation]map[int]int{}}
	for door, text := range documents {
		document, err := libopenapi.NewDocument(text)
		if err != nil {
			return nil, err
		}
		v, errs := validator.NewValidator(document)
		if len(errs) > 0 {
			return nil, errs[0]
		}
		j.validators[door] = v
	}
	return j, nil
}

func (j *judge) fault(a ask, r wire.Reply, format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.faults) < 20 {
		j.faults = append(j.faults, fmt.Sprintf("%s (%s): %s\n\t%s %.500s %.500q\n\t%.2000q\n\t%d %v %.1500s",
			a.operation, a.why, fmt.Sprintf(format, args...), a.request.Method, a.request.Target, headersBut(a.request.Headers), a.request.Body, r.Status, r.Header, r.Body))
	}
}

// headersBut leaves the token out, which would be long.
func headersBut(headers []string) []string {
	return slices.DeleteFunc(slices.Clone(headers), func(h string) bool { return strings.HasPrefix(h, "Authorization: Bearer ey") })
}

// hold objects to a reply that is not as it should be.
func (j *judge) hold(a ask, r wire.Reply) {
	j.mu.Lock()
	if j.seen[a.operation] == nil {
		j.seen[a.operation] = map[int]int{}
	}
	j.seen[a.operation][r.Status]++
	j.mu.Unlock()
	if !a.fits(r.Status) {
		j.fault(a, r, "answered %d", r.Status)
	}
	if r.Status >= 500 {
		j.fault(a, r, "failed")
	}
	for _, name := range []string{"X-Request-Id", "Cache-Control", "Vary", "X-Content-Type-Options"} {
		if r.Header.Get(name) == "" {
			j.fault(a, r, "lacks %s", name)
		}
	}
	if a.check != nil {
		if objection := a.check(r); objection != "" {
			j.fault(a, r, "%s", objection)
		}
	}
	if a.operation == j.unrouted {
		j.problem(a, r)
		return
	}
	j.conform(a, r)
}

// problem wants of what is no operation that a refusal says why.
func (j *judge) problem(a ask, r wire.Reply) {
	if r.Status < 400 || a.request.Method == http.MethodHead {
		return
	}
	var problem struct {
		Status    int
		Code      string
		RequestID string `json:"request_id"`
	}
	if json.Unmarshal(r.Body, &problem) != nil || problem.Code == "" || problem.RequestID != r.Header.Get("X-Request-Id") || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/") {
		j.fault(a, r, "is no problem")
	}
}

// conform holds a reply against what the document says of the operation.
func (j *judge) conform(a ask, r wire.Reply) {
	if _, ok := a.operation.replies[r.Status]; !ok {
		j.fault(a, r, "the document does not list %d, but %v", r.Status, slices.Sorted(maps.Keys(a.operation.replies)))
		return
	}
	target, _, _ := strings.Cut(a.request.Target, "?")
	if i := strings.Index(a.operation.path, "/tasks"); a.operation.door != "/v1" {
		target = "/api" + a.operation.path[i:]
	}
	request, err := http.NewRequest(a.operation.method, "http://host"+strings.ReplaceAll(target, "{id}", "019f0000-0000-7000-8000-000000000000"), http.NoBody)
	if err != nil {
		j.fault(a, r, "cannot be judged: %v", err)
		return
	}
	response := &http.Response{StatusCode: r.Status, Header: r.Header, Body: io.NopCloser(bytes.NewReader(r.Body)), Request: request, ContentLength: int64(len(r.Body))}
	if ok, faults := j.validators[a.operation.door].ValidateHttpResponse(request, response); !ok {
		for _, fault := range faults {
			j.fault(a, r, "the document says otherwise: %s: %s", fault.Message, fault.Reason)
		}
	}
}

// Table tells how often each operation was answered with each status.
func (j *judge) table() string {
	var lines []string
	for op, statuses := range j.seen {
		var cells []string
		for _, status := range slices.Sorted(maps.Keys(statuses)) {
			cells = append(cells, fmt.Sprintf("%d:%d", status, statuses[status]))
		}
		lines = append(lines, fmt.Sprintf("%-45s %s", op, strings.Join(cells, " ")))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
