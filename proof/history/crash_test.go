package history

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path"
	"path/filepath"
	"slices"
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
// network while a server and the database are killed and started again. What
// they saw of each task has to be explained by one order of all requests, and
// each key has to have been carried out once.
func TestCrashesLoseNothingAndDoubleNothing(t *testing.T) {
	t.Run("PostgreSQL", func(t *testing.T) {
		cluster := postgrestest.StartCluster(t, postgrestest.Durable())
		survive(t, cluster.URL("postgres"), 2, func() {
			if err := cluster.Kill(); err != nil {
				t.Error(err)
			}
			if err := cluster.Start(); err != nil {
				t.Fatal(err)
			}
		})
	})
	t.Run("SQLite", func(t *testing.T) {
		survive(t, "sqlite:"+filepath.Join(t.TempDir(), "tasks.db"), 1, func() {}) // the database is in the server
	})
}

// survive plays rounds in which one of the servers is killed, and then the
// database.
func survive(t *testing.T, databaseURL string, replicas int, killDatabase func()) {
	t.Helper()
	servers, addresses := make([]*program, replicas), make([]string, replicas)
	start := func(i int) {
		servers[i] = serve(t, databaseURL)
		addresses[i] = servers[i].address
	}
	for i := range servers {
		start(i)
	}
	between := newProxy(t, 0.03, 0.02, slices.Clone(addresses)...)
	picture := filepath.Join(proof.Dir(t), "history-"+path.Base(t.Name())+".html")
	for end := time.Now().Add(proof.Time(t, round/2)); time.Now().Before(end) && !t.Failed(); {
		live := begin(t, between.base())
		time.Sleep(round / 3)
		victim := rand.IntN(replicas)
		servers[victim].kill()
		start(victim)
		between.servers.Store(slices.Clone(addresses))
		time.Sleep(round / 3)
		killDatabase()
		time.Sleep(round / 3)
		live.end()
		if finding := explain(t, live.history, picture); finding != "" {
			t.Error(finding)
		}
		for _, finding := range live.keys.judge(newClient(t, "http://"+addresses[0])) {
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
