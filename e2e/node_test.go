package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"taskhold/adapters/postgres/postgrestest"
)

// TestTypedClient generates a client's types from the OpenAPI document,
// compiles a program with them and lets it drive the server, on each store.
func TestTypedClient(t *testing.T) {
	t.Parallel()
	runNode(t, "client", nil, needed(t, "npm"), "run", "build")
	issuer := startIssuer(t)
	for _, store := range []struct {
		name, user string
		url        func(testing.TB) string
	}{
		{"a file", "alice", func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "tasks.db") }},
		{"PostgreSQL", "bob", postgrestest.Empty},
	} {
		t.Run(store.name, func(t *testing.T) {
			t.Parallel()
			token := issuer.signUp(t, store.user).jwt(t)
			server := serveWithKeys(t, token, append(issuer.byKeys(), "DATABASE_URL="+store.url(t))...)
			runNode(t, "client", []string{"BASE_URL=" + server.url, "TOKEN=" + token}, needed(t, "npm"), "run", "drive")
		})
	}
}

// TestDocsPage reads and tries /docs in a browser.
func TestDocsPage(t *testing.T) {
	t.Parallel()
	issuer := startIssuer(t)
	token := issuer.signUp(t, "alice").jwt(t)
	server := serveWithKeys(t, token, issuer.byKeys()...)
	settings := []string{"BASE_URL=" + server.url, "TOKEN=" + token, "CHROMIUM=" + chromium(t)}
	runNode(t, "openapi", settings, needed(t, "node"), "--test", "--test-reporter=spec", "docs.spec.mjs")
}

// TestFrontEnd uses a page of another origin in a browser, with tokens of either
// kind, and with and without credentials.
func TestFrontEnd(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]struct {
		alg     string
		accepts func(*issuer) []string
	}{
		"EdDSA": {"EdDSA", (*issuer).byKeys},
		"HS256": {"HS256-shared-secret", (*issuer).bySecret},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			issuer, port := startIssuer(t, "ALG="+mode.alg), freePort(t)
			token := issuer.signUp(t, "alice").jwt(t)
			server := serveWithKeys(t, token, append(mode.accepts(issuer), "ALLOWED_ORIGINS=http://localhost:"+port)...)
			settings := []string{"BASE_URL=" + server.url, "ISSUER=" + issuer.url, "PORT=" + port, "CHROMIUM=" + chromium(t)}
			runNode(t, "openapi", settings, needed(t, "node"), "--test", "--test-reporter=spec", "frontend.spec.mjs")
		})
	}
}

// chromium is the browser: what CHROMIUM names, or the first that is installed.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return needed(t, "chromium")
}

// runNode runs something of Node's in a folder with packages, with this
// environment and more.
func runNode(t *testing.T, folder string, more []string, path string, args ...string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(folder, "node_modules")); err != nil {
		t.Fatalf("run 'npm ci' in e2e/%s: %v", folder, err)
	}
	p := start(t, folder, append(os.Environ(), more...), path, args...)
	p.succeed(t)
	if !t.Failed() { // else it is shown in any case
		t.Logf("%s said:\n%s", p.name, p.output.String())
	}
}

// needed is the path of a program that has to be installed.
func needed(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("%v: e2e/README.md says what these tests need", err)
	}
	return path
}
