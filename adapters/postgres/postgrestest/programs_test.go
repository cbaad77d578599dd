package postgrestest

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestPrograms(t *testing.T) {
	whole := folder(t, "initdb", "postgres", "pg_ctl")
	other := folder(t, "initdb", "postgres", "pg_ctl")
	client := folder(t, "psql", "pg_ctl")
	fetched := func() (string, error) { return "fetched", nil }
	for name, tt := range map[string]struct {
		folders []string
		want    string
	}{
		"the first whole folder is taken":        {[]string{whole, other}, whole},
		"a folder without a server is passed by": {[]string{client, whole}, whole},
		"a folder named in part is passed by":    {[]string{"", ".", whole}, whole},
		"a missing folder is passed by":          {[]string{"/nonexistent", whole}, whole},
		"without any they are downloaded":        {[]string{client}, "fetched"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(other)
			got, err := source{func() []string { return tt.folders }, fetched}.programs()
			if err != nil || got != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

func TestNothingIsDownloadedWhereProgramsAreInstalled(t *testing.T) {
	bin := folder(t, "initdb", "postgres", "pg_ctl")
	s := source{func() []string { return []string{bin} }, func() (string, error) { return "", errors.New("downloaded") }}
	if _, err := s.programs(); err != nil {
		t.Error(err)
	}
}

func TestPATHIsLookedInFirst(t *testing.T) {
	t.Setenv("PATH", "/first:/second")
	if got := usual(); !slices.Equal(got[:2], []string{"/first", "/second"}) {
		t.Errorf("got %v, want /first and /second before all else", got)
	}
}

func TestTheFolderOfPgConfigIsLookedIn(t *testing.T) {
	bin := folder(t)
	script := "#!/bin/sh\n[ \"$1\" = --bindir ] && echo /from/pg_config\n"
	if err := os.WriteFile(filepath.Join(bin, "pg_config"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	if got := usual(); !slices.Contains(got, "/from/pg_config") {
		t.Errorf("got %v, want /from/pg_config among them", got)
	}
}

func TestTheNewestVersionComesFirst(t *testing.T) {
	for name, want := range map[string][]string{
		"Debian":   {"/usr/lib/postgresql/18/bin", "/usr/lib/postgresql/9.6/bin", "/usr/lib/postgresql/9.5/bin"},
		"Homebrew": {"/opt/homebrew/opt/postgresql/bin", "/opt/homebrew/opt/postgresql@17/bin", "/opt/homebrew/opt/postgresql@9/bin"},
	} {
		t.Run(name, func(t *testing.T) {
			got := slices.Clone(want)
			slices.Sort(got)
			if got = newestFirst(got); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

// folder makes a folder with the programs in it.
func folder(t *testing.T, programs ...string) string {
	t.Helper()
	bin := t.TempDir()
	for _, program := range programs {
		if err := os.WriteFile(filepath.Join(bin, program), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}
