package httpapi

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// produced holds every status with which any server of these tests answered.
var produced sync.Map

type trace = func(ctx context.Context, traceparent, tracestate string) (context.Context, func(Exchange))

// recording notes the status of each reply, and then does what next does.
func recording(next trace) trace {
	return func(ctx context.Context, traceparent, tracestate string) (context.Context, func(Exchange)) {
		then := func(Exchange) {}
		if next != nil {
			ctx, then = next(ctx, traceparent, tracestate)
		}
		return ctx, func(e Exchange) {
			produced.Store(e.Status, true)
			then(e)
		}
	}
}

// TestMain also fails if the whole run has not produced every status that the
// document lists: who reads it believes that there is such an answer.
func TestMain(m *testing.M) {
	code := m.Run()
	whole := flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.list").Value.String() == ""
	if missing := neverProduced(); code == 0 && whole && len(missing) > 0 {
		fmt.Println("FAIL: no test produces these statuses of the document:", missing)
		code = 1
	}
	os.Exit(code)
}

func neverProduced() (missing []int) {
	for _, status := range listedStatuses() {
		if _, ok := produced.Load(status); !ok {
			missing = append(missing, status)
		}
	}
	return missing
}

func listedStatuses() []int {
	var document struct {
		Paths map[string]map[string]json.RawMessage
	}
	text, err := files.ReadFile("openapi.json")
	if err == nil {
		err = json.Unmarshal(text, &document)
	}
	if err != nil {
		panic(err)
	}
	listed := map[int]bool{}
	for _, path := range document.Paths {
		for _, text := range path {
			var operation struct{ Responses map[string]any }
			_ = json.Unmarshal(text, &operation) // parameters of a path are no operation
			for key := range operation.Responses {
				if status, err := strconv.Atoi(key); err == nil {
					listed[status] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(listed))
}

func TestTheDocumentListsStatuses(t *testing.T) {
	listed := listedStatuses()
	for _, status := range []int{200, 201, 204, 207, 304, 400, 401, 404, 409, 412, 422, 429, 503} {
		if !slices.Contains(listed, status) {
			t.Errorf("the document lists no %d, but %v", status, listed)
		}
	}
}
