package e2e

import (
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestAFloodOfBadTokens has a stranger send one forged token after another,
// all different, over eight connections, and looks at what that costs and at
// what good users at the same address see meanwhile, most of whom come for the
// first time. ES512 is what costs most to verify, hence fewer.
func TestAFloodOfBadTokens(t *testing.T) {
	for _, flood := range []struct {
		alg    string
		tokens int
	}{{"EdDSA", 10_000}, {"ES512", 1_000}} {
		t.Run(flood.alg, func(t *testing.T) {
			issuer := startIssuer(t, "ALG="+flood.alg)
			tokens := make([]string, 10)
			for i := range tokens {
				tokens[i] = issuer.signUp(t, "user"+strconv.Itoa(i)).jwt(t)
			}
			var server *server
			t.Cleanup(func() { // after the program's end, which serve sees to
				if server == nil {
					return
				}
				cpu := server.cmd.ProcessState.UserTime() + server.cmd.ProcessState.SystemTime()
				t.Logf("the program has used %.1f s of processor time from start to end", cpu.Seconds())
			})
			server = serveWithKeys(t, tokens[0], issuer.byKeys()...)
			forged := forge(t, tokens[0], flood.tokens)
			good, done := startTrickle(t, server.as(tokens[0])), make(chan map[int]int)
			began := time.Now()
			go func() { done <- server.flood(forged) }()
			for _, token := range tokens {
				good.become(server.as(token))
				time.Sleep(150 * time.Millisecond)
			}
			answers := <-done
			t.Logf("%d forged tokens were answered in %.1f s: %v", flood.tokens, time.Since(began).Seconds(), answers)
			if w := good.figures(t, "during the flood", began); w.refused > 0 {
				t.Errorf("good tokens were refused: %+v", w)
			}
			if answers[http.StatusUnauthorized] < 60 || answers[http.StatusUnauthorized]+answers[http.StatusTooManyRequests] != flood.tokens {
				t.Errorf("the answers are %v, want at least 60 of 401 and the others of 429", answers)
			}
		})
	}
}

// forge makes tokens for n users, each with the signature of a good one.
func forge(t *testing.T, good string, n int) []string {
	t.Helper()
	forged := make([]string, n)
	for i := range forged {
		forged[i] = altered(t, good, payload, map[string]any{"sub": strconv.Itoa(i), "id": strconv.Itoa(i)})
	}
	return forged
}

// flood sends each token once and counts the answers by status.
func (s *server) flood(tokens []string) map[int]int {
	stranger := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
	defer stranger.CloseIdleConnections()
	var next atomic.Int64
	var mu sync.Mutex
	var senders sync.WaitGroup
	answers := map[int]int{}
	for range 8 {
		senders.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(tokens)); i = next.Add(1) - 1 {
				status := try(stranger, s.url+"/v1/tasks", tokens[i])
				mu.Lock()
				answers[status]++
				mu.Unlock()
			}
		})
	}
	senders.Wait()
	return answers
}

// try returns the status of the answer, 0 if there is none.
func try(c *http.Client, url, token string) int {
	request, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return 0
	}
	request.Header.Set("Authorization", "Bearer "+token)
	reply, err := c.Do(request)
	if err != nil {
		return 0
	}
	defer reply.Body.Close()
	_, _ = io.Copy(io.Discard, reply.Body)
	return reply.StatusCode
}
