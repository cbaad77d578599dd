package proof

import (
	"bytes"
	"context"
	"net"
	"testing"
	"time"

	"taskhold/adapters/betterauth"
	"taskhold/adapters/httpapi"
	"taskhold/adapters/memory"
	"taskhold/adapters/system"
	"taskhold/application"
)

// ServeMemory serves both doors over the store in memory until the test ends,
// and returns the address, without a slash at the end.
func ServeMemory(t testing.TB) string {
	t.Helper()
	var clock system.Clock
	verifier, err := betterauth.New(betterauth.Options{Secrets: []string{Secret}, Clock: &clock})
	if err != nil {
		t.Fatal(err)
	}
	server, err := httpapi.New(httpapi.Options{
		Tasks:    application.NewTasks(new(memory.Store), new(system.Turns), &clock, system.IDs{}, 50_000),
		Verifier: verifier, CursorKey: bytes.Repeat([]byte{7}, 32), Dialect: &httpapi.Dialect{},
	})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("the server stopped with %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	return "http://" + listener.Addr().String()
}
