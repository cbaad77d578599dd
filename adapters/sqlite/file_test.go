package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"taskhold/adapters/gormstore"
	"taskhold/domain/fault"
	"taskhold/domain/task"
	"taskhold/ports"
)

func TestURLNamesAFile(t *testing.T) {
	for address, want := range map[string]string{
		"sqlite:tasks.db":                         "tasks.db",
		"sqlite:./tasks.db":                       "./tasks.db",
		"sqlite:/var/lib/taskhold/tasks.db":       "/var/lib/taskhold/tasks.db",
		"sqlite:///var/lib/taskhold/tasks.db":     "/var/lib/taskhold/tasks.db",
		"sqlite:/srv/my tasks/100%.db":            "/srv/my tasks/100%.db",
		"sqlite:":                                 "",
		"sqlite://":                               "",
		"sqlite::memory:":                         "",
		"sqlite:tasks.db?_pragma=synchronous=off": "",
		"sqlite:tasks.db#x":                       "",
		"sqlite:a\x00b":                           "",
		"file:tasks.db":                           "",
		"tasks.db":                                "",
	} {
		got, err := Path(address)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("Path(%q) = %q, %v; want %q", address, got, err, want)
		}
	}
}

func TestFileIsForItsOwnerAlone(t *testing.T) {
	folder := t.TempDir()
	s := start(t, "sqlite:"+filepath.Join(folder, "my 100% tasks.db"))
	must(t, s.Insert(t.Context(), titled(user("ann"), "milk"), 1))
	files, err := os.ReadDir(folder)
	must(t, err)
	if len(files) < 2 {
		t.Errorf("there are %d files, want the log beside the database", len(files))
	}
	for _, file := range files {
		if info, err := file.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v, %v; want 0600", file.Name(), info.Mode(), err)
		}
	}
}

func TestFileThatCannotBeOpenedIsToldAtOnce(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "text")
	must(t, os.WriteFile(text, []byte(strings.Repeat("not a database ", 100)), 0o600))
	for name, address := range map[string]string{
		"a folder that is not there": "sqlite:" + filepath.Join(folder, "none", "tasks.db"),
		"a folder":                   "sqlite:" + folder,
		"a file of another kind":     "sqlite:" + text,
		"no file":                    "sqlite:",
	} {
		if s, err := Open(t.Context(), address, Options{}); err == nil {
			s.Close()
			t.Errorf("Open of %s went through", name)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("Open made a folder")
	}
}

func TestConnectionsAreSetForSafety(t *testing.T) {
	s := start(t, fresh(t))
	for pool, settings := range map[*sql.DB]map[string]string{
		s.writer:  {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "query_only": "0"},
		s.readers: {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "query_only": "1"},
	} {
		for name, want := range settings {
			var got string
			if err := pool.QueryRow("PRAGMA " + name).Scan(&got); err != nil || got != want {
				t.Errorf("%s = %s, %v; want %s", name, got, err, want)
			}
		}
	}
}

func TestReadersDoNotWaitForAWriter(t *testing.T) {
	s := start(t, fresh(t))
	ann := user("ann")
	milk := titled(ann, "milk")
	must(t, s.Insert(t.Context(), milk, 2))
	must(t, s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
		must(t, u.Insert(ctx, titled(ann, "bread"), 2))
		brief, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		page, err := s.List(brief, ann, ports.Query{Limit: 10, Count: true})
		if err != nil || len(page.Tasks) != 1 || page.Total != 1 {
			t.Errorf("List beside a writer = %d tasks of %d, %v; want the one that stands", len(page.Tasks), page.Total, err)
		}
		return s.Ping(brief)
	}))
}

// hold takes the place of another process that writes, until free is called.
func hold(t *testing.T, address string) (free func()) {
	t.Helper()
	path, err := Path(address)
	must(t, err)
	other, err := connect(path, 1, map[string][]string{"_txlock": {"immediate"}})
	must(t, err)
	tx, err := other.Begin()
	must(t, err)
	return func() {
		must(t, tx.Rollback())
		must(t, other.Close())
	}
}

