package main

import (
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type task struct {
	ID          string     `json:"id"`
	UserID      string     `json:"user_id"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Completed   bool       `json:"completed"`
	CompletedAt *time.Time `json:"completed_at"`
	Priority    priority   `json:"priority"`
	DueDate     *date      `json:"due_date"`
	DueAt       *time.Time `json:"due_at"`
	Tags        []string   `json:"tags"`
	Version     int64      `json:"version"`
	CreatedAt   time.Time  `json:"created_at"`
	UpdatedAt   time.Time  `json:"updated_at"`
}

type priority int

var priorities = []string{"none", "low", "medium", "high"}

func (p priority) MarshalText() ([]byte, error) {
	if p < 0 || int(p) >= len(priorities) {
		return nil, errInvalid
	}
	return []byte(priorities[p]), nil
}

func (p *priority) UnmarshalText(text []byte) error {
	for i, name := range priorities {
		if name == string(text) {
			*p = priority(i)
			return nil
		}
	}
	return errInvalid
}

// date is a struct so that its time's own form in JSON is not taken for its.
type date struct{ day time.Time }

func (d date) MarshalText() ([]byte, error) { //nolint:unparam // encoding.TextMarshaler has it
	return []byte(d.day.Format(time.DateOnly)), nil
}

func (d *date) UnmarshalText(text []byte) (err error) {
	d.day, err = time.Parse(time.DateOnly, string(text))
	return err
}

type store struct{ *pgxpool.Pool }

const columns = "id, user_id, title, description, completed_at, priority, due_date, due_at, tags, version, created_at, updated_at"

func scan(row pgx.CollectableRow) (t task, err error) {
	var due *time.Time
	err = row.Scan(&t.ID, &t.UserID, &t.Title, &t.Description, &t.CompletedAt, &t.Priority, &due, &t.DueAt,
		&t.Tags, &t.Version, &t.CreatedAt, &t.UpdatedAt)
	t.Completed = t.CompletedAt != nil
	if due != nil {
		t.DueDate = &date{*due}
	}
	return t, err
}

func (s store) list(w http.ResponseWriter, r *http.Request, user string) error {
	limit, err := strconv.Atoi(r.FormValue("limit"))
	if err != nil || limit < 1 || limit > 200 {
		return errInvalid
	}
	rows, err := s.Query(r.Context(), "SELECT "+columns+" FROM tasks WHERE user_id = $1 ORDER BY id DESC LIMIT $2", user, limit)
	if err != nil {
		return err
	}
	items, err := pgx.AppendRows(make([]task, 0, limit), rows, scan)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, map[string]any{"items": items, "limit": limit})
}

func (s store) get(w http.ResponseWriter, r *http.Request, user string) error {
	return s.one(w, r, http.StatusOK, "SELECT "+columns+" FROM tasks WHERE user_id = $1 AND id = $2", user, r.PathValue("id"))
}

func (s store) create(w http.ResponseWriter, r *http.Request, user string) error {
	var t task
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<18)).Decode(&t); err != nil || t.Title == "" || t.DueAt != nil {
		return errInvalid
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	var due *time.Time
	if t.DueDate != nil {
		due = &t.DueDate.day
	}
	return s.one(w, r, http.StatusCreated, "WITH counted AS (INSERT INTO users (user_id, tasks) VALUES ($1, 1)"+
		" ON CONFLICT (user_id) DO UPDATE SET tasks = users.tasks + 1 RETURNING user_id)"+
		" INSERT INTO tasks (user_id, id, created_at, updated_at, version, title, title_folded, description, description_folded,"+
		" priority, due_date, due_sort, tags)"+
		" SELECT user_id, $2, $3, $3, 1, $4, $5, $6, $7, $8, CAST($9 AS date), CAST($9 AS date)::timestamp AT TIME ZONE 'UTC', $10"+
		" FROM counted RETURNING "+columns,
		user, id, time.Now(), t.Title, strings.ToUpper(t.Title), t.Description, strings.ToUpper(t.Description), t.Priority, due, t.Tags)
}

func (s store) complete(w http.ResponseWriter, r *http.Request, user string) error {
	return s.one(w, r, http.StatusOK, "UPDATE tasks SET completed_at = $3, updated_at = $3, version = version + 1"+
		" WHERE user_id = $1 AND id = $2 RETURNING "+columns, user, r.PathValue("id"), time.Now())
}

func (s store) reopen(w http.ResponseWriter, r *http.Request, user string) error {
	return s.one(w, r, http.StatusOK, "UPDATE tasks SET completed_at = NULL, updated_at = $3, version = version + 1"+
		" WHERE user_id = $1 AND id = $2 RETURNING "+columns, user, r.PathValue("id"), time.Now())
}

func (s store) remove(w http.ResponseWriter, r *http.Request, user string) error {
	done, err := s.Exec(r.Context(), "WITH gone AS (DELETE FROM tasks WHERE user_id = $1 AND id = $2 RETURNING user_id)"+
		" UPDATE users SET tasks = tasks - 1 WHERE user_id = $1 AND EXISTS (SELECT 1 FROM gone)", user, r.PathValue("id"))
	if err == nil && done.RowsAffected() == 0 {
		err = pgx.ErrNoRows
	}
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}

// one answers with the task that a statement returns.
func (s store) one(w http.ResponseWriter, r *http.Request, status int, statement string, args ...any) error {
	rows, err := s.Query(r.Context(), statement, args...)
	if err != nil {
		return err
	}
	t, err := pgx.CollectExactlyOneRow(rows, scan)
	if err != nil {
		return err
	}
	return reply(w, status, t)
}

func reply(w http.ResponseWriter, status int, body any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(body)
}

var errInvalid = errors.New("invalid")

func fail(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		http.Error(w, "no such task", http.StatusNotFound)
	case errors.Is(err, errInvalid):
		http.Error(w, "not valid", http.StatusBadRequest)
	default:
		log.Print(err)
		http.Error(w, "something is wrong", http.StatusInternalServerError)
	}
}
