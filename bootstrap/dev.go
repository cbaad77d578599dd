package bootstrap

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"taskhold/adapters/betterauth"
	"taskhold/adapters/sqlite"
	"taskhold/domain/identity"
)

// devTokenLife is long enough for a week of trying things out.
const devTokenLife = 7 * 24 * time.Hour

func (c command) dev(ctx context.Context, args []string) error {
	set := c.flags("dev [--fresh] [--user ID]", "Runs on a SQLite file in your data folder, on 127.0.0.1 alone, with a secret of its own,\nand prints a token and lines to paste. The variables of 'serve' apply, but for DATABASE_URL.")
	fresh := set.Bool("fresh", false, "begin with no tasks: empties the file")
	name := set.String("user", "dev-user", "the id of the user whom the printed token names")
	if err := parse(set, args, 0); err != nil {
		return err
	}
	s, err := c.setUpDev(*name)
	if err != nil {
		return err
	}
	if *fresh {
		if err := s.home.empty(ctx); err != nil {
			return err
		}
	}
	return c.run(ctx, s.config, func(a *App) { c.welcome(a, s) })
}

func (c command) token(args []string) error {
	set := c.flags("token --user ID", "Prints a token that a 'taskhold dev' of yours accepts for 7 days.")
	name := set.String("user", "", "the id of the user whom the token names")
	if err := parse(set, args, 0); err != nil {
		return err
	}
	s, err := c.setUpDev(*name)
	if err != nil {
		return err
	}
	fmt.Fprintln(c.stdout, s.token)
	return nil
}

// devSetup is what dev runs with, and a token signed as Better Auth would.
type devSetup struct {
	home   devHome
	config Config
	user   identity.UserID
	token  string
}

func (c command) setUpDev(name string) (s devSetup, err error) {
	if s.user, err = identity.ParseUserID(name); err != nil {
		return s, usageError("--user must be an id of 1 to 255 bytes without control characters")
	}
	if s.home, err = openDevHome(c.environ); err != nil {
		return s, err
	}
	if s.config, err = s.home.config(c.environ); err != nil {
		return s, err
	}
	s.token, err = betterauth.Mint(s.config.Secret.Reveal(), s.user, time.Now(), devTokenLife)
	return s, err
}

// devHome is the folder where dev keeps its tasks and its secret.
type devHome struct{ folder, secret string }

func openDevHome(environ []string) (devHome, error) {
	base, err := dataFolder(environ)
	if err != nil {
		return devHome{}, err
	}
	home := devHome{folder: filepath.Join(base, "taskhold")}
	if err := os.MkdirAll(home.folder, 0o700); err != nil {
		return devHome{}, fmt.Errorf("make the folder for dev: %w", err)
	}
	home.secret, err = home.readSecret()
	return home, err
}

// dataFolder is where programs of this user keep data (on Linux the XDG Base
// Directory Specification).
func dataFolder(environ []string) (string, error) {
	if folder := lookUp(environ, "XDG_DATA_HOME"); filepath.IsAbs(folder) {
		return folder, nil
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return os.UserConfigDir()
	}
	if home := lookUp(environ, "HOME"); home != "" {
		return filepath.Join(home, ".local", "share"), nil
	}
	return "", errors.New("dev keeps its tasks in your data folder: set HOME or XDG_DATA_HOME")
}

func lookUp(environ []string, name string) string {
	for _, entry := range slices.Backward(environ) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// readSecret returns the secret that is kept with the tasks, made at the first
// call.
func (h devHome) readSecret() (string, error) {
	path := filepath.Join(h.folder, "dev-secret")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // in the data folder of who runs it
	switch {
	case err == nil:
		_, writing := file.WriteString(rand.Text() + rand.Text())
		if err := errors.Join(writing, file.Close()); err != nil {
			return "", fmt.Errorf("write the secret of dev: %w", err)
		}
	case !errors.Is(err, fs.ErrExist):
		return "", fmt.Errorf("make the secret of dev: %w", err)
	}
	text, err := os.ReadFile(path) //nolint:gosec // as above
	if err != nil {
		return "", fmt.Errorf("read the secret of dev: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

func (h devHome) database() string { return filepath.Join(h.folder, "dev.db") }

// empty removes the tasks, unless another dev is at work on them.
func (h devHome) empty(ctx context.Context) error {
	err := sqlite.Remove(ctx, h.database())
	if errors.Is(err, sqlite.ErrInUse) {
		return errors.New("another 'taskhold dev' runs on the same tasks: end it before you begin with --fresh")
	}
	return err
}

// config is the environment's, on dev's own store whatever DATABASE_URL says:
// a developer's shell may well name a database that matters.
func (h devHome) config(environ []string) (Config, error) {
	environ = slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		return strings.HasPrefix(entry, "DATABASE_URL=")
	})
	config, err := ReadConfig(environ, map[string]string{
		"DATABASE_URL":       "sqlite:" + h.database(),
		"BETTER_AUTH_SECRET": h.secret,
		"API_HOST":           "127.0.0.1",
		"LOG_FORMAT":         "text",
		"ADMIN_ADDR":         "off",
	})
	config.AnyLocalhost = true
	return config, err
}

// welcome prints what a developer needs next; every line can be pasted.
func (c command) welcome(a *App, s devSetup) {
	base := "http://" + a.Addr().String()
	fmt.Fprintf(c.stdout, `Taskhold is running.

  API    %[1]s/v1/tasks
  Docs   %[1]s/docs
  Tasks  %[2]s ('--fresh' empties it)
  User   %[3]s ('taskhold token --user ID' prints a token for another)

A token for 7 days, and lines to paste:

  export TOKEN=%[4]s
  curl -s %[1]s/v1/tasks -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d '{"title": "Buy milk", "priority": "high"}'
  curl -s %[1]s/v1/tasks -H "Authorization: Bearer $TOKEN"

`, base, s.home.database(), s.user, s.token)
}
