package postgres

import (
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"taskhold/adapters/gormstore"
)

const (
	insertTask = "WITH counted AS (" + gormstore.CountTask + " RETURNING user_id)" +
		" INSERT INTO tasks (" + gormstore.Columns + ") SELECT " + gormstore.Marks + " FROM counted"

	deleteTask = "WITH gone AS (" + gormstore.DeleteTask + " RETURNING user_id) " +
		gormstore.UncountTask + " AND EXISTS (SELECT 1 FROM gone)"
)

func engine(db *gorm.DB, pool patient) gormstore.Engine {
	return gormstore.Engine{
		Reader: db,
		Writer: db,
		Query:  pool.query,
		Insert: func(db *gorm.DB, row []any, quota int) (bool, error) {
			done := db.Exec(insertTask, append([]any{row[0], quota}, row...)...)
			return done.RowsAffected > 0, done.Error
		},
		Delete: func(db *gorm.DB, user, id string, version int64) (bool, error) {
			done := db.Exec(deleteTask, user, id, version, version, user)
			return done.RowsAffected > 0, done.Error
		},
		Find:   "strpos",
		Tagged: "tags @> to_jsonb(CAST(? AS text))",
		// The owner's row is locked so that Erase waits for the unit of work.
		// Creates and deletes write the row without its key, and do not wait.
		Patience: "FROM set_config('lock_timeout', '2s', TRUE)" +
			" LEFT JOIN (SELECT erased_at FROM users WHERE user_id = ? FOR KEY SHARE) AS owner ON TRUE",
		Unhurried:  unhurried,
		SkipLocked: gormstore.SkipLocked,
		Judge:      judge,
	}
}

// judge reads the SQLSTATE. Whatever the server did not say is trouble on the
// way to it.
func judge(err error) gormstore.Trouble {
	if said, ok := errors.AsType[*pgconn.PgError](err); ok {
		return judgeState(said.Code)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return gormstore.Outage
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return gormstore.Outage
	}
	for _, outage := range []error{errPool, driver.ErrBadConn, io.ErrUnexpectedEOF, io.EOF, net.ErrClosed} {
		if errors.Is(err, outage) {
			return gormstore.Outage
		}
	}
	if err != nil && (pgconn.SafeToRetry(err) || strings.HasSuffix(err.Error(), "conn closed")) {
		return gormstore.Outage
	}
	return gormstore.Failure
}

// See PostgreSQL's manual, appendix A.
func judgeState(code string) gormstore.Trouble {
	switch code {
	case "40001", "40P01": // serialization failure, deadlock
		return gormstore.Conflict
	case "55P03": // lock not available
		return gormstore.Locked
	case "25006", "57014", "57P01", "57P02", "57P03", "57P05": // read-only, statement timeout, shutdown, crash, start
		return gormstore.Outage
	}
	outages := []string{"08", "28", "3D", "53", "58"} // connection, sign-in, no such database, resources, system
	if slices.Contains(outages, code[:min(2, len(code))]) {
		return gormstore.Outage
	}
	return gormstore.Failure
}
