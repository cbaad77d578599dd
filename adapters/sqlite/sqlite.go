// Package sqlite opens a file of SQLite as a store.
package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"taskhold/adapters/gormstore"
)

// Options are how a program uses the file.
type Options struct {
	// PoolSize is the most connections that read; 0 means 4.
	PoolSize int
}

// busyTimeout is how long SQLite is asked again while another program writes.
const busyTimeout = 5 * time.Second

// Store is a store in a file.
type Store struct {
	*gormstore.Store
	gormstore.Migrator
	readers, writer *sql.DB
}

// Path returns the file that a URL names: sqlite:tasks.db, relative to the
// working directory, or sqlite:/var/lib/taskhold/tasks.db, also written with
// two more slashes. There is nothing but a file: what memory holds, package
// memory holds better.
func Path(address string) (string, error) {
	path, ok := strings.CutPrefix(address, "sqlite:")
	path = strings.TrimPrefix(path, "//")
	if !ok || path == "" || strings.HasPrefix(path, ":") || strings.ContainsAny(path, "?#\x00") {
		return "", errURL
	}
	return path, nil
}

var errURL = errors.New("open SQLite: the URL has to be sqlite: and the path of a file")

// Open opens the store in the file that a URL names, and makes the file if
// there is none; nobody but its owner may read it.
//
// One connection writes and others read. SQLite has one writer at a time, so
// those who write wait in line here, as long as their context lasts, rather
// than asking SQLite again and again; and with a write-ahead log nobody who
// reads waits for them.
func Open(ctx context.Context, address string, o Options) (*Store, error) {
	path, err := Path(address)
	if err != nil {
		return nil, err
	}
	if err := create(path); err != nil {
		return nil, err
	}
	s := new(Store)
	if err := s.open(ctx, path, o); err != nil {
		return nil, errors.Join(fmt.Errorf("open SQLite: %w", err), s.Close())
	}
	return s, nil
}

// create makes the file, since SQLite would make it for all to read. Its log
// and index have the mode of the file.
func create(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return fmt.Errorf("open SQLite: %w", err)
	}
	return file.Close()
}

func (s *Store) open(ctx context.Context, path string, o Options) (err error) {
	if s.writer, err = connect(path, 1, url.Values{"_txlock": {"immediate"}}); err != nil {
		return err
	}
	if err := setMode(ctx, s.writer); err != nil {
		return err
	}
	size := 4
	if o.PoolSize > 0 {
		size = o.PoolSize
	}
	if s.readers, err = connect(path, size, url.Values{"_query_only": {"on"}}); err != nil {
		return err
	}
	writer, err := gormstore.Open(s.writer, dialect)
	if err != nil {
		return err
	}
	reader, err := gormstore.Open(s.readers, dialect)
	if err != nil {
		return err
	}
	s.Store = gormstore.New(engine(reader, writer))
	s.Migrator, err = migrator(s.writer)
	return err
}

// setMode makes the first connection, which sets the journal's mode for all.
// While another program does so, or closes the file, SQLite says at once that
// the file is locked, whatever the busy timeout.
func setMode(ctx context.Context, db *sql.DB) error {
	for deadline := time.Now().Add(busyTimeout); ; {
		err := db.PingContext(ctx)
		if said, ok := errors.AsType[*sqlite.Error](err); !ok || said.Code()&0xff != sqlite3.SQLITE_BUSY || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func dialect(pool gorm.ConnPool) gorm.Dialector { return dialector{pool} }

// connect opens a pool whose connections stay open: each has read the schema
// and holds pages.
func connect(path string, size int, settings url.Values) (*sql.DB, error) {
	to, err := connector(path, settings)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(to)
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

func connector(path string, settings url.Values) (driver.Connector, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	settings.Set("_journal_mode", "WAL")
	settings.Set("_synchronous", "FULL") // WAL's default loses what was acknowledged when power fails
	settings.Set("_foreign_keys", "on")
	settings.Set("_busy_timeout", strconv.FormatInt(busyTimeout.Milliseconds(), 10)) // for writers of other processes
	settings.Set("_time_integer_format", "unix_micro")
	settings.Set("_dqs", "0")
	settings.Set("_defensive", "1")
	dsn := url.URL{Scheme: "file", Path: filepath.ToSlash(absolute), RawQuery: settings.Encode()}
	return sqlite.NewConnector(dsn.String())
}

// Close waits for statements that run. The last to close moves the log into
// the file.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.readers, s.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}
