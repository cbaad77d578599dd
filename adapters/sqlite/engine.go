package sqlite

import (
	"errors"

	"gorm.io/gorm"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"taskhold/adapters/gormstore"
)

const insertTask = "INSERT INTO tasks (" + gormstore.Columns + ") VALUES (" + gormstore.Marks + ")"

func engine(reader, writer *gorm.DB) gormstore.Engine {
	return gormstore.Engine{
		Reader:    reader,
		Writer:    writer,
		Insert:    insert,
		Delete:    remove,
		Find:      "instr",
		Tagged:    "EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?)",
		Patience:  "FROM (SELECT (SELECT erased_at FROM users WHERE user_id = ?) AS erased_at) AS owner",
		OneWriter: true,
		Judge:     judge,
	}
}

func insert(db *gorm.DB, row []any, quota int) (inserted bool, err error) {
	err = gormstore.Within(db, func(tx *gorm.DB) error {
		counted := tx.Exec(gormstore.CountTask, row[0], quota)
		if counted.Error != nil || counted.RowsAffected == 0 {
			return counted.Error
		}
		inserted = true
		return tx.Exec(insertTask, row...).Error
	})
	return inserted, err
}

func remove(db *gorm.DB, user, id string, version int64) (deleted bool, err error) {
	err = gormstore.Within(db, func(tx *gorm.DB) error {
		done := tx.Exec(gormstore.DeleteTask, user, id, version, version)
		if done.Error != nil || done.RowsAffected == 0 {
			return done.Error
		}
		deleted = true
		return tx.Exec(gormstore.UncountTask, user).Error
	})
	return deleted, err
}

// judge reads the result code. SQLite itself waits for a writer of another
// process, so one that is busy after that is in trouble; but what was busy for
// a moment only, it leaves to the caller to try again.
func judge(err error) gormstore.Trouble {
	said, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return gormstore.Failure
	}
	switch said.Code() {
	case sqlite3.SQLITE_BUSY_SNAPSHOT, sqlite3.SQLITE_BUSY_RECOVERY:
		return gormstore.Conflict
	}
	switch said.Code() & 0xff { // the primary code
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_LOCKED,
		sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PERM, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_READONLY:
		return gormstore.Outage
	}
	return gormstore.Failure
}
