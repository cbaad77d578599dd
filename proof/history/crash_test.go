package history

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"taskhold/adapters/postgres/postgrestest"
	"taskhold/proof"
)

// A round is as long as its history can be explained in seconds.
const round = 6 * time.Second

// TestCrashesLoseNothingAndDoubleNothing lets clients write through a bad
// network while the server and its database are killed and started again. What
// they saw of each task has to be explained by one order of all requests, and
// each key has to have been carried out once.
func TestCrashesLoseNothingAndDoubleNothing(t *testing.T) {
	t.Run("PostgreSQL", func(t *testing.T) {
		cluster := postgrestest.StartCluster(t, postgrestest.Durable())
		survive(t, cluster.URL("postgres"), func() {
			if err := cluster.Kill(); err != nil {
				t.Error(err)
			}
			if err := cluster.Start(); err != nil {
				t.Fatal(err)
			}
		})
	})
	t.Run("SQLite", func(t *testing.T) {
		survive(t, "sqlite:"+filepath.Join(t.TempDir(), "tasks.db"), func() {}) // the database is in the server
	})
}

// survive plays rounds in which the server is killed, and then the database.
func survive(t *testing.T, databaseURL string, killDatabase func()) {
	t.Helper()
	server := serve(t, databaseURL)
	between := newProxy(t, server.address, 0.03, 0.02)
	picture := filepath.Join(proof.Dir(t), "history-"+path.Base(t.Name())+".html")
	for end := time.Now().Add(proof.Time(t, round/2)); time.Now().Before(end) && !t.Failed(); {
		live := begin(t, between.base())
		time.Sleep(round / 3)
		server.kill()
		server = serve(t, databaseURL)
		between.target.Store(server.address)
		time.Sleep(round / 3)
		killDatabase()
		time.Sleep(round / 3)
		live.end()
		if finding := explain(t, live.history, picture); finding != "" {
			t.Error(finding)
		}
		for _, finding := range live.keys.judge(newClient(t, "http://"+server.address)) {
			t.Error(finding)
		}
		t.Logf("%d keys were asked %d times, each was carried out once", len(live.keys.replies), live.keys.asked())
	}
}

// lives are the clients of a round.
type lives struct {
	history []porcupine.Operation
	keys    *ledger
	stop    func()
	wg      sync.WaitGroup
}

func begin(t *testing.T, base string) *lives {
	ctx, stop := context.WithCancel(t.Context())
	l, c := &lives{keys: newLedger(), stop: stop}, newClient(t, base)
	l.wg.Go(func() { l.history = play(ctx, t, c, 6, 2) })
	l.wg.Go(func() { l.keys.work(ctx, c, 4, 20*time.Second) })
	return l
}

func (l *lives) end() {
	l.stop()
	l.wg.Wait()
}

// explain looks for an order of all requests that explains the answers, and
// draws it. It returns what there is to complain of.
func explain(t *testing.T, history []porcupine.Operation, picture string) string {
	t.Helper()
	result, info := porcupine.CheckOperationsVerbose(sequential, history, time.Minute)
	if err := porcupine.VisualizePath(sequential, info, picture); err != nil {
		t.Error(err)
	}
	tasks, unknown := map[int]bool{}, 0
	for _, op := range history {
		tasks[op.Input.(input).task] = true
		if op.Output == (output{}) {
			unknown++
		}
	}
	t.Logf("%d requests to %d tasks, %d without an answer: %s, drawn in %s", len(history), len(tasks), unknown, result, picture)
	if result != porcupine.Ok {
		return fmt.Sprintf("the history is %s: no order of its requests explains the answers; see %s", result, picture)
	}
	return ""
}
