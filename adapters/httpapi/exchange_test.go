package httpapi

import (
	"context"
	"strings"
	"testing"
	"time"
)

func TestOperatorsAreToldOfEveryRequest(t *testing.T) {
	var j journal
	w := newWorld(t, observing(&j))
	path := w.Create(`{"title": "x"}`)
	for _, test := range []struct {
		method, path, headers string
		want                  Exchange
		user                  bool
	}{
		{"GET", path + "?x=secret", "", Exchange{Method: "GET", Route: "/v1/tasks/:id", Status: 200}, true},
		{"HEAD", path, "", Exchange{Method: "HEAD", Route: "/v1/tasks/:id", Status: 200}, true},
		{"PATCH", path, "", Exchange{Method: "PATCH", Route: "/v1/tasks/:id", Status: 400}, true},
		{"GET", path, "Authorization:", Exchange{Method: "GET", Route: "/v1/tasks/:id", Status: 401}, false},
		{"POST", path, "", Exchange{Method: "POST", Route: "/v1/tasks/:id", Status: 405}, false},
		{"OPTIONS", path, "", Exchange{Method: "OPTIONS", Route: "/v1/tasks/:id", Status: 204}, false},
		{"GET", "/secret", "", Exchange{Method: "GET", Route: "", Status: 404}, false},
		{"FOO", "/livez", "", Exchange{Method: "TRACE", Route: "/livez", Status: 405}, false},
		{"GET", "/livez", "", Exchange{Method: "GET", Route: "/livez", Status: 200}, false},
		{"GET", "/livez", "X-Padding: " + strings.Repeat("x", 20<<10), Exchange{Method: "GET", Route: "", Status: 431}, false},
	} {
		a := w.Ask(test.method, test.path, "", test.headers)
		got := j.last(t)
		if got.Duration <= 0 || got.ID != a.Header.Get("X-Request-Id") {
			t.Errorf("%s %s: told %+v", test.method, test.path, got)
		}
		if test.user != (got.User.String() == w.ID) {
			t.Errorf("%s %s: the user is %q", test.method, test.path, got.User)
		}
		got.Duration, got.ID, got.User, got.Cause = 0, "", test.want.User, nil
		if got != test.want {
			t.Errorf("%s %s: told %+v, want %+v", test.method, test.path, got, test.want)
		}
	}
}

type traced struct{}

func TestATraceIsContinued(t *testing.T) {
	const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	var ended Exchange
	seen := ""
	w := newWorld(t, editing(func(ctx context.Context) error {
		seen, _ = ctx.Value(traced{}).(string)
		return nil
	}), func(o *Options) {
		o.RequestTimeout = time.Minute
		o.Trace = func(ctx context.Context, traceparent, tracestate string) (context.Context, func(Exchange)) {
			return context.WithValue(ctx, traced{}, traceparent+" "+tracestate), func(e Exchange) { ended = e }
		}
	})
	w.Ask("PATCH", w.Create(`{"title": "x"}`), `{}`, "traceparent: "+parent, "tracestate: a=b").Want(200, "")
	if seen != parent+" a=b" {
		t.Errorf("the port was called under the trace %q", seen)
	}
	if ended.Route != "/v1/tasks/:id" || ended.Status != 200 {
		t.Errorf("the trace ended with %+v", ended)
	}
}
