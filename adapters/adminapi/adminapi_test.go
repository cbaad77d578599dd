package adminapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"taskhold/adapters/adminapi"
	"taskhold/domain/identity"
	"taskhold/ports"
)

const token = "an-operator's-token-0123456789abcdef"

// users remembers whom it was asked to erase.
type users struct {
	erased []string
	err    error
}

func (u *users) Erase(_ context.Context, user identity.UserID) error {
	u.erased = append(u.erased, user.String())
	return u.err
}

func TestErase(t *testing.T) {
	for name, tc := range map[string]struct {
		method, path, authorization string
		err                         error
		status                      int
		code, erased                string
	}{
		"with the token":                 {"POST", "/internal/users/ann/erase", "Bearer " + token, nil, 204, "", "ann"},
		"the scheme in any case":         {"POST", "/internal/users/ann/erase", "bearer  " + token, nil, 204, "", "ann"},
		"an id with reserved characters": {"POST", "/internal/users/org%7Cusr%2F%C3%BC%201%3F%252F/erase", "Bearer " + token, nil, 204, "", "org|usr/ü 1?%2F"},
		"without a token":                {"POST", "/internal/users/ann/erase", "", nil, 401, "UNAUTHENTICATED", ""},
		"with another token":             {"POST", "/internal/users/ann/erase", "Bearer " + token + "x", nil, 401, "UNAUTHENTICATED", ""},
		"with another scheme":            {"POST", "/internal/users/ann/erase", "Basic " + token, nil, 401, "UNAUTHENTICATED", ""},
		"an id that no user has":         {"POST", "/internal/users/a%00b/erase", "Bearer " + token, nil, 400, "MALFORMED_REQUEST", ""},
		"by another method":              {"GET", "/internal/users/ann/erase", "Bearer " + token, nil, 405, "", ""},
		"while the store is gone":        {"POST", "/internal/users/ann/erase", "Bearer " + token, fmt.Errorf("%w: secret cause", ports.ErrUnavailable), 503, "UNAVAILABLE", "ann"},
		"after a mistake of the program": {"POST", "/internal/users/ann/erase", "Bearer " + token, errors.New("secret cause"), 500, "INTERNAL", "ann"},
	} {
		t.Run(name, func(t *testing.T) {
			u := &users{err: tc.err}
			var told error
			handler := adminapi.New(adminapi.Options{Users: u, Token: token, Metrics: http.NotFoundHandler(), Observe: func(_ string, err error) { told = err }})
			reply := ask(t, handler, tc.method, tc.path, tc.authorization)
			if reply.Code != tc.status || strings.Join(u.erased, ",") != tc.erased {
				t.Errorf("%s %s = %d, erased %v; want %d, %q", tc.method, tc.path, reply.Code, u.erased, tc.status, tc.erased)
			}
			if !errors.Is(told, tc.err) || strings.Contains(reply.Body.String(), "secret") {
				t.Errorf("the operator was told %v, the caller %s", told, reply.Body)
			}
			if tc.code != "" && codeIn(t, reply) != tc.code {
				t.Errorf("code = %s, want %s", reply.Body, tc.code)
			}
		})
	}
}

func TestWithoutATokenNobodyMayErase(t *testing.T) {
	u := new(users)
	for _, authorization := range []string{"", "Bearer ", "Bearer " + token} {
		reply := ask(t, adminapi.New(adminapi.Options{Users: u, Metrics: http.NotFoundHandler()}), "POST", "/internal/users/ann/erase", authorization)
		if reply.Code != http.StatusForbidden || codeIn(t, reply) != "FORBIDDEN" || u.erased != nil {
			t.Errorf("with %q: %d, erased %v; want 403 and nobody", authorization, reply.Code, u.erased)
		}
	}
}

func TestMetricsAndProfiles(t *testing.T) {
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("up 1")) })
	handler := adminapi.New(adminapi.Options{Users: new(users), Metrics: metrics})
	if reply := ask(t, handler, "GET", "/metrics", ""); reply.Body.String() != "up 1" {
		t.Errorf("GET /metrics = %d %s", reply.Code, reply.Body)
	}
	for path, want := range map[string]int{
		"/debug/pprof/":            http.StatusOK,
		"/debug/pprof/goroutine":   http.StatusOK,
		"/debug/pprof/cmdline":     http.StatusForbidden,
		"/v1/tasks":                http.StatusNotFound,
		"/internal/users//erase":   http.StatusNotFound,
		"/internal/users/ann/else": http.StatusNotFound,
	} {
		if got := ask(t, handler, "GET", path, "").Code; got != want && (want != http.StatusNotFound || got < 300 || got >= 500) {
			t.Errorf("GET %s = %d, want %d", path, got, want)
		}
	}
}

func ask(t *testing.T, handler http.Handler, method, path, authorization string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	reply := httptest.NewRecorder()
	handler.ServeHTTP(reply, request)
	return reply
}

func codeIn(t *testing.T, reply *httptest.ResponseRecorder) string {
	t.Helper()
	var problem struct{ Code string }
	if err := json.Unmarshal(reply.Body.Bytes(), &problem); err != nil {
		t.Fatalf("%s: %v", reply.Body, err)
	}
	return problem.Code
}
