package gormstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"

	"gorm.io/gorm"

	"taskhold/domain/identity"
	"taskhold/domain/task"
)

// tasks implements [ports.TaskStore].
type tasks struct {
	reach
	engine *Engine
}

const (
	findTask    = "SELECT " + seen + " FROM tasks WHERE user_id = ? AND id = ?"
	findVersion = "SELECT version FROM tasks WHERE user_id = ? AND id = ?"
	findErased  = "SELECT erased_at FROM users WHERE user_id = ?"

	saveTask = "UPDATE tasks SET title = ?, title_folded = ?, description = ?, description_folded = ?, priority = ?," +
		" due_date = ?, due_at = ?, due_sort = ?, tags = ?, completed_at = ?, updated_at = ?, version = ?" +
		" WHERE user_id = ? AND id = ? AND version = ?"

	// CountTask counts one more task of a user, given the user and the quota;
	// but no row is affected if that is reached or the user was erased.
	CountTask = "INSERT INTO users (user_id, tasks) VALUES (?, 1)" +
		" ON CONFLICT (user_id) DO UPDATE SET tasks = users.tasks + 1" +
		" WHERE users.tasks < ? AND users.erased_at IS NULL"

	// DeleteTask deletes a task, given the user, the id and twice the version.
	DeleteTask = "DELETE FROM tasks WHERE user_id = ? AND id = ? AND (CAST(? AS bigint) = 0 OR version = ?)"

	// UncountTask counts a task of a user off.
	UncountTask = "UPDATE users SET tasks = tasks - 1 WHERE user_id = ?"
)

// Find implements [ports.TaskStore].
func (s tasks) Find(ctx context.Context, user identity.UserID, id task.ID) (task.Task, error) {
	if err := s.named(user, id); err != nil {
		return task.Task{}, err
	}
	stored, err := s.find(ctx, user, id)
	if err != nil {
		return task.Task{}, s.engine.explain(ctx, "find a task", err)
	}
	return task.Restore(stored)
}

func (s tasks) find(ctx context.Context, user identity.UserID, id task.ID) (task.Snapshot, error) {
	var r row
	err := s.one(ctx, r.fields(), findTask, user.String(), id.String())
	if errors.Is(err, sql.ErrNoRows) {
		return task.Snapshot{}, task.ErrNotFound
	}
	if err != nil {
		return task.Snapshot{}, err
	}
	return r.snapshot(user), nil
}

// one scans the one row of a read, or returns sql.ErrNoRows.
func (s tasks) one(ctx context.Context, fields []any, statement string, args ...any) error {
	rows, err := s.query(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		return cmp.Or(rows.Err(), sql.ErrNoRows)
	}
	if err := rows.Scan(fields...); err != nil {
		return err
	}
	return rows.Close()
}

// Insert implements [ports.TaskStore].
func (s tasks) Insert(ctx context.Context, t task.Task, quota int) error {
	return s.write(ctx, t.User(), t.ID(), "insert a task", func(db *gorm.DB) error {
		if quota < 1 {
			return task.ErrQuota
		}
		inserted, err := s.engine.Insert(db, values(t.Snapshot()), quota)
		if err != nil || inserted {
			return err
		}
		return whyNotInserted(db, t.User())
	})
}

func whyNotInserted(db *gorm.DB, user identity.UserID) error {
	var erased Instant
	if err := db.Raw(findErased, user.String()).Row().Scan(&erased); err != nil {
		return err
	}
	if erased.IsZero() {
		return task.ErrQuota
	}
	return identity.ErrErased
}

// Save implements [ports.TaskStore].
func (s tasks) Save(ctx context.Context, t task.Task) error {
	return s.write(ctx, t.User(), t.ID(), "save a task", func(db *gorm.DB) error {
		row := values(t.Snapshot())
		saved := db.Exec(saveTask, append(row[fixed:], row[0], row[1], t.Version()-1)...)
		if saved.Error != nil || saved.RowsAffected > 0 {
			return saved.Error
		}
		return whyNotChanged(db, t.User(), t.ID())
	})
}

// Delete implements [ports.TaskStore].
func (s tasks) Delete(ctx context.Context, user identity.UserID, id task.ID, version int64) error {
	return s.write(ctx, user, id, "delete a task", func(db *gorm.DB) error {
		deleted, err := s.engine.Delete(db, user.String(), id.String(), version)
		if err != nil || deleted {
			return err
		}
		return whyNotChanged(db, user, id)
	})
}

func whyNotChanged(db *gorm.DB, user identity.UserID, id task.ID) error {
	var version int64
	err := db.Raw(findVersion, user.String(), id.String()).Row().Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		return task.ErrNotFound
	}
	if err != nil {
		return err
	}
	return task.ErrStale
}

// write does what do does to one task of a user.
func (s tasks) write(ctx context.Context, user identity.UserID, id task.ID, doing string, do func(*gorm.DB) error) error {
	if err := s.named(user, id); err != nil {
		return err
	}
	err := s.again(ctx, func() error {
		db, err := s.writer(ctx)
		if err != nil {
			return err
		}
		return do(db)
	})
	return s.engine.explain(ctx, doing, err)
}
