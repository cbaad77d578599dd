package main

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite" // the driver
)

//go:embed seed/postgres.sql
var seedPostgres string

//go:embed seed/sqlite.sql
var seedSQLite string

// fillPostgres puts a world into a database of PostgreSQL that Taskhold has
// migrated.
func fillPostgres(ctx context.Context, url string, w world) (err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	for _, statement := range statements(w.fill(seedPostgres)) {
		if _, err := conn.Exec(ctx, statement, pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
	}
	return nil
}

// fillSQLite puts a world into a file that Taskhold has migrated.
func fillSQLite(ctx context.Context, path string, w world) (err error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close(), syncFile(path)) }()
	db.SetMaxOpenConns(1) // which the pragmas are set on
	for _, statement := range statements(w.fill(seedSQLite)) {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// statements are those of a file. None holds a semicolon at the end of a line.
func statements(file string) []string {
	var all []string
	for part := range strings.SplitSeq(file, ";\n") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// syncFile makes up for what was written without waiting for the disk.
func syncFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
