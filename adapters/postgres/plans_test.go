package postgres

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"taskhold/adapters/postgres/postgrestest"
)

var update = flag.Bool("update", false, "write the plans in testdata anew")

const plansFolder = "testdata/plans"

// peopled is a database in use, as large as ANALYZE reads it whole, so that it
// says the same each time: 200 users of 100 tasks, one who has a twentieth of
// all, and many more who have none at the moment or who use keys.
var peopled = []string{
	`INSERT INTO users (user_id, tasks) SELECT 'user-' || n, CASE WHEN n < 200 THEN 100 ELSE 0 END FROM generate_series(0, 9999) AS n`,
	`INSERT INTO users (user_id, tasks) VALUES ('heavy', 1000)`,
	`INSERT INTO tasks (user_id, id, created_at, updated_at, version, title, title_folded, description, description_folded,
		priority, tags, due_date, due_at, due_sort, completed_at)
	SELECT CASE WHEN n % 21 = 0 THEN 'heavy' ELSE 'user-' || n % 200 END,
		(lpad(to_hex(n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid, at, at + interval '1 hour',
		1, 'milk ' || n, 'MILK ' || n, repeat('two litres ', 20), repeat('TWO LITRES ', 20), n % 4,
		CASE n % 3 WHEN 0 THEN '["home"]' ELSE '[]' END::jsonb,
		CASE n % 5 WHEN 1 THEN at::date END, CASE n % 5 WHEN 2 THEN at END, CASE n % 5 WHEN 1 THEN at::date WHEN 2 THEN at END,
		CASE n % 4 WHEN 3 THEN at + interval '1 hour' END
	FROM generate_series(1, 21000) AS n, LATERAL (SELECT '2026-01-01Z'::timestamptz + n * interval '1 minute' AS at) AS instants`,
	`INSERT INTO replays (user_id, key, claimed_at, status, request, location, etag, body)
	SELECT CASE WHEN n % 21 = 0 THEN 'heavy' ELSE 'user-' || n % 2000 END, 'key-' || n, '2026-01-01Z'::timestamptz + n * interval '10 seconds',
		201, repeat('r', 32)::bytea, '/v1/tasks/1', '"1"', repeat('b', 400)::bytea
	FROM generate_series(1, 20000) AS n`,
	`VACUUM (ANALYZE) users`, `VACUUM (ANALYZE) tasks`, `VACUUM (ANALYZE) replays`,
}

// skewed is the same, but that one user has a quarter of all keys, and that
// nobody has vacuumed yet, so that an index does not do without the table.
var skewed = func() (all []string) {
	for _, statement := range peopled {
		if strings.HasPrefix(statement, "INSERT INTO replays") {
			all = append(all, `ALTER TABLE replays SET (autovacuum_enabled = off)`)
			statement = strings.Replace(statement, "n % 21 = 0", "n % 4 = 0", 1)
		}
		all = append(all, strings.Replace(statement, "VACUUM (ANALYZE) replays", "ANALYZE replays", 1))
	}
	return all
}()

// defaults are the planner's settings that a server may have changed.
const defaults = `SET LOCAL random_page_cost = 4; SET LOCAL seq_page_cost = 1; SET LOCAL effective_cache_size = '4GB';
	SET LOCAL work_mem = '4MB'; SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 2; SET LOCAL timezone = 'UTC'`

// ran is a statement that the store sent.
type ran struct {
	text string
	args []any
}

// recorder is a tracer that keeps the statements on tables.
type recorder struct {
	mu  sync.Mutex
	ran []ran
}

var onTables = regexp.MustCompile(`^(SELECT|INSERT|UPDATE|DELETE|WITH) `)

func (r *recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	if onTables.MatchString(data.SQL) {
		args := slices.DeleteFunc(slices.Clone(data.Args), func(arg any) bool { return strings.HasPrefix(fmt.Sprintf("%T", arg), "pgx.") })
		r.ran = append(r.ran, ran{data.SQL, args})
	}
	return ctx
}

func (*recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// take returns what was recorded since the last time, each text once.
func (r *recorder) take() (all []ran) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.ran {
		if !slices.ContainsFunc(all, func(other ran) bool { return other.text == one.text }) {
			all = append(all, one)
		}
	}
	r.ran = nil
	return all
}

// Every statement that the store sends has its plan in a file, and keeps the
// rules on every version of PostgreSQL, whoever asks.
func TestPlansAreKnownAndKeepTheRules(t *testing.T) {
	got := map[string]string{}
	all, major := planned(t, peopled, acts(), "", got)
	planned(t, skewed, keyed(), "-of-many", got)
	compare(t, major, got)
	everyPart(t, all)
}

