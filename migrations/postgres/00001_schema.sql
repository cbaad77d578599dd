-- +goose Up

-- Search and sort compare code points, which other encodings do not have.
-- +goose StatementBegin
DO $$
BEGIN
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'the database has the encoding %, but it must have UTF8: create it with ENCODING ''UTF8''',
            current_setting('server_encoding');
    END IF;
END
$$;
-- +goose StatementEnd

CREATE TABLE compatibility (
    migration bigint PRIMARY KEY,
    oldest    bigint NOT NULL CHECK (oldest BETWEEN 1 AND migration)
);

-- erased_at is for ever: who was erased has no tasks again. tasks counts the
-- user's rows below; each create and delete writes it, hence the room for new
-- versions of a row on its own page.
CREATE TABLE users (
    user_id   text COLLATE "C" PRIMARY KEY CHECK (user_id <> ''),
    tasks     bigint NOT NULL CHECK (tasks >= 0),
    erased_at timestamptz
) WITH (fillfactor = 70);

-- The order of ids is that of created_at, so the primary key lists newest
-- first. Other orders sort what is the user's: 50,000 tasks in some 50 ms, for
-- which no create should have to write an index more. No index holds a column
-- that every save writes (updated_at, version), so a save writes no index at
-- all. What is of fixed width comes first: it is read without a look at what
-- precedes it.
CREATE TABLE tasks (
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL CHECK (updated_at >= created_at),
    version            bigint NOT NULL CHECK (version >= 1),
    id                 uuid NOT NULL,
    priority           smallint NOT NULL CHECK (priority BETWEEN 0 AND 3),
    due_date           date,
    completed_at       timestamptz CHECK (completed_at BETWEEN created_at AND updated_at),
    due_at             timestamptz,
    due_sort           timestamptz,
    user_id            text COLLATE "C" NOT NULL CHECK (user_id <> ''),
    title              text COLLATE "C" NOT NULL CHECK (title <> ''),
    title_folded       text COLLATE "C" NOT NULL,
    tags               jsonb NOT NULL CHECK (jsonb_typeof(tags) = 'array'),
    description        text COLLATE "C" NOT NULL,
    description_folded text COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, id),
    CHECK (due_date IS NULL OR due_at IS NULL),
    CHECK (due_sort IS NULL OR due_date IS NOT NULL OR due_at IS NOT NULL)
) WITH (fillfactor = 85);

-- status is null until the reply of the request is known. claimed_at is in the
-- primary key's index so that a user's live keys are counted there.
CREATE TABLE replays (
    claimed_at timestamptz NOT NULL,
    status     smallint,
    user_id    text COLLATE "C" NOT NULL CHECK (user_id <> ''),
    key        text COLLATE "C" NOT NULL,
    request    bytea,
    location   text COLLATE "C",
    etag       text COLLATE "C",
    body       bytea,
    PRIMARY KEY (user_id, key) INCLUDE (claimed_at)
) WITH (fillfactor = 70);

CREATE INDEX replays_claimed_at ON replays (claimed_at);

CREATE TABLE keys (
    name  text COLLATE "C" PRIMARY KEY,
    value bytea NOT NULL
);

INSERT INTO compatibility (migration, oldest) VALUES (1, 1);

-- +goose Down

DROP TABLE keys, replays, tasks, users, compatibility;
