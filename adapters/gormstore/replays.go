package gormstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"gorm.io/gorm"

	"taskhold/domain/identity"
	"taskhold/ports"
)

// patience is how long [ports.Replays] lets Claim wait.
const patience = 2 * time.Second

// A claim is a row without a reply, which nobody else sees before the unit of
// work ends; who inserts the same key waits for that. It takes the place of an
// expired row, and of a row without a reply, whose unit kept none.
//
// The count is to begin with the user also where that is one who has many of
// all keys: the time is no condition of the WHERE, or PostgreSQL might read
// everybody's keys by their time; and the condition on the key, which every key
// meets, it takes for one that few do, or it might read the whole table. It
// still may for who has a third of all keys or more.
const (
	claimBegin = "INSERT INTO replays (user_id, key, claimed_at) SELECT ?, ?, ? "
	claimEnd   = " WHERE owner.erased_at IS NULL" +
		" AND (SELECT COUNT(*) FILTER (WHERE claimed_at >= ?) FROM replays WHERE user_id = ? AND key >= (SELECT '')) < ?" +
		" ON CONFLICT (user_id, key) DO UPDATE SET claimed_at = excluded.claimed_at," +
		" status = NULL, request = NULL, location = NULL, etag = NULL, body = NULL" +
		" WHERE replays.claimed_at < ? OR replays.status IS NULL"

	findReplay = "SELECT request, status, location, etag, body FROM replays" +
		" WHERE user_id = ? AND key = ? AND claimed_at >= ? AND status IS NOT NULL"

	keepReplay = "UPDATE replays SET request = ?, status = ?, location = ?, etag = ?, body = ?" +
		" WHERE user_id = ? AND key = ? AND status IS NULL"
)

var errNotClaimed = errors.New("a key that was not claimed cannot be kept")

// Claim implements [ports.Replays].
func (u *unit) Claim(ctx context.Context, user identity.UserID, key string, now time.Time) (*ports.Replay, error) {
	if err := u.admit(user); err != nil {
		return nil, err
	}
	db, err := u.turn(ctx)
	if err != nil {
		return nil, u.engine.explain(ctx, "begin a unit of work", err)
	}
	horizon := now.Add(-ports.KeyRetention)
	claimed := db.Exec(claimBegin+u.engine.Patience+claimEnd,
		user.String(), key, now, user.String(), horizon, user.String(), ports.MaxKeys, horizon)
	switch {
	case claimed.Error != nil && u.engine.Judge(claimed.Error) == Locked:
		return nil, ports.ErrKeyBusy
	case claimed.Error != nil || claimed.RowsAffected > 0:
		return nil, u.engine.explain(ctx, "claim a key", claimed.Error)
	}
	known, err := replay(db, user, key, horizon)
	return known, u.engine.explain(ctx, "find a replay", err)
}

// turn is begin for a unit that claims a key.
func (u *unit) turn(ctx context.Context) (*gorm.DB, error) {
	if !u.engine.OneWriter {
		return u.work.begin(ctx)
	}
	brief, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	db, err := u.work.begin(brief)
	switch {
	case err == nil:
		return db.WithContext(ctx), nil
	case brief.Err() != nil && ctx.Err() == nil:
		return nil, ports.ErrKeyBusy
	}
	return nil, err
}

// replay returns what is kept for a key that could not be claimed, or why not.
func replay(db *gorm.DB, user identity.UserID, key string, horizon time.Time) (*ports.Replay, error) {
	var (
		r       ports.Replay
		request []byte
	)
	err := db.Raw(findReplay, user.String(), key, horizon).Row().
		Scan(&request, &r.Reply.Status, &r.Reply.Location, &r.Reply.ETag, &r.Reply.Body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, whyNotClaimed(db, user)
	}
	if err != nil {
		return nil, err
	}
	copy(r.Request[:], request)
	return &r, nil
}

func whyNotClaimed(db *gorm.DB, user identity.UserID) error {
	var erased Instant
	err := db.Raw(findErased, user.String()).Row().Scan(&erased)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if erased.IsZero() {
		return ports.ErrTooManyKeys
	}
	return identity.ErrErased
}

// Keep implements [ports.Replays].
func (u *unit) Keep(ctx context.Context, user identity.UserID, key string, r ports.Replay) error {
	if err := u.admit(user); err != nil {
		return err
	}
	db, err := u.work.begin(ctx)
	if err != nil {
		return u.engine.explain(ctx, "begin a unit of work", err)
	}
	kept := db.Exec(keepReplay, r.Request[:], r.Reply.Status, r.Reply.Location, r.Reply.ETag, r.Reply.Body, user.String(), key)
	if kept.Error == nil && kept.RowsAffected == 0 {
		return errNotClaimed
	}
	return u.engine.explain(ctx, "keep a replay", kept.Error)
}
