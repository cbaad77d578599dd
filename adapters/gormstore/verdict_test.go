package gormstore

import (
	"strings"
	"testing"
)

func TestGuardLetsThroughWhatNamesTheUser(t *testing.T) {
	for name, statement := range map[string]string{
		"a select by user":                  "SELECT id FROM tasks WHERE user_id = ?",
		"with a numbered placeholder":       "SELECT id FROM tasks WHERE user_id = $1",
		"the user last":                     "SELECT id FROM tasks WHERE id = ? AND user_id = ?",
		"the user in the middle":            "SELECT id FROM tasks WHERE id = ? AND user_id = ? AND version > 3 ORDER BY id",
		"in any case":                       "select ID from TASKS where USER_ID = ?",
		"in quotes, as GORM writes":         `SELECT * FROM "tasks" WHERE "tasks"."user_id" = $1 AND "id" = $2 LIMIT 1`,
		"with the schema":                   "SELECT id FROM public.tasks WHERE user_id = ?",
		"by an alias":                       "SELECT t.id FROM tasks AS t WHERE t.user_id = ?",
		"by an alias without AS":            "SELECT t.id FROM tasks t WHERE t.user_id = ?",
		"an OR in parentheses":              "SELECT id FROM tasks WHERE user_id = ? AND (title = 'a' OR title = 'b')",
		"a comment":                         "SELECT id /* all */ FROM tasks -- really\n WHERE user_id = ?",
		"a join of two, each with its user": "SELECT 1 FROM tasks t JOIN users u ON u.user_id = t.user_id WHERE t.user_id = ? AND u.user_id = ?",
		"a subselect with its own":          "SELECT (SELECT tasks FROM users WHERE user_id = ?) FROM tasks WHERE user_id = ?",
		"both halves of a union":            "SELECT id FROM tasks WHERE user_id = ? UNION SELECT key FROM replays WHERE user_id = ?",
		"an insert with the column":         "INSERT INTO tasks (user_id, id) VALUES (?, ?)",
		"an insert of a select":             "INSERT INTO tasks (id, user_id) SELECT ?, user_id FROM users WHERE user_id = ?",
		"an upsert":                         "INSERT INTO users (user_id, tasks) VALUES (?, 1) ON CONFLICT (user_id) DO UPDATE SET tasks = users.tasks + 1 WHERE users.tasks < ?",
		"an update":                         "UPDATE tasks SET title = ? WHERE user_id = ? AND id = ?",
		"an update of a column called so":   "UPDATE users SET tasks = tasks - 1 WHERE user_id = ?",
		"a delete":                          "DELETE FROM tasks WHERE user_id = ? RETURNING id",
		"a locking select":                  "SELECT erased_at FROM users WHERE user_id = ? FOR KEY SHARE",
		"another table":                     "SELECT value FROM keys WHERE name = ?",
		"a function":                        "SELECT set_config('lock_timeout', '2s', true)",
		"a savepoint":                       "SAVEPOINT within",
		"its release":                       "RELEASE SAVEPOINT within",
		"its rollback":                      "ROLLBACK TO SAVEPOINT within",
		"the purge of one engine":           purgeBegin + purgeEnd,
		"the purge of another":              strings.Replace(strings.Replace(purgeBegin+SkipLocked+purgeEnd, "?", "$1", 1), "?", "$2", 1),
	} {
		if err := judge(statement); err != nil {
			t.Errorf("%s: %q is refused: %v", name, statement, err)
		}
	}
}

