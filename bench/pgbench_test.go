package main

import (
	"strings"
	"testing"
	"time"
)

const logged = `2026-11-23 01:00:00.000 UTC [1] LOG:  statement: SELECT 1
2026-11-23 01:00:00.000 UTC [1] LOG:  execute stmtcache_5: SELECT title, version FROM tasks WHERE user_id = $1 AND id = $2
2026-11-23 01:00:00.000 UTC [1] DETAIL:  parameters: $1 = '100', $2 = 'abc'
2026-11-23 01:00:00.000 UTC [1] LOG:  execute <unnamed>: UPDATE tasks SET title = $1, due_date = $2, updated_at = $3, version = $4 WHERE user_id = $5 AND id = $6 AND version = $7
2026-11-23 01:00:00.000 UTC [1] DETAIL:  Parameters: $1 = 'it''s $5', $2 = NULL, $3 = '2026-11-23 01:00:00+00', $4 = '2', $5 = '100', $6 = 'abc', $7 = '1'
2026-11-23 01:00:00.000 UTC [2] LOG:  execute stmtcache_6: SELECT 2
`

const theID = "CAST('0' || to_hex(CAST(:high AS bigint)) || to_hex(CAST(:low AS bigint)) AS uuid)"

func TestStatementsOfTheLogBecomeAScript(t *testing.T) {
	found := statementsIn(logged)
	if len(found) != 2 {
		t.Fatalf("%d statements with parameters, want 2: %v", len(found), found)
	}
	for i := range found {
		found[i].name("100", "abc")
	}
	want := "SELECT title, version FROM tasks WHERE user_id = :user AND id = " + theID + "\n\\gset\n\\set next :version + 1\n" +
		`UPDATE tasks SET title = 'it''s $5', due_date = NULL, updated_at = E'2026-11-23 01\x3A00\x3A00+00', version = :next` +
		" WHERE user_id = :user AND id = " + theID + " AND version = :version;\n"
	if got := script(change, found); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestOnlyAChangeKeepsWhatItReads(t *testing.T) {
	found := statementsIn(logged)[:1]
	if got := script(get, found); got != "SELECT title, version FROM tasks WHERE user_id = '100' AND id = 'abc';\n" {
		t.Errorf("got %s", got)
	}
}

func TestLiteralsHideNothingAsAVariable(t *testing.T) {
	for literal, want := range map[string]string{
		`NULL`: `NULL`, `'a'`: `'a'`, `'a:b'`: `E'a\x3Ab'`, `'\ :b'`: `E'\\ \x3Ab'`,
	} {
		if got := guarded(literal); got != want {
			t.Errorf("guarded(%s) = %s, want %s", literal, got, want)
		}
	}
}

func TestRemovesAreNeverOfTasksThatOthersWant(t *testing.T) {
	c := world{users: 400, each: 100}.crowd(2)
	for op, want := range map[operation]string{
		get: "random(2, 49)", change: "random(2, 49)", remove: "random(50, 98)", create: "random(1, 1000000000000)",
	} {
		got := c.variables(op)
		if !strings.Contains(got, want) || !strings.HasPrefix(got, `\set u 2 + 4 * random(0, 99)`) {
			t.Errorf("%s: got\n%s\nwant %s", op, got, want)
		}
	}
}

func TestReportOfPgbenchIsRead(t *testing.T) {
	got, err := readPgbench("number of transactions actually processed: 500\nlatency average = 3 ms\ntps = 250.000000 (without initial connection time)\n")
	if err != nil || got.good() != 500 || got.elapsed != 2*time.Second {
		t.Errorf("%d transactions in %v, %v; want 500 in 2 s", got.good(), got.elapsed, err)
	}
	for _, report := range []string{"", "number of transactions actually processed: 0\ntps = 0.000000", "tps = 1.0"} {
		if _, err := readPgbench(report); err == nil {
			t.Errorf("readPgbench(%q) knows a rate", report)
		}
	}
}
