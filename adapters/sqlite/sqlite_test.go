package sqlite

import (
	"context"
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"taskhold/domain/identity"
	"taskhold/ports/storetest"
)

func open(t testing.TB) *Store {
	t.Helper()
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "tasks.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	s := open(t)
	storetest.Run(t, func(testing.TB) storetest.Subject { return s }, storetest.WithFill(fill))
}

// fill is many times faster than a claim for each, which counts those before.
func fill(ctx context.Context, s storetest.Subject, user identity.UserID, keys []string, at time.Time) error {
	list, err := json.Marshal(keys)
	if err != nil {
		return err
	}
	_, err = s.(*Store).writer.ExecContext(ctx, `INSERT INTO replays (user_id, key, claimed_at, status, request, location, etag, body)
		SELECT ?, value, ?, 0, zeroblob(32), '', '', zeroblob(0) FROM json_each(?)`, user.String(), at, string(list))
	return err
}
