-- The same as postgres.sql, in the order in which SQLite keeps it. Nothing
-- needs to survive a crash yet.

PRAGMA journal_mode = OFF;

PRAGMA synchronous = OFF;

PRAGMA cache_size = -262144;

WITH RECURSIVE numbers (u) AS (SELECT 0 UNION ALL SELECT u + 1 FROM numbers WHERE u < {users} - 1)
INSERT INTO users (user_id, tasks)
SELECT CAST({first_user} + u AS TEXT), {each} FROM numbers;

WITH RECURSIVE
    owners (u) AS (SELECT 0 UNION ALL SELECT u + 1 FROM owners WHERE u < {users} - 1),
    counts (k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM counts WHERE k < {each} - 1),
    numbers AS (SELECT u, k, u + {users} * k AS n, {first_instant} + (u + {users} * k) * {apart} AS at FROM owners CROSS JOIN counts),
    texts AS (
        SELECT
            *,
            printf('%016x', ((at / 1000) << 16) + 28672 + at % 1000 * 4096 / 1000) AS high,
            printf('%016x', -9223372036854775807 - 1 + n * {scatter}) AS low,
            at + 720 * 3600000000 AS due,
            CASE n % 5
                WHEN 0 THEN 'Buy milk and bread' WHEN 1 THEN 'Call the plumber about the sink'
                WHEN 2 THEN 'Write the report' WHEN 3 THEN 'Book a table for six' ELSE 'Water the plants'
            END || ', no. ' || n AS title,
            CASE k % 3 WHEN 0 THEN '' ELSE
                'The shop at the corner closes at eight, so be there before.' ||
                ' If it is closed already, the station has one that is open all night.'
            END AS description
        FROM numbers
    )
INSERT INTO tasks (
    user_id, id, created_at, updated_at, version, completed_at,
    title, title_folded, description, description_folded, tags,
    priority, due_date, due_at, due_sort
)
SELECT
    CAST({first_user} + u AS TEXT),
    substr(high, 1, 8) || '-' || substr(high, 9, 4) || '-' || substr(high, 13) || '-' || substr(low, 1, 4) || '-' || substr(low, 5),
    at,
    CASE WHEN k % 4 = 0 THEN at + 3600000000 ELSE at END,
    CASE WHEN k % 4 = 0 THEN 2 ELSE 1 END,
    CASE WHEN k % 4 = 0 THEN at + 3600000000 END,
    title, upper(title), description, upper(description),
    CASE k % 3 WHEN 0 THEN '[]' WHEN 1 THEN '["home"]' ELSE '["home","this week"]' END,
    k % 4,
    CASE WHEN k % 3 = 1 THEN date(due / 1000000, 'unixepoch') END,
    CASE WHEN k % 3 = 2 THEN due END,
    CASE k % 3 WHEN 1 THEN due / 86400000000 * 86400000000 WHEN 2 THEN due END
FROM texts;

ANALYZE;
