package bootstrap_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCommandLines(t *testing.T) {
	file := "DATABASE_URL=sqlite:" + filepath.Join(t.TempDir(), "tasks.db")
	for name, tc := range map[string]struct {
		environ []string
		args    []string
		code    int
		want    string
	}{
		"no command is help":             {nil, nil, 0, "taskhold serve"},
		"help":                           {nil, []string{"--help"}, 0, "BETTER_AUTH_URL"},
		"help of a command":              {nil, []string{"dev", "--help"}, 0, "-fresh"},
		"version":                        {nil, []string{"version"}, 0, "taskhold "},
		"an unknown command":             {nil, []string{"server"}, 2, `no such command: "server"`},
		"an unknown flag":                {nil, []string{"serve", "--port", "1"}, 2, "-port"},
		"a word too many":                {nil, []string{"serve", "now"}, 2, "taskhold serve"},
		"serve without configuration":    {nil, []string{"serve"}, 2, "DATABASE_URL must be set"},
		"migrate without a direction":    {[]string{file}, []string{"migrate"}, 2, "up|down|status"},
		"migrate in another direction":   {[]string{file}, []string{"migrate", "left"}, 2, "left"},
		"migrate needs no secret":        {[]string{file}, []string{"migrate", "up"}, 0, "applied  00001"},
		"token without a user":           {[]string{"HOME=" + t.TempDir()}, []string{"token"}, 2, "--user"},
		"dev without a data folder":      {nil, []string{"dev"}, 1, "XDG_DATA_HOME"},
		"dev for nobody":                 {nil, []string{"dev", "--user", ""}, 2, "--user"},
		"a database that cannot be read": {[]string{"DATABASE_URL=postgres://u:hunter2@%zz/d", "BETTER_AUTH_SECRET=" + secret}, []string{"serve"}, 2, "DATABASE_URL must be"},
	} {
		t.Run(name, func(t *testing.T) {
			output, code := run(t, tc.environ, tc.args...)
			if code != tc.code || !strings.Contains(output, tc.want) {
				t.Errorf("%v = %d, want %d and %q:\n%s", tc.args, code, tc.code, tc.want, output)
			}
			for _, hidden := range []string{"hunter2", secret} {
				if strings.Contains(output, hidden) {
					t.Errorf("the output holds a secret:\n%s", output)
				}
			}
		})
	}
}

func TestMigrateForwardAndBack(t *testing.T) {
	for engine, url := range stores(t) {
		t.Run(engine, func(t *testing.T) {
			environ := []string{"DATABASE_URL=" + url}
			for _, step := range []struct{ verb, want string }{
				{"status", "pending  00001"},
				{"up", "applied  00001"},
				{"up", "applied  00001"},
				{"status", "applied  00001"},
				{"down", "pending  00001"},
				{"up", "applied  00001"},
			} {
				output, code := run(t, environ, "migrate", step.verb)
				if code != 0 || !strings.Contains(output, step.want) {
					t.Fatalf("migrate %s = %d, want %q:\n%s", step.verb, code, step.want, output)
				}
			}
		})
	}
}

func TestServeRefusesAnUnmigratedStoreIfToldNotToMigrate(t *testing.T) {
	for engine, url := range stores(t) {
		t.Run(engine, func(t *testing.T) {
			environ := append(environOf(url), "DB_MIGRATE=off")
			if output, code := run(t, environ, "serve"); code != 1 || !strings.Contains(output, "migrate") {
				t.Fatalf("serve = %d:\n%s", code, output)
			}
			if output, code := run(t, environ, "migrate", "up"); code != 0 {
				t.Fatalf("migrate up = %d:\n%s", code, output)
			}
			start(t, environ, "serve")
		})
	}
}

func TestDevWorksWithoutConfiguration(t *testing.T) {
	home := t.TempDir()
	environ := []string{"HOME=" + home, "XDG_DATA_HOME=", "LOG_FORMAT=json", "DATABASE_URL=postgres://nowhere.invalid/x"}
	server := start(t, environ, "dev")
	curls := server.lines(t, "  export ", "  curl ")
	script := strings.Join(curls, "\n")
	if strings.Count(script, "curl ") != 2 {
		t.Fatalf("dev printed no lines to paste:\n%s", server.output)
	}
	output := shell(t, script)
	if strings.Count(output, `"title":"Buy milk"`) != 2 {
		t.Errorf("pasted, the lines print\n%s", output)
	}
	token, code := run(t, environ, "token", "--user", "bob")
	if code != 0 {
		t.Fatalf("token = %d: %s", code, token)
	}
	if listed := shell(t, "curl -s "+server.base+"/v1/tasks -H 'Authorization: Bearer "+strings.TrimSpace(token)+"'"); !strings.Contains(listed, `"items":[]`) {
		t.Errorf("bob sees %s", listed)
	}
	folder := filepath.Join(home, ".local", "share", "taskhold")
	for _, name := range []string{"dev.db", "dev-secret"} {
		info, err := os.Stat(filepath.Join(folder, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want a file for its owner alone", name, info, err)
		}
	}
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = server.Wait()
	kept := start(t, environ, "dev")
	if listed := shell(t, kept.paste(t)); strings.Count(listed, "Buy milk") != 1+2 {
		t.Errorf("after a restart: %s", listed)
	}
	if said, code := run(t, environ, "dev", "--fresh"); code != 1 || !strings.Contains(said, "end it before") {
		t.Errorf("--fresh beside a dev that runs = %d: %s", code, said)
	}
	if listed := shell(t, kept.paste(t)); strings.Count(listed, "Buy milk") != 1+3 {
		t.Errorf("after that: %s", listed)
	}
	if err := kept.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = kept.Wait()
	fresh := start(t, environ, "dev", "--fresh")
	if listed := shell(t, fresh.paste(t)); strings.Count(listed, "Buy milk") != 1+1 {
		t.Errorf("after --fresh: %s", listed)
	}
}

// paste is what a developer copies from the screen.
func (p *program) paste(t *testing.T) string {
	return strings.Join(p.lines(t, "  export ", "  curl "), "\n")
}

func (p *program) lines(t *testing.T, prefixes ...string) (found []string) {
	t.Helper()
	const last = "-H \"Authorization: Bearer $TOKEN\"\n\n" // what is written to two streams arrives in any order
	for end := time.Now().Add(10 * time.Second); !strings.Contains(p.output.String(), last); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("dev printed no lines to paste:\n%s", p.output)
		}
	}
	for line := range strings.Lines(p.output.String()) {
		for _, prefix := range prefixes {
			if strings.HasPrefix(line, prefix) {
				found = append(found, strings.TrimSpace(line))
			}
		}
	}
	return found
}

func TestDevAllowsPagesOfLocalhost(t *testing.T) {
	server := start(t, []string{"HOME=" + t.TempDir(), "LOG_FORMAT=json"}, "dev")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.base+"/livez", nil)
	if err != nil {
		t.Fatal(err)
	}
	for origin, want := range map[string]string{"http://localhost:3000": "http://localhost:3000", "http://localhost.evil.example": ""} {
		request.Header.Set("Origin", origin)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if got := response.Header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("of %s, Access-Control-Allow-Origin = %q, want %q", origin, got, want)
		}
	}
}
