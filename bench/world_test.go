package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestTaskIDIsAUUIDOfItsInstant(t *testing.T) {
	w := world{users: 7, each: 100}
	last := ""
	for number := range w.users * w.each {
		text := w.taskID(number%w.users, number/w.users)
		id, err := uuid.Parse(text)
		if err != nil || id.Version() != 7 || id.Variant() != uuid.RFC4122 || id.String() != text {
			t.Fatalf("task %d: %s is no UUIDv7: %v", number, text, err)
		}
		seconds, nanos := id.Time().UnixTime()
		want := time.UnixMicro(firstInstant + int64(number)*apart)
		if got := time.Unix(seconds, nanos); got.UnixMilli() != want.UnixMilli() {
			t.Errorf("task %d was created at %v by its id, want %v", number, got, want)
		}
		if text <= last {
			t.Errorf("task %d has the id %s, which comes before %s", number, text, last)
		}
		last = text
	}
}

func TestSampleIsOfUsersOfTheWorld(t *testing.T) {
	for users, want := range map[int]int{4: 4, 200: 200, 1500: 1000, 100_000: 1000} {
		c := world{users: users, each: 100}.sample()
		if last := c.user(c.size - 1); c.size != want || c.user(0) != 0 || last >= users || last < users/2 {
			t.Errorf("of %d users, %d are called, the last is %d; want %d", users, c.size, last, want)
		}
	}
}

func TestCrowdsShareNoUser(t *testing.T) {
	for _, w := range []world{{users: 4}, {users: 11}, {users: 200}, {users: 10_000}} {
		met := map[int]int{}
		for number := range crowds {
			c := w.crowd(number)
			for i := range c.size {
				user := c.user(i)
				if other, ok := met[user]; ok || user >= w.users {
					t.Fatalf("%d users: user %d is in crowd %d and %d", w.users, user, number, other)
				}
				met[user] = number
			}
		}
		if len(met) == 0 {
			t.Errorf("%d users: nobody is in a crowd", w.users)
		}
	}
}

// What Taskhold has migrated, as far as it takes to fill it.
func migrated(t *testing.T) string {
	t.Helper()
	schema, err := os.ReadFile("../migrations/sqlite/00001_schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	up, _, _ := strings.Cut(string(schema), "-- +goose Down")
	path := filepath.Join(t.TempDir(), "tasks.db")
	db := open(t, path)
	if _, err := db.Exec(up); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestSQLiteIsFilledAsTheWorldSays(t *testing.T) {
	w := world{users: 5, each: 9}
	path := migrated(t)
	if err := fillSQLite(t.Context(), path, w); err != nil {
		t.Fatal(err)
	}
	db := open(t, path)
	for user := range w.users {
		for k := range w.each {
			var created int64
			var completed sql.NullInt64
			err := db.QueryRow("SELECT created_at, completed_at FROM tasks WHERE user_id = ? AND id = ?",
				userID(user), w.taskID(user, k)).Scan(&created, &completed)
			if err != nil || completed.Valid != isCompleted(k) {
				t.Errorf("task %d of user %d: completed %v, %v", k, user, completed, err)
			}
			if want := firstInstant + int64(user+w.users*k)*apart; created != want {
				t.Errorf("task %d of user %d was created at %d, want %d", k, user, created, want)
			}
		}
		var counted int
		if err := db.QueryRow("SELECT tasks FROM users WHERE user_id = ?", userID(user)).Scan(&counted); err != nil || counted != w.each {
			t.Errorf("user %d has %d tasks by the count, want %d: %v", user, counted, w.each, err)
		}
	}
	var odd int
	const wrong = "SELECT COUNT(*) FROM tasks WHERE title_folded <> upper(title) OR due_date IS NOT NULL AND due_sort <> unixepoch(due_date) * 1000000" +
		" OR due_at IS NOT NULL AND due_sort <> due_at OR (due_sort IS NULL) <> (due_at IS NULL AND due_date IS NULL)"
	if err := db.QueryRow(wrong).Scan(&odd); err != nil || odd != 0 {
		t.Errorf("%d tasks have columns that disagree: %v", odd, err)
	}
}

func TestSeedsLeaveNothingToFillIn(t *testing.T) {
	for name, file := range map[string]string{"postgres": seedPostgres, "sqlite": seedSQLite} {
		all := statements(world{users: 5, each: 9}.fill(file))
		if len(all) < 3 {
			t.Errorf("%s has %d statements", name, len(all))
		}
		for _, statement := range all {
			if strings.ContainsAny(statement, "{}") {
				t.Errorf("%s: %s", name, statement)
			}
		}
	}
}

func TestOptionsThatCannotBeAreRefused(t *testing.T) {
	for args, want := range map[string]string{
		"-only pgbench,mysql":              `not "mysql"`,
		"-seed 99 -users 4":                "-seed is at least 100 for each user",
		"-seed 20000000":                   "at most 10000000",
		"-users 3":                         "-users is at least 4",
		"-rounds 0":                        "-rounds at least 1",
		"-rate -1":                         "-rate not negative",
		"-only sqlite -profile /tmp/p.out": "-profile is of postgres",
		"-startup -profile /tmp/p.out":     "-profile is of postgres",
		"-mix lists":                       `not "lists"`,
		"-mix list=0":                      "1 to 1000 parts",
		"-mix list=":                       "1 to 1000 parts",
		"-overload 0.5":                    "1 to 100 times",
		"-memory 256,64":                   "the fewest first",
		"-memory 64,":                      `"" is no number`,
		"-growth 100":                      "-growth is of 400 to 10000000 tasks, 100 for each",
		"-startup -only bare":              "-startup is of postgres and sqlite",
		"-growth 10000 -only sqlite":       "-growth is of postgres",
		"-overload 3 -only pgbench":        "every server",
		"-heavy 5000":                      "beside -growth",
		"-growth 10000 -heavy 500000":      "those of 4 users",
	} {
		if _, err := readOptions(strings.Fields(args)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %s", args, err, want)
		}
	}
	o, err := readOptions(strings.Fields("-mix list -memory 64,256 -growth 10000,20000 -heavy 5000 -overload 3"))
	if err != nil || o.mix != (mix{list: 1}) || o.memory.String() != "64,256" || len(o.growth) != 2 || !o.special.wanted() {
		t.Errorf("%+v, %v", o, err)
	}
	o, err = readOptions(nil)
	if err != nil || fmt.Sprint(o.only) != "[pgbench bare postgres sqlite]" || o.tasks != 1_000_000 {
		t.Errorf("without arguments: %+v, %v", o, err)
	}
}
