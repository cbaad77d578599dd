package proof

import (
	"context"
	"net"
	"testing"
	"time"

	"go.uber.org/zap"

	"taskhold/adapters/betterauth"
	"taskhold/adapters/httpapi"
	"taskhold/adapters/system"
	"taskhold/bootstrap"
	"taskhold/domain/identity"
	"taskhold/ports"
)

// Secret is what signs the tokens of every program under proof.
const Secret = "a secret for proofs of 32 bytes and more"

// Environ is how a program under proof is set up: on a free port, without
// limits, and as the settings say that are written NAME=value.
func Environ(databaseURL string, settings ...string) []string {
	return append([]string{
		"DATABASE_URL=" + databaseURL, "BETTER_AUTH_SECRET=" + Secret, "API_HOST=127.0.0.1", "API_PORT=0", "ADMIN_ADDR=off",
		"RATE_LIMIT_READ=off", "RATE_LIMIT_WRITE=off", "RATE_LIMIT_DENIED=off", "LOG_LEVEL=error",
	}, settings...)
}

// Serve runs the assembled program in this process until the test ends, and
// returns its address, without a slash at the end.
func Serve(t testing.TB, databaseURL string, settings ...string) string {
	t.Helper()
	config, err := bootstrap.ReadConfig(Environ(databaseURL, settings...), nil)
	if err != nil {
		t.Fatal(err)
	}
	app, err := bootstrap.New(t.Context(), config, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- app.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the program ended with %v", err)
		}
		if err := app.Close(); err != nil {
			t.Errorf("the program closed with %v", err)
		}
	})
	return "http://" + app.Addr().String()
}

// ServeTasks puts both doors of the program, as they are by default, before
// any tasks until the test ends, and returns the address. It stands in for what
// Serve cannot start: a store in memory, or one that is broken on purpose.
func ServeTasks(t testing.TB, tasks ports.Tasks) string {
	t.Helper()
	verifier, err := betterauth.New(betterauth.Options{Secrets: []string{Secret}, Clock: new(system.Clock)})
	if err != nil {
		t.Fatal(err)
	}
	server, err := httpapi.New(httpapi.Options{Tasks: tasks, Verifier: verifier, CursorKey: make([]byte, 32), Dialect: &httpapi.Dialect{}})
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

// Token returns an access token of a user, good for a day.
func Token(t testing.TB, user string) string {
	t.Helper()
	id, err := identity.ParseUserID(user)
	if err != nil {
		t.Fatal(err)
	}
	token, err := betterauth.Mint(Secret, id, time.Now(), 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return token
}
