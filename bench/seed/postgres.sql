-- What Taskhold's tables hold when a measurement begins. The names in braces
-- are the constants of world.go. Task k of user u has the number u + users * k,
-- and tasks were created in the order of their numbers: those of a user lie
-- scattered, as when many work at once.

SET TIME ZONE 'UTC';

INSERT INTO users (user_id, tasks)
SELECT ({first_user} + u)::text, {each}
FROM generate_series(0, {users} - 1) AS u;

INSERT INTO tasks (
    user_id, id, created_at, updated_at, version, completed_at,
    title, title_folded, description, description_folded, tags,
    priority, due_date, due_at, due_sort
)
SELECT
    ({first_user} + n % {users})::text,
    ('0' || to_hex(((at / 1000) << 16) + 28672 + at % 1000 * 4096 / 1000)
        || to_hex(-9223372036854775807 - 1 + n * {scatter}))::uuid,
    created,
    CASE WHEN k % 4 = 0 THEN created + interval '1 hour' ELSE created END,
    CASE WHEN k % 4 = 0 THEN 2 ELSE 1 END,
    CASE WHEN k % 4 = 0 THEN created + interval '1 hour' END,
    title, upper(title), description, upper(description),
    CASE k % 3 WHEN 0 THEN '[]' WHEN 1 THEN '["home"]' ELSE '["home","this week"]' END::jsonb,
    k % 4,
    CASE WHEN k % 3 = 1 THEN due::date END,
    CASE WHEN k % 3 = 2 THEN due END,
    CASE k % 3 WHEN 1 THEN due::date::timestamptz WHEN 2 THEN due END
FROM generate_series(0, {users}::bigint * {each} - 1) AS n,
    LATERAL (SELECT n / {users} AS k, {first_instant} + n * {apart} AS at) AS numbers,
    LATERAL (SELECT timestamptz 'epoch' + at * interval '1 microsecond' AS created) AS instants,
    LATERAL (
        SELECT
            created + interval '720 hours' AS due,
            CASE n % 5
                WHEN 0 THEN 'Buy milk and bread' WHEN 1 THEN 'Call the plumber about the sink'
                WHEN 2 THEN 'Write the report' WHEN 3 THEN 'Book a table for six' ELSE 'Water the plants'
            END || ', no. ' || n AS title,
            CASE k % 3 WHEN 0 THEN '' ELSE
                'The shop at the corner closes at eight, so be there before.' ||
                ' If it is closed already, the station has one that is open all night.'
            END AS description
    ) AS texts;

VACUUM (FREEZE, ANALYZE) tasks;

VACUUM (FREEZE, ANALYZE) users;

CHECKPOINT;
