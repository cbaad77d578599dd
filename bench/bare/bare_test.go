package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var secret = []byte("a secret of the tests, of at least 32 bytes")

func signed(t *testing.T, method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
	t.Helper()
	token, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestOnlyAGoodTokenNamesAUser(t *testing.T) {
	soon, past := time.Now().Add(time.Hour).Unix(), time.Now().Add(-time.Hour).Unix()
	for name, c := range map[string]struct{ token, want string }{
		"good":       {signed(t, jwt.SigningMethodHS256, secret, jwt.MapClaims{"sub": "ann", "exp": soon}), "ann"},
		"expired":    {signed(t, jwt.SigningMethodHS256, secret, jwt.MapClaims{"sub": "ann", "exp": past}), ""},
		"for ever":   {signed(t, jwt.SigningMethodHS256, secret, jwt.MapClaims{"sub": "ann"}), ""},
		"nobody's":   {signed(t, jwt.SigningMethodHS256, secret, jwt.MapClaims{"exp": soon}), ""},
		"of another": {signed(t, jwt.SigningMethodHS256, []byte("another"), jwt.MapClaims{"sub": "ann", "exp": soon}), ""},
		"HS512":      {signed(t, jwt.SigningMethodHS512, secret, jwt.MapClaims{"sub": "ann", "exp": soon}), ""},
		"none":       {signed(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, jwt.MapClaims{"sub": "ann", "exp": soon}), ""},
		"nothing":    {"", ""},
	} {
		r := httptest.NewRequest(http.MethodGet, "/v1/tasks", nil)
		r.Header.Set("Authorization", "Bearer "+c.token)
		if got, err := userOf(r, secret); got != c.want && err == nil || (err == nil) != (c.want != "") {
			t.Errorf("%s: user %q, %v; want %q", name, got, err, c.want)
		}
	}
}

func TestStrangersAreTurnedAway(t *testing.T) {
	w := httptest.NewRecorder()
	routes(store{}, secret).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/tasks", nil))
	if w.Code != http.StatusUnauthorized {
		t.Errorf("status %d, want 401", w.Code)
	}
}

func TestTaskHasTheFormOfTaskholds(t *testing.T) {
	const text = `{"id":"1","user_id":"ann","title":"milk","description":"","completed":false,"completed_at":null,"priority":"high",` +
		`"due_date":"2027-01-31","due_at":null,"tags":["home"],"version":1,"created_at":"2026-11-23T00:00:00Z","updated_at":"2026-11-23T00:00:00Z"}`
	var read task
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		t.Fatal(err)
	}
	if got, err := json.Marshal(read); err != nil || string(got) != text {
		t.Errorf("got %s, %v\nwant %s", got, err, text)
	}
	for _, bad := range []string{`{"priority":"huge"}`, `{"due_date":"31.1.2027"}`} {
		if err := json.NewDecoder(strings.NewReader(bad)).Decode(&read); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}
