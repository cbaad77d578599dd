package migrations

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var engines = map[string]embed.FS{"postgres": Postgres, "sqlite": SQLite}

func names(t *testing.T, engine string) (found []string) {
	t.Helper()
	entries, err := fs.ReadDir(engines[engine], engine)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	return found
}

func TestEnginesHaveTheSameSteps(t *testing.T) {
	if postgres, sqlite := names(t, "postgres"), names(t, "sqlite"); !slices.Equal(postgres, sqlite) {
		t.Errorf("PostgreSQL has %q, SQLite has %q", postgres, sqlite)
	}
}

func TestStepsAreNumberedWithoutAGap(t *testing.T) {
	for i, name := range names(t, "postgres") {
		if prefix := fmt.Sprintf("%05d_", i+1); !strings.HasPrefix(name, prefix) || !strings.HasSuffix(name, ".sql") {
			t.Errorf("step %d is called %s, want %s….sql", i+1, name, prefix)
		}
	}
}

var note = regexp.MustCompile(`(?m)^INSERT INTO compatibility \(migration, oldest\) VALUES \((\d+), (\d+)\);$`)

func TestEachStepNotesTheOldestProgramThatCanLiveWithIt(t *testing.T) {
	for engine, files := range engines {
		for i, name := range names(t, engine) {
			text, err := fs.ReadFile(files, engine+"/"+name)
			if err != nil {
				t.Fatal(err)
			}
			up, down, both := strings.Cut(string(text), "-- +goose Down")
			if !both || !strings.Contains(up, "-- +goose Up") {
				t.Errorf("%s/%s does not go both ways", engine, name)
			}
			notes := note.FindAllStringSubmatch(up, -1)
			if len(notes) != 1 || notes[0][1] != strconv.Itoa(i+1) {
				t.Errorf("%s/%s notes %q, want itself", engine, name, notes)
			}
			if i == 0 {
				continue // which takes the whole table back
			}
			if want := fmt.Sprintf("DELETE FROM compatibility WHERE migration = %d;", i+1); !strings.Contains(down, want) {
				t.Errorf("%s/%s goes back without %q", engine, name, want)
			}
		}
	}
}