// planned does what a store does on a database, and puts the plans into got by
// what it is called.
func planned(t *testing.T, people []string, acts []act, suffix string, got map[string]string) (all []ran, major int) {
	t.Helper()
	config, err := pgxpool.ParseConfig(postgrestest.Open(t, migrated))
	must(t, err)
	seen := new(recorder)
	config.ConnConfig.Tracer = seen
	config.ConnConfig.RuntimeParams["synchronous_commit"] = "on" // what is not on the disk yet VACUUM takes for not visible to all
	s, err := open(t.Context(), config, Options{PoolSize: 2})
	must(t, err)
	defer s.Close()
	for _, statement := range people {
		s.sql(t, statement)
	}
	seen.take()
	for _, a := range acts {
		for _, name := range []string{"user-7", "heavy"} { // the file is of the last
			a.do(t, s, user(t, name))
			statements := seen.take()
			got[a.name+suffix+".txt"] = s.plans(t, a.name+suffix+" of "+name, statements)
			all = append(all, statements...)
			seen.take()
		}
	}
	return all, s.version(t)
}

func (s *Store) version(t *testing.T) (major int) {
	t.Helper()
	must(t, s.pool.QueryRow(t.Context(), "SELECT current_setting('server_version_num')::int / 10000").Scan(&major))
	return major
}

// plans checks how statements are planned, and returns it as it is kept.
func (s *Store) plans(t *testing.T, name string, statements []ran) string {
	t.Helper()
	var b strings.Builder
	for _, one := range statements {
		fmt.Fprintf(&b, "\n-- %s\n", one.text)
		for _, mode := range []string{"custom", "generic"} {
			text, plan := s.plan(t, one, mode)
			fmt.Fprintf(&b, "%s:\n%s\n", mode, text)
			if mode == "generic" && unowned.MatchString(one.text) {
				continue // dearer than the other, so that PostgreSQL does not come to use it
			}
			for _, fault := range faults(one.text, plan) {
				t.Errorf("%s, %s plan: %s\n%s\n%s", name, mode, fault, one.text, text)
			}
		}
	}
	return b.String()
}

// plan returns the plan for these values, or the one for any values that
// PostgreSQL may come to use for a prepared statement.
func (s *Store) plan(t *testing.T, one ran, mode string) (text string, root node) {
	t.Helper()
	tx, err := s.pool.Begin(t.Context())
	must(t, err)
	defer tx.Rollback(t.Context())
	var call strings.Builder
	for i, arg := range one.args {
		call.WriteString(map[bool]string{true: "(", false: ", "}[i == 0] + literal(arg))
	}
	if call.Len() > 0 {
		call.WriteString(")")
	}
	prepare := defaults + "; SET LOCAL plan_cache_mode = force_" + mode + "_plan; PREPARE planned AS " + one.text
	_, err = tx.Exec(t.Context(), prepare, pgx.QueryExecModeSimpleProtocol)
	must(t, err)
	explain := func(options string) []string {
		rows, err := tx.Query(t.Context(), "EXPLAIN ("+options+") EXECUTE planned"+call.String(), pgx.QueryExecModeSimpleProtocol)
		must(t, err)
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		must(t, err)
		return lines
	}
	var plans []struct{ Plan node }
	must(t, json.Unmarshal([]byte(strings.Join(explain("COSTS OFF, FORMAT JSON"), "\n")), &plans))
	text = strings.Join(explain("COSTS OFF"), "\n")
	_, err = tx.Exec(t.Context(), "DEALLOCATE planned") // which a rollback does not
	must(t, err)
	return text, plans[0].Plan
}

// literal writes a value as SQL.
func literal(arg any) string {
	switch v := arg.(type) {
	case nil:
		return "NULL"
	case time.Time:
		return "'" + v.Format(time.RFC3339Nano) + "'"
	case []byte:
		return `'\x` + hex.EncodeToString(v) + "'"
	case string:
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	}
	return fmt.Sprint(arg)
}

// node is a part of a plan.
type node struct {
	Type  string `json:"Node Type"`
	Table string `json:"Relation Name"`
	Index string `json:"Index Name"`
	Cond  string `json:"Index Cond"`
	Plans []node
}

var (
	ofUser  = regexp.MustCompile(`^\(+user_id = `)
	unowned = regexp.MustCompile(`^DELETE FROM replays WHERE \(user_id, key\) IN `) // the purge, of whoever's replays
	sorting = regexp.MustCompile(`ORDER BY (updated_at|due_sort|priority|title_folded) `)
	sparse  = regexp.MustCompile(` AND (completed_at IS NOT NULL|priority|tags|\(strpos|\(due_date|updated_at|FALSE).* ORDER BY id `)
)

