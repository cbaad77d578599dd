package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrInUse is told of a file that a program has open.
var ErrInUse = errors.New("a program that runs uses the file")

// Remove deletes the file of a store, if there is one, and what SQLite keeps
// beside it. A program that has it open would go on to write where nobody
// finds it again, so that is ErrInUse.
func Remove(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err == nil && inUse(ctx, path) {
		return fmt.Errorf("remove SQLite's file: %w", ErrInUse)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove SQLite's file: %w", err)
		}
	}
	return nil
}

// inUse reports whether another holds the lock that each connection to a
// write-ahead log holds for as long as it is open. What cannot be read is in
// nobody's use.
func inUse(ctx context.Context, path string) bool {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	settings := url.Values{"_pragma": {"locking_mode(exclusive)"}}
	alone, err := sqlite.NewConnector((&url.URL{Scheme: "file", Path: filepath.ToSlash(absolute), RawQuery: settings.Encode()}).String())
	if err != nil {
		return false
	}
	db := sql.OpenDB(alone)
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, "BEGIN EXCLUSIVE")
	said, ok := errors.AsType[*sqlite.Error](err)
	return ok && said.Code()&0xff == sqlite3.SQLITE_BUSY
}
