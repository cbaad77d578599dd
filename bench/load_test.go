package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// answering serves as the API does: every task is there and every user's own.
func answering(t *testing.T, users []*caller, before func()) string {
	t.Helper()
	byHeader := map[string]*caller{}
	for _, u := range users {
		_, token, _ := strings.Cut(u.headers, "Bearer ")
		byHeader[strings.TrimSpace(token)] = u
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		before()
		u := byHeader[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
		_, path, _ := strings.Cut(r.URL.Path, "/v1/tasks/")
		id, verb, _ := strings.Cut(path, "/")
		one := `{"id":"` + id + `",` + string(u.mark) + `,"completed":` + map[bool]string{true: "true", false: "false"}[verb == "complete"] + `}`
		switch {
		case r.Method == http.MethodDelete:
			w.WriteHeader(204)
			return
		case r.Method == http.MethodPost && id == "":
			w.WriteHeader(201)
		case id == "":
			one = strings.Repeat(one, pageSize)
		}
		if _, err := fmt.Fprint(w, one); err != nil {
			t.Errorf("answer: %v", err)
		}
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func manyCallers(t *testing.T) []*caller {
	t.Helper()
	all, err := callers(world{users: 40, each: 2 * pageSize}.crowd(0), secret)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestClosedLoopKeepsEveryConnectionBusy(t *testing.T) {
	users := manyCallers(t)
	var now, most atomic.Int64
	address := answering(t, users, func() {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(5 * time.Millisecond)
		now.Add(-1)
	})
	got, err := closedLoop(t.Context(), address, 4, traffic{users, usual}, 300*time.Millisecond)
	if err != nil || got.wrong > 0 || got.good() < 20 {
		t.Errorf("%d good answers and %d wrong, %v, %v", got.good(), got.wrong, got.first, err)
	}
	if most.Load() != 4 {
		t.Errorf("at most %d requests ran at once, want 4", most.Load())
	}
}

func TestOpenLoopCountsTheWaitForAConnection(t *testing.T) {
	users := manyCallers(t)
	const stall = 400 * time.Millisecond
	var begun atomic.Int64
	address := answering(t, users, func() {
		if begun.Add(1) == 1 {
			time.Sleep(stall)
		}
	})
	got, err := openLoop(t.Context(), address, traffic{users, usual}, pace{1, 200, 500 * time.Millisecond, longestAnswer}) // one connection, so that all wait
	if err != nil || got.wrong > 0 || len(got.latencies) != 100 {
		t.Fatalf("%d answers, %d wrong, %v, %v; want 100", len(got.latencies), got.wrong, got.first, err)
	}
	slices.Sort(got.latencies)
	if half := percentile(got.latencies, 50); half < stall/8 {
		t.Errorf("half of all waited %v or less, though nobody was served for %v", half, stall)
	}
}

func TestOpenLoopKeepsItsRate(t *testing.T) {
	users := manyCallers(t)
	address := answering(t, users, func() {})
	got, err := openLoop(t.Context(), address, traffic{users, usual}, pace{20, 100, time.Second, longestAnswer})
	if err != nil || got.good() != 100 || got.elapsed < 900*time.Millisecond {
		t.Errorf("%d good answers in %v, %v; want 100 in a second", got.good(), got.elapsed, err)
	}
}

func TestBrokenConnectionsAreWrongAndReplaced(t *testing.T) {
	users := manyCallers(t)
	var begun atomic.Int64
	address := answering(t, users, func() {
		if begun.Add(1)%10 == 0 {
			panic(http.ErrAbortHandler)
		}
	})
	got, err := openLoop(t.Context(), address, traffic{users, usual}, pace{2, 200, 500 * time.Millisecond, longestAnswer})
	if err != nil || got.wrong != 10 || got.good() != 90 || got.first == nil {
		t.Errorf("%d wrong and %d good, %v, %v; want 10 and 90", got.wrong, got.good(), got.first, err)
	}
}

func TestLoopsEndWithTheirContext(t *testing.T) {
	users := manyCallers(t)
	address := answering(t, users, func() {})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := closedLoop(ctx, address, 2, traffic{users, usual}, time.Minute); err == nil || time.Since(began) > 10*time.Second {
		t.Errorf("got error %v after %v", err, time.Since(began))
	}
}
