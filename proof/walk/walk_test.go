package walk_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"taskhold/adapters/postgres/postgrestest"
	"taskhold/proof"
	"taskhold/proof/walk"
	"taskhold/proof/wire"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m)) }

// wander walks for a while and fails for what it finds.
func wander(t *testing.T, base string, during time.Duration) {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	walkers, err := walk.Start(func() walk.Service { return wire.Dial(base).One }, 4, seed, func(user string) string { return proof.Token(t, user) })
	if err != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(during)
	var all sync.WaitGroup
	for _, w := range walkers.All {
		all.Go(func() {
			for time.Now().Before(until) && len(walkers.Faults()) < 8 {
				w.Step()
			}
		})
	}
	all.Wait()
	steps := 0
	for _, w := range walkers.All {
		steps += w.Steps
	}
	t.Logf("%d requests\n%s", steps, walkers.Table())
	if steps < 50 {
		t.Errorf("%d requests are no walk", steps)
	}
	for _, fault := range walkers.Faults() {
		t.Error(fault)
	}
}

func TestEveryReplyIsAsTheDocumentSaysInMemory(t *testing.T) {
	wander(t, proof.ServeMemory(t), proof.Time(t, 6*time.Second))
}

func TestEveryReplyIsAsTheDocumentSaysOnSQLite(t *testing.T) {
	wander(t, proof.Serve(t, "sqlite:"+filepath.Join(t.TempDir(), "tasks.db")), proof.Time(t, 3*time.Second))
}

func TestEveryReplyIsAsTheDocumentSaysOnPostgreSQL(t *testing.T) {
	wander(t, proof.Serve(t, postgrestest.Empty(t)), proof.Time(t, 4*time.Second))
}