// faults are the rules that a plan breaks: rows are found by an index whose
// condition begins with the user, none is read to find out that it is of
// another, and a list that the index orders is not sorted. Where a filter lets
// little through, all that is the user's has to be read, which is cheaper in
// the order of the pages, with what is left sorted. The keys are a handful and
// nobody's.
func faults(statement string, n node) (all []string) {
	switch {
	case n.Table == "keys":
	case n.Type == "Seq Scan":
		all = append(all, "a sequential scan of "+n.Table)
	case n.Index == "replays_claimed_at" && unowned.MatchString(statement):
	case n.Index != "" && !ofUser.MatchString(n.Cond):
		all = append(all, n.Index+" is not asked for a user: "+n.Cond)
	case strings.HasSuffix(n.Type, "Sort") && !sorting.MatchString(statement) && !sparse.MatchString(statement):
		all = append(all, "a sort of what an index orders")
	}
	for _, part := range n.Plans {
		all = append(all, faults(statement, part)...)
	}
	return all
}

func TestPlansThatBreakARuleAreNoticed(t *testing.T) {
	const byID, byTitle = "SELECT id FROM tasks WHERE user_id = $1 AND id < $2 ORDER BY id DESC", "SELECT id FROM tasks WHERE user_id = $1 ORDER BY title_folded ASC"
	scan := node{Type: "Index Scan", Index: "tasks_pkey", Cond: "((user_id = $1) AND (id < $2))"}
	for name, c := range map[string]struct {
		statement string
		plan      node
		want      string
	}{
		"a scan of the user's":           {byID, scan, ""},
		"a sort by title":                {byTitle, node{Type: "Sort", Plans: []node{scan}}, ""},
		"a sort by id":                   {byID, node{Type: "Limit", Plans: []node{{Type: "Incremental Sort", Plans: []node{scan}}}}, "a sort"},
		"a sort of few":                  {"SELECT id FROM tasks WHERE user_id = $1 AND priority IN ($2) ORDER BY id DESC", node{Type: "Sort", Plans: []node{scan}}, ""},
		"a sort by created_at":           {"SELECT id FROM tasks WHERE user_id = $1 ORDER BY created_at DESC, id DESC", node{Type: "Sort", Plans: []node{scan}}, "a sort"},
		"a sequential scan":              {byTitle, node{Type: "Sort", Plans: []node{{Type: "Seq Scan", Table: "tasks"}}}, "sequential scan of tasks"},
		"a scan of everybody's ids":      {byID, node{Type: "Bitmap Index Scan", Index: "tasks_pkey", Cond: "(id < $2)"}, "not asked for a user"},
		"a scan without a condition":     {byID, node{Type: "Index Only Scan", Index: "tasks_pkey"}, "not asked for a user"},
		"a user's replays by their time": {byID, node{Type: "Index Scan", Index: "replays_claimed_at", Cond: "(claimed_at < $1)"}, "not asked for a user"},
	} {
		got := strings.Join(faults(c.statement, c.plan), "; ")
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// compare holds the plans against the files. Another version of PostgreSQL may
// plan otherwise, but is sent the same statements.
func compare(t *testing.T, major int, got map[string]string) {
	t.Helper()
	header := fmt.Sprintf("PostgreSQL %d\n", major)
	if *update {
		must(t, os.RemoveAll(plansFolder))
		must(t, os.MkdirAll(plansFolder, 0o755))
		for name, plans := range got {
			must(t, os.WriteFile(filepath.Join(plansFolder, name), []byte(header+plans), 0o644))
		}
	}
	kept, err := filepath.Glob(plansFolder + "/*")
	must(t, err)
	for _, path := range kept {
		if _, ok := got[filepath.Base(path)]; !ok {
			t.Errorf("%s holds the plan of what the store does not do", path)
		}
	}
	for name, plans := range got {
		file, err := os.ReadFile(filepath.Join(plansFolder, name))
		want, now := string(file), header+plans
		if !strings.HasPrefix(want, header) {
			want, now = statementsOf(want), statementsOf(now)
		}
		if err != nil || want != now {
			t.Errorf("%s is otherwise now (-update writes it anew): %v\n%s\nwas\n%s", name, err, now, want)
		}
	}
}

// statementsOf are the statements in a file.
func statementsOf(file string) string {
	var all []string
	for line := range strings.Lines(file) {
		if strings.HasPrefix(line, "-- ") {
			all = append(all, line)
		}
	}
	return strings.Join(all, "")
}
