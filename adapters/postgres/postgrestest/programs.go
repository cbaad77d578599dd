package postgrestest

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// source is where PostgreSQL's programs come from.
type source struct {
	folders  func() []string
	download func() (bin string, err error)
}

var machine = source{folders: usual, download: download}

// programs returns the first folder that holds what a cluster needs, or else
// downloads one.
func (s source) programs() (bin string, err error) {
	for _, bin := range s.folders() {
		if complete(bin) {
			return bin, nil
		}
	}
	if bin, err = s.download(); err != nil {
		return "", fmt.Errorf("no PostgreSQL for the tests. Set TEST_DATABASE_URL to the postgres:// URL of a role "+
			"that may create databases, or install PostgreSQL 13 or later: initdb, postgres and pg_ctl were not found "+
			"together in PATH, where pg_config points, or where packages put them, and could not be downloaded: %w", err)
	}
	return bin, nil
}

func complete(bin string) bool {
	for _, program := range []string{"initdb", "postgres", "pg_ctl"} {
		if _, err := exec.LookPath(filepath.Join(bin, program)); err != nil {
			return false
		}
	}
	return filepath.IsAbs(bin)
}

// usual lists the folders to look in, best first.
func usual() []string {
	folders := filepath.SplitList(os.Getenv("PATH"))
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		folders = append(folders, strings.TrimSpace(string(out)))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", // Debian
		"/usr/pgsql-*/bin",          // Red Hat
		"/usr/local/pgsql/bin",      // from source
		"/opt/homebrew/opt/postgresql*/bin",
		"/usr/local/opt/postgresql*/bin", // Homebrew on Intel
		"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
	} {
		matches, _ := filepath.Glob(pattern)
		folders = append(folders, newestFirst(matches)...)
	}
	if home, err := downloaded(); err == nil {
		folders = append(folders, filepath.Join(home, "bin"))
	}
	return folders
}

var number = regexp.MustCompile(`[0-9]+(\.[0-9]+)?`)

// newestFirst sorts folders by the version in their path. One without is taken
// for the newest, as Homebrew's unnumbered formula is.
func newestFirst(folders []string) []string {
	version := func(folder string) float64 {
		v, err := strconv.ParseFloat(number.FindString(folder), 64)
		if err != nil {
			return 1e9
		}
		return v
	}
	slices.SortStableFunc(folders, func(a, b string) int { return cmp.Compare(version(b), version(a)) })
	return folders
}

const release = embeddedpostgres.V18

// downloaded is the folder that [download] leaves for the next test process.
func downloaded() (string, error) {
	cache, err := os.UserCacheDir()
	return filepath.Join(cache, "taskhold", "postgresql-"+string(release)), err
}

func download() (bin string, err error) {
	if os.Geteuid() == 0 {
		return "", errors.New("that is not done as root, as whom PostgreSQL does not run")
	}
	home, err := downloaded()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(home), 0o755); err != nil {
		return "", err
	}
	temp, err := os.MkdirTemp(filepath.Dir(home), "download-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp)
	if err := fetch(filepath.Join(temp, "postgresql"), filepath.Join(temp, "data")); err != nil {
		return "", err
	}
	bin = filepath.Join(home, "bin")
	// In one step, so that no other test process finds half of it; if one was faster, its copy is as good.
	if err := os.Rename(filepath.Join(temp, "postgresql"), home); err != nil && !complete(bin) {
		return "", err
	}
	return bin, nil
}

// fetch downloads PostgreSQL into home. The library has no call that does only
// that: this starts and stops a server too.
func fetch(home, data string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	postgres := embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().Version(release).
		RuntimePath(home).DataPath(data).Port(uint32(port)).Logger(io.Discard).
		StartParameters(map[string]string{"unix_socket_directories": ""})) // their default may not exist or be closed
	if err := postgres.Start(); err != nil {
		return err
	}
	return postgres.Stop()
}
