package postgres

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"taskhold/adapters/postgres/postgrestest"
	"taskhold/domain/identity"
	"taskhold/ports/storetest"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m)) }

func migrated(ctx context.Context, url string) error {
	s, err := Open(ctx, url, Options{})
	if err != nil {
		return err
	}
	return errors.Join(s.Migrate(ctx), s.Close())
}

func open(t testing.TB) *Store {
	t.Helper()
	s, err := Open(t.Context(), postgrestest.Open(t, migrated), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestContract(t *testing.T) {
	s := open(t)
	storetest.Run(t, func(testing.TB) storetest.Subject { return s }, storetest.WithFill(fill))
}

// fill is many times faster than a claim for each, which counts those before.
func fill(ctx context.Context, s storetest.Subject, user identity.UserID, keys []string, at time.Time) error {
	_, err := s.(*Store).pool.Exec(ctx, `INSERT INTO replays (user_id, key, claimed_at, status, request, location, etag, body)
		SELECT $1, key, $2, 0, $3, '', '', '' FROM unnest($4::text[]) AS key`, user.String(), at, make([]byte, 32), keys)
	return err
}