func TestWriterOfAnotherProcessIsWaitedFor(t *testing.T) {
	t.Parallel() // it does nothing but wait
	address := fresh(t)
	s := start(t, address)
	ann := user("ann")
	time.AfterFunc(300*time.Millisecond, hold(t, address))
	must(t, s.Insert(t.Context(), titled(ann, "milk"), 1))

	free := hold(t, address)
	defer free()
	brief, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := s.Insert(brief, titled(ann, "bread"), 2); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, fault.Unavailable) {
		t.Errorf("Insert while another process writes = %v, want DeadlineExceeded alone", err)
	}
	began := time.Now()
	err := s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
		_, err := u.Claim(ctx, ann, "key", time.Now())
		return err
	})
	if waited := time.Since(began); !errors.Is(err, ports.ErrKeyBusy) || waited < patience-time.Second || waited > 3*patience {
		t.Errorf("Claim while another process writes = %v after %v, want ErrKeyBusy after %v", err, waited, patience)
	}
	began = time.Now()
	if err := s.Insert(t.Context(), titled(ann, "eggs"), 2); !errors.Is(err, ports.ErrUnavailable) || time.Since(began) > 3*patience {
		t.Errorf("Insert while another process does not stop writing = %v after %v, want ErrUnavailable", err, time.Since(began))
	}
}

const patience = 2 * time.Second // of ports.Replays

func TestTwoProcessesShareAFile(t *testing.T) {
	address := fresh(t)
	stores := []*Store{start(t, address), start(t, address)}
	ann := user("ann")
	const quota, writers = 10, 16
	results := make(chan error, writers)
	for i := range writers {
		go func() { results <- stores[i%2].Insert(t.Context(), titled(ann, "at once"), quota) }()
	}
	inserted := 0
	for range writers {
		switch err := <-results; {
		case err == nil:
			inserted++
		case !errors.Is(err, task.ErrQuota):
			t.Error(err)
		}
	}
	if inserted != quota {
		t.Errorf("%d inserts found room, want %d", inserted, quota)
	}
}

func TestMistakeIsNoOutage(t *testing.T) {
	s := start(t, fresh(t))
	milk := titled(user("ann"), "milk")
	must(t, s.Insert(t.Context(), milk, 2))
	err := s.Insert(t.Context(), milk, 2)
	if !errors.Is(err, gorm.ErrDuplicatedKey) || errors.Is(err, fault.Unavailable) {
		t.Errorf("Insert again = %v, want a duplicated key", err)
	}
	_, err = s.writer.Exec("UPDATE tasks SET version = 0")
	if err := (dialector{}).Translate(err); !errors.Is(err, gorm.ErrCheckConstraintViolated) || judge(err) != gormstore.Failure {
		t.Errorf("a version of 0 = %v, want a violated constraint", err)
	}
}

func TestFileThatCannotBeWrittenIsUnavailable(t *testing.T) {
	address := fresh(t)
	s := start(t, address)
	_, err := s.readers.Exec("DELETE FROM tasks")
	if judge(err) != gormstore.Outage {
		t.Errorf("a write by a reader = %v, want an outage", err)
	}
}

func TestAFileIsRemovedUnlessSomebodyUsesIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tasks.db")
	must(t, Remove(t.Context(), path)) // there is none
	s, err := Open(t.Context(), "sqlite:"+path, Options{})
	must(t, err)
	must(t, s.Migrate(t.Context()))
	if err := Remove(t.Context(), path); !errors.Is(err, ErrInUse) {
		t.Errorf("Remove of a file that is open = %v", err)
	}
	must(t, s.Ping(t.Context()))
	must(t, s.Close())
	must(t, Remove(t.Context(), path))
	must(t, os.WriteFile(path, []byte("this is no database, and long enough to be looked at as one"), 0o600))
	must(t, Remove(t.Context(), path))
	if left, err := filepath.Glob(path + "*"); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}
