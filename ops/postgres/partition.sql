-- Spreads the users' tables over hash partitions of the user, in one
-- transaction: psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -f partition.sql
-- Nobody reads or writes meanwhile, so stop Taskhold first, or have it answer
-- 503. Room for a second copy of the tables is needed until the end. The
-- program needs no change: every statement of a user reaches one partition.

BEGIN;

LOCK TABLE users, tasks, replays IN ACCESS EXCLUSIVE MODE;

DO $$
DECLARE
    partitions CONSTANT int := 16;
    part record;
    made text;
BEGIN
    FOR part IN
        SELECT * FROM (VALUES
            ('users', 'PRIMARY KEY (user_id)', 70),
            ('tasks', 'PRIMARY KEY (user_id, id)', 85),
            ('replays', 'PRIMARY KEY (user_id, key) INCLUDE (claimed_at)', 70)
        ) AS t (name, key, fillfactor)
    LOOP
        EXECUTE format('ALTER TABLE %1$I RENAME TO %1$s_whole', part.name);
        EXECUTE format('ALTER INDEX %1$s_pkey RENAME TO %1$s_whole_pkey', part.name);
        EXECUTE format('CREATE TABLE %1$I (LIKE %1$s_whole INCLUDING DEFAULTS INCLUDING CONSTRAINTS, %2$s) PARTITION BY HASH (user_id)', part.name, part.key);
        FOR i IN 0 .. partitions - 1 LOOP
            made := format('%s_%s', part.name, i);
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS %s, REMAINDER %s) WITH (fillfactor = %s)',
                made, part.name, partitions, i, part.fillfactor);
        END LOOP;
        EXECUTE format('INSERT INTO %1$I SELECT * FROM %1$s_whole', part.name);
        EXECUTE format('DROP TABLE %1$s_whole', part.name);
    END LOOP;
END
$$;

CREATE INDEX replays_claimed_at ON replays (claimed_at);

COMMIT;

ANALYZE users, tasks, replays;
