// Package postgrestest gives the tests of any package a real PostgreSQL, and
// each test a database of its own.
//
// The server is the one TEST_DATABASE_URL names, as a role that may create
// databases. Without it, it is a throwaway cluster of the PostgreSQL installed
// on the machine or, where there is none, of a downloaded one. It starts with
// the first test that asks, and ends with the test process, however that ends.
// A test that finds no server fails and says what to set or install.
package postgrestest

import (
	"context"
	"fmt"
	"os"
	"testing"
)

var process = server{programs: machine.programs}

// Run runs the tests and removes the server's traces. It is what TestMain
// gives to os.Exit:
//
//	func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m)) }
//
// Without it a throwaway cluster still ends, a moment after the process; on
// the server of TEST_DATABASE_URL the templates stay.
func Run(m *testing.M) int {
	code := m.Run()
	if err := process.close(); err != nil {
		fmt.Fprintln(os.Stderr, "postgrestest:", err)
		return max(code, 1)
	}
	return code
}

// Open returns the URL of a database that migrate has prepared and nobody
// else uses. It is dropped when the test ends, with whoever is still connected.
//
// migrate runs once a process, on a template of which every call gets a copy;
// it must close its connections. Templates are told apart by the function, not
// by what a closure has captured.
func Open(t testing.TB, migrate func(ctx context.Context, url string) error) string {
	t.Helper()
	template, err := process.template(migrate)
	if err != nil {
		t.Fatalf("prepare a template database: %v", err)
	}
	return process.database(t, template)
}

// Empty returns the URL of a database like that of [Open] with nothing in it.
func Empty(t testing.TB) string {
	t.Helper()
	return process.database(t, blank)
}
