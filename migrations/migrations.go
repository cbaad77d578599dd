// Package migrations holds the schema of each engine, as numbered steps in SQL
// that go forward and back.
//
// Replicas of two versions run side by side while a new one is rolled out, so
// a change comes in two steps: one expands the schema, and a later one, when
// no program needs the old form any more, contracts it. Each step notes in the
// table compatibility the oldest program that can live with it, named by the
// newest step that the program knows.
package migrations

import "embed"

// Postgres holds the steps for PostgreSQL, in the folder postgres.
//
//go:embed postgres/*.sql
var Postgres embed.FS

// SQLite holds the steps for SQLite, in the folder sqlite.
//
//go:embed sqlite/*.sql
var SQLite embed.FS
