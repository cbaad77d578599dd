package model

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"testing"

	"taskhold/adapters/memory"
	"taskhold/adapters/postgres"
	"taskhold/adapters/postgres/postgrestest"
	"taskhold/adapters/sqlite"
	"taskhold/proof"
)

func TestALifeOnMemoryIsTheModels(t *testing.T) { live(t, over(new(memory.Store))) }

func TestALifeOnSQLiteIsTheModels(t *testing.T) {
	store, err := sqlite.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "tasks.db"), sqlite.Options{})
	live(t, over(migrated(t, store, err)))
}

func TestALifeOnPostgreSQLIsTheModels(t *testing.T) {
	store, err := postgres.Open(context.Background(), postgrestest.Empty(t), postgres.Options{})
	live(t, over(migrated(t, store, err)))
}

// migrated is a store that was just opened, ready for use until the end of t.
func migrated[S interface {
	Migrate(ctx context.Context) error
	Close() error
}](t *testing.T, store S, err error) S {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return store
}

func TestALifeOverHTTPOnMemoryIsTheModels(t *testing.T) {
	live(t, at(t, proof.ServeTasks(t, newTasks(new(memory.Store)))))
}

func TestALifeOverHTTPOnSQLiteIsTheModels(t *testing.T) {
	live(t, operated(t, "sqlite:"+filepath.Join(t.TempDir(), "tasks.db")))
}

func TestALifeOverHTTPOnPostgreSQLIsTheModels(t *testing.T) {
	live(t, operated(t, postgrestest.Empty(t)))
}

// operated is the program over a database, with a port for operators.
func operated(t *testing.T, databaseURL string) *outside {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	admin := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	d := at(t, proof.Serve(t, databaseURL, fmt.Sprint("TASKS_PER_USER=", Quota), "ADMIN_ADDR="+admin, "ADMIN_TOKEN="+proof.Secret))
	d.admin = "http://" + admin
	return d
}
