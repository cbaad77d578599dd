package gormstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"time"

	"gorm.io/gorm"

	"taskhold/domain/identity"
)

// What names no user; see [exempt].
const (
	ping = "SELECT 1"

	purgeBegin = "DELETE FROM replays WHERE (user_id, key) IN" +
		" (SELECT user_id, key FROM replays WHERE claimed_at < ? ORDER BY claimed_at LIMIT ?"
	purgeEnd = ")"

	// SkipLocked lets a replica pass by what another one is purging.
	SkipLocked = " FOR UPDATE SKIP LOCKED"
)

const (
	findKey = "SELECT value FROM keys WHERE name = ?"
	makeKey = "INSERT INTO keys (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING"

	// To set the key, even to what it is, PostgreSQL locks the row against
	// those who share a lock on the key: units of work that claimed a key.
	eraseUser = "INSERT INTO users (user_id, tasks, erased_at) VALUES (?, 0, ?) ON CONFLICT (user_id) DO UPDATE" +
		" SET user_id = excluded.user_id, tasks = 0, erased_at = COALESCE(users.erased_at, excluded.erased_at)"
	eraseTasks   = "DELETE FROM tasks WHERE user_id = ?"
	eraseReplays = "DELETE FROM replays WHERE user_id = ?"
)

// Ping implements [ports.Housekeeping].
func (s *Store) Ping(ctx context.Context) error {
	var one int
	err := s.engine.Reader.WithContext(ctx).Raw(ping).Row().Scan(&one)
	return s.engine.explain(ctx, "ping", err)
}

// Key implements [ports.Housekeeping].
func (s *Store) Key(ctx context.Context, name string) ([]byte, error) {
	key, err := s.key(ctx, name)
	if errors.Is(err, sql.ErrNoRows) {
		err = s.again(ctx, func() error {
			fresh := make([]byte, 32)
			rand.Read(fresh) // never fails
			return s.engine.Writer.WithContext(ctx).Exec(makeKey, name, fresh).Error
		})
		if err == nil {
			key, err = s.key(ctx, name) // another replica's may have been first
		}
	}
	return key, s.engine.explain(ctx, "read a key", err)
}

func (s *Store) key(ctx context.Context, name string) (key []byte, err error) {
	err = s.engine.Reader.WithContext(ctx).Raw(findKey, name).Row().Scan(&key)
	return key, err
}

// PurgeReplays implements [ports.Housekeeping].
func (s *Store) PurgeReplays(ctx context.Context, before time.Time, limit int) (int, error) {
	var purged int
	err := s.again(ctx, func() error {
		done := s.engine.Writer.WithContext(ctx).Exec(purgeBegin+s.engine.SkipLocked+purgeEnd, before, limit)
		purged = int(done.RowsAffected)
		return done.Error
	})
	return purged, s.engine.explain(ctx, "purge replays", err)
}

// Erase implements [ports.Housekeeping]. It takes the user's row in users
// first: who inserts or claims a key at the same time was before, or waits for
// it and then finds the user erased.
func (s *Store) Erase(ctx context.Context, user identity.UserID, now time.Time) error {
	if err := s.admit(user); err != nil {
		return err
	}
	err := s.again(ctx, func() error {
		return Within(s.engine.Writer.WithContext(ctx), func(tx *gorm.DB) error {
			if err := s.unhurried(tx); err != nil {
				return err
			}
			if err := tx.Exec(eraseUser, user.String(), now).Error; err != nil {
				return err
			}
			if err := tx.Exec(eraseTasks, user.String()).Error; err != nil {
				return err
			}
			return tx.Exec(eraseReplays, user.String()).Error
		})
	})
	return s.engine.explain(ctx, "erase a user", err)
}

// unhurried is for a user who has many tasks.
func (s *Store) unhurried(tx *gorm.DB) error {
	if s.engine.Unhurried == "" {
		return nil
	}
	return tx.Exec(s.engine.Unhurried).Error
}
