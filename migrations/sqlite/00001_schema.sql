-- +goose Up

-- Instants are microseconds since 1970, dates are YYYY-MM-DD. See the schema of
-- PostgreSQL for what the tables mean; they are the same.

CREATE TABLE compatibility (
    migration INTEGER PRIMARY KEY,
    oldest    INTEGER NOT NULL CHECK (oldest BETWEEN 1 AND migration)
) STRICT;

CREATE TABLE users (
    user_id   TEXT PRIMARY KEY CHECK (user_id <> ''),
    tasks     INTEGER NOT NULL CHECK (tasks >= 0),
    erased_at INTEGER
) STRICT, WITHOUT ROWID;

-- Without a rowid the rows themselves lie in the order of the primary key, and
-- a user's tasks side by side. The long texts come last: what precedes them is
-- read without the pages that they overflow to.
CREATE TABLE tasks (
    user_id            TEXT NOT NULL CHECK (user_id <> ''),
    id                 TEXT NOT NULL CHECK (length(id) = 36),
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL CHECK (updated_at >= created_at),
    version            INTEGER NOT NULL CHECK (version >= 1),
    priority           INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 3),
    due_date           TEXT CHECK (length(due_date) = 10),
    completed_at       INTEGER CHECK (completed_at BETWEEN created_at AND updated_at),
    due_at             INTEGER,
    due_sort           INTEGER,
    title              TEXT NOT NULL CHECK (title <> ''),
    title_folded       TEXT NOT NULL,
    tags               TEXT NOT NULL CHECK (json_type(tags) = 'array'),
    description        TEXT NOT NULL,
    description_folded TEXT NOT NULL,
    PRIMARY KEY (user_id, id),
    CHECK (due_date IS NULL OR due_at IS NULL),
    CHECK (due_sort IS NULL OR due_date IS NOT NULL OR due_at IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE TABLE replays (
    user_id    TEXT NOT NULL CHECK (user_id <> ''),
    key        TEXT NOT NULL,
    claimed_at INTEGER NOT NULL,
    status     INTEGER,
    request    BLOB,
    location   TEXT,
    etag       TEXT,
    body       BLOB,
    PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX replays_claimed_at ON replays (claimed_at);

-- A user's live keys are counted here, without a look at the replies.
CREATE INDEX replays_live ON replays (user_id, claimed_at);

CREATE TABLE keys (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO compatibility (migration, oldest) VALUES (1, 1);

-- +goose Down

DROP TABLE keys;
DROP TABLE replays;
DROP TABLE tasks;
DROP TABLE users;
DROP TABLE compatibility;