func TestGuardRefusesWhatMayReachAnother(t *testing.T) {
	for name, statement := range map[string]string{
		"no condition":                         "SELECT * FROM tasks",
		"no condition, in quotes":              `DELETE FROM "tasks"`,
		"no condition, in backquotes":          "DELETE FROM `tasks`",
		"no condition, in brackets":            "DELETE FROM [tasks]",
		"no condition, as a text":              "DELETE FROM 'tasks'",
		"an insert in brackets":                "INSERT INTO [tasks] (id) VALUES (?)",
		"no condition, in upper case":          "DELETE FROM TASKS",
		"no condition, with the schema":        `SELECT * FROM "public"."tasks"`,
		"another condition":                    "SELECT * FROM tasks WHERE id = ?",
		"the user in a comment":                "SELECT * FROM tasks WHERE id = ? -- AND user_id = ?",
		"the user in another comment":          "SELECT * FROM tasks WHERE id = ? /* AND user_id = ? */",
		"the user in a text":                   "SELECT * FROM tasks WHERE title = ' AND user_id = ? AND '",
		"a comment in a comment":               "SELECT * FROM tasks WHERE id = ? /* /* */ AND user_id = ? /* */ */",
		"the column itself":                    "SELECT * FROM tasks WHERE user_id = user_id",
		"a literal":                            "SELECT * FROM tasks WHERE user_id = 'ann'",
		"another comparison":                   "SELECT * FROM tasks WHERE user_id <> ?",
		"a list":                               "SELECT * FROM tasks WHERE user_id IN (?)",
		"any of many":                          "SELECT * FROM tasks WHERE user_id = ANY(?)",
		"a pattern":                            "SELECT * FROM tasks WHERE user_id LIKE ?",
		"a negation":                           "SELECT * FROM tasks WHERE NOT user_id = ?",
		"a negation around":                    "SELECT * FROM tasks WHERE NOT (user_id = ?)",
		"an OR":                                "SELECT * FROM tasks WHERE user_id = ? OR id = ?",
		"an OR after":                          "SELECT * FROM tasks WHERE user_id = ? AND id = ? OR TRUE",
		"an OR around":                         "SELECT * FROM tasks WHERE (user_id = ? OR id = ?)",
		"a comparison of the comparison":       "SELECT * FROM tasks WHERE user_id = ? = FALSE",
		"a test of the comparison":             "SELECT * FROM tasks WHERE user_id = ? IS NOT TRUE",
		"a concatenation":                      "SELECT * FROM tasks WHERE id = ? || user_id = ?",
		"a CASE around":                        "SELECT * FROM tasks WHERE CASE WHEN TRUE AND user_id = ? AND TRUE THEN FALSE ELSE TRUE END",
		"a BETWEEN before":                     "SELECT * FROM tasks WHERE title BETWEEN ? AND user_id = ?",
		"the user in FILTER":                   "SELECT COUNT(*) FILTER (WHERE user_id = ?) FROM tasks",
		"the user in HAVING":                   "SELECT user_id FROM tasks GROUP BY user_id HAVING user_id = ?",
		"the user in ON":                       "SELECT * FROM keys LEFT JOIN tasks ON user_id = ?",
		"the user of another":                  "SELECT * FROM tasks, (SELECT ? AS user_id) x WHERE x.user_id = ?",
		"the user of one of two":               "SELECT * FROM tasks t JOIN users u ON TRUE WHERE u.user_id = ?",
		"the user of neither of two":           "SELECT * FROM tasks t, users u WHERE user_id = ?",
		"the user by a name that it lost":      "SELECT * FROM tasks t WHERE tasks.user_id = ?",
		"columns named anew":                   "SELECT * FROM tasks AS t (a, b, user_id) WHERE user_id = ?",
		"a join in parentheses":                "SELECT * FROM (tasks JOIN keys ON TRUE) WHERE user_id = ?",
		"a second table after a comma":         "SELECT * FROM keys k, tasks WHERE k.name = ?",
		"a table after a join's condition":     "SELECT * FROM keys k JOIN keys l ON k.name = l.name, tasks",
		"a cross join":                         "SELECT * FROM keys CROSS JOIN tasks",
		"a subselect without":                  "SELECT (SELECT COUNT(*) FROM tasks) FROM tasks WHERE user_id = ?",
		"a subselect in a condition":           "SELECT * FROM tasks WHERE user_id = ? AND id IN (SELECT id FROM tasks)",
		"a subselect that is a source":         "SELECT * FROM (SELECT * FROM tasks) x WHERE user_id = ?",
		"a condition of a subselect for it":    "SELECT * FROM tasks WHERE EXISTS (SELECT 1 FROM users WHERE user_id = ?)",
		"a condition for a subselect":          "SELECT * FROM keys WHERE EXISTS (SELECT 1 FROM users) AND user_id = ?",
		"one half of a union":                  "SELECT id FROM tasks WHERE user_id = ? UNION SELECT id FROM tasks",
		"a common table expression":            "WITH x AS (SELECT * FROM tasks) SELECT * FROM x WHERE user_id = ?",
		"one that deletes":                     "WITH gone AS (DELETE FROM tasks RETURNING user_id) SELECT * FROM gone WHERE user_id = ?",
		"a statement after one":                "WITH x AS (SELECT 1) DELETE FROM tasks",
		"an update without":                    "UPDATE tasks SET title = ? WHERE id = ?",
		"an update that gives away":            "UPDATE tasks SET user_id = ? WHERE user_id = ?",
		"an update with another table":         "UPDATE keys SET name = ? FROM tasks WHERE name = ?",
		"an update that ignores":               "UPDATE OR IGNORE tasks SET title = ?",
		"an update with an alias":              "UPDATE tasks AS t SET title = ? WHERE t.id = ?",
		"a delete with another table":          "DELETE FROM keys USING tasks WHERE name = ?",
		"a delete of ONLY":                     "DELETE FROM ONLY tasks",
		"a delete by another's condition":      "DELETE FROM tasks USING users WHERE users.user_id = ?",
		"an insert without the column":         "INSERT INTO tasks (id) VALUES (?)",
		"an insert without columns":            "INSERT INTO tasks VALUES (?)",
		"an insert of everybody's":             "INSERT INTO keys (name) SELECT title FROM tasks",
		"an insert that replaces":              "INSERT OR REPLACE INTO tasks (user_id) VALUES (?)",
		"a condition of the conflict, not its": "INSERT INTO keys (name) SELECT title FROM tasks WHERE TRUE ON CONFLICT DO UPDATE SET name = '' WHERE user_id = ?",
		"a replace":                            "REPLACE INTO tasks (user_id) VALUES (?)",
		"a replace after WITH":                 "WITH x AS (SELECT 1) REPLACE INTO tasks (user_id) VALUES (?)",
		"a merge":                              "MERGE INTO tasks USING keys ON TRUE WHEN MATCHED THEN DELETE",
		"a merge after WITH":                   "WITH x AS (SELECT 1) MERGE INTO tasks USING keys ON TRUE WHEN MATCHED THEN DELETE",
		"a table as a whole":                   "TABLE tasks",
		"one in parentheses":                   "SELECT * FROM (TABLE tasks) x",
		"a truncation":                         "TRUNCATE tasks",
		"a copy":                               "COPY tasks TO STDOUT",
		"a change of the schema":               "DROP TABLE tasks",
		"a block of code":                      "DO $$ BEGIN DELETE FROM tasks; END $$",
		"two statements":                       "SELECT 1; DELETE FROM tasks",
		"a text with a backslash":              `SELECT * FROM tasks WHERE title = '\' AND user_id = ? --'`,
		"a text with escapes":                  `SELECT * FROM tasks WHERE title = E'\' AND user_id = ? --'`,
		"a text in dollars":                    "SELECT * FROM tasks WHERE title = $a$ AND user_id = $1 AND $a$",
		"a text without end":                   "SELECT * FROM tasks WHERE user_id = ? AND title = 'a",
		"a parenthesis without end":            "SELECT * FROM tasks WHERE user_id = ? AND (id = ?",
		"a parenthesis without begin":          "SELECT * FROM tasks WHERE user_id = ?) OR (1 = 1",
		"a purge with more to it":              purgeBegin + purgeEnd + " OR TRUE",
		"nothing":                              "",
		"a source that is none":                "SELECT * FROM tasks WHERE user_id = ? UNION SELECT * FROM",
	} {
		if judge(statement) == nil {
			t.Errorf("%s: %q goes through", name, statement)
		}
	}
}

func TestGuardLetsThroughEveryStatementOfItsOwn(t *testing.T) {
	for _, statement := range []string{
		findTask, findVersion, findErased, saveTask, CountTask, DeleteTask, UncountTask, findReplay, keepReplay,
		findKey, makeKey, eraseUser, eraseTasks, eraseReplays, ping,
	} {
		if err := judge(statement); err != nil {
			t.Errorf("%q is refused: %v", statement, err)
		}
	}
}
