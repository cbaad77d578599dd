// Package timing asks whether the time of an answer tells a task of somebody
// else from one that never was.
package timing

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"taskhold/adapters/postgres/postgrestest"
	"taskhold/proof"
	"taskhold/proof/wire"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m)) }

// samples is how many answers of each kind are timed: PROOF_SAMPLES, such as
// 5000, or few, with which only a gross difference shows.
func samples(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("PROOF_SAMPLES"))
	if err != nil {
		t.Log("few samples: PROOF_SAMPLES=5000 on a calm machine says more")
		return 200
	}
	return n
}

// suspicious is a |z| that chance exceeds about once in 15,000 comparisons.
const suspicious = 4

func TestTimeTellsNothingOnSQLite(t *testing.T) {
	compare(t, proof.Serve(t, "sqlite:"+filepath.Join(t.TempDir(), "tasks.db")))
}

func TestTimeTellsNothingOnPostgreSQL(t *testing.T) {
	compare(t, proof.Serve(t, postgrestest.Empty(t)))
}

func compare(t *testing.T, base string) {
	t.Helper()
	n, ids := samples(t), foreign(t, base, 100)
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		theirs, nobodys := measure(t, base, method, ids, n, 0)
		z := rank(theirs, nobodys)
		t.Logf("%-6s %d each: median of a foreign id %v, of a missing one %v, z = %+.2f", method, n, median(theirs), median(nobodys), z)
		if math.Abs(z) > suspicious {
			t.Errorf("%s tells a foreign id from a missing one: z = %.2f", method, z)
		}
	}
}

// TestADelayWouldShow holds the comparison itself against a difference.
func TestADelayWouldShow(t *testing.T) {
	base := proof.ServeMemory(t)
	theirs, nobodys := measure(t, base, "GET", foreign(t, base, 100), samples(t), time.Millisecond)
	if z := rank(theirs, nobodys); z < suspicious {
		t.Errorf("a foreign id that takes a millisecond more has z = %.2f", z)
	}
}

// foreign makes tasks of somebody else and returns their ids.
func foreign(t *testing.T, base string, n int) []string {
	t.Helper()
	conn := wire.Dial(base)
	defer conn.Close()
	ids := make([]string, n)
	for i := range ids {
		reply, err := conn.One(wire.Request{Method: "POST", Target: "/v1/tasks", Body: `{"title": "bob's"}`, Headers: signed(t, "bob")})
		if err != nil || reply.Status != 201 {
			t.Fatalf("bob makes no task: %d, %v", reply.Status, err)
		}
		location := reply.Header.Get("Location")
		ids[i] = location[len(location)-36:]
	}
	return ids
}

func signed(t *testing.T, user string) []string {
	t.Helper()
	return []string{"Authorization: Bearer " + proof.Token(t, user), "Content-Type: application/json"}
}

// measure times the 404s of foreign ids and of such as differ from them in a
// few digits, in random order. What is foreign takes a delay more.
func measure(t *testing.T, base, method string, ids []string, n int, delay time.Duration) (theirs, nobodys []time.Duration) {
	t.Helper()
	conn := wire.Dial(base)
	defer conn.Close()
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	request := wire.Request{Method: method, Headers: signed(t, "ann")}
	if method == "PATCH" {
		request.Body = `{"title": "mine"}`
	}
	for len(theirs) < n || len(nobodys) < n {
		id := ids[random.IntN(len(ids))]
		isTheirs := random.IntN(2) == 0
		if !isTheirs {
			id = id[:24] + fmt.Sprintf("%012x", random.Uint64()>>16)
		}
		request.Target = "/v1/tasks/" + id
		began := time.Now()
		reply, err := conn.One(request)
		if isTheirs {
			time.Sleep(delay)
		}
		took := time.Since(began)
		if err != nil || reply.Status != 404 {
			t.Fatalf("%s %s: %d, %v", method, request.Target, reply.Status, err)
		}
		if isTheirs {
			theirs = append(theirs, took)
		} else {
			nobodys = append(nobodys, took)
		}
	}
	return theirs[:n], nobodys[:n]
}

func median(times []time.Duration) time.Duration {
	ordered := slices.Sorted(slices.Values(times))
	return ordered[len(ordered)/2].Round(100 * time.Nanosecond)
}

// rank is the z of the Mann-Whitney test: how far the ranks of a among all are
// from what they would be if a and b were alike, in standard deviations.
func rank(a, b []time.Duration) float64 {
	all := slices.Concat(a, b)
	slices.Sort(all)
	sum := 0.0
	for _, took := range a {
		first, _ := slices.BinarySearch(all, took)
		after, _ := slices.BinarySearch(all, took+1)
		sum += float64(first+after+1) / 2 // of equals the middle
	}
	n, m := float64(len(a)), float64(len(b))
	return (sum - n*(n+m+1)/2) / math.Sqrt(n*m*(n+m+1)/12)
}
