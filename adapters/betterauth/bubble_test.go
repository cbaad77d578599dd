package betterauth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"taskhold/adapters/betterauth"
	"taskhold/ports"
)

// issuer publishes a key set in a bubble of synctest, where there is no network
// and waiting takes no time.
type issuer struct {
	mu      sync.Mutex
	status  int
	body    string
	delay   time.Duration
	down    bool
	fetches []time.Time
	read    int // bytes of bodies
}

// countedBody counts what is read of a body.
type countedBody struct {
	io.Reader
	issuer *issuer
}

func (c countedBody) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.issuer.mu.Lock()
	defer c.issuer.mu.Unlock()
	c.issuer.read += n
	return n, err
}

func (i *issuer) publish(pairs ...pair) { i.set(http.StatusOK, keySet(pairs...)) }

func (i *issuer) set(status int, body string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.status, i.body, i.down = status, body, false
}

func (i *issuer) goDown() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.down = true
}

func (i *issuer) takes(delay time.Duration) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.delay = delay
}

// asked is when it was asked, each time.
func (i *issuer) asked() []time.Time {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.fetches)
}

func (i *issuer) count() int { return len(i.asked()) }

func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	i.mu.Lock()
	i.fetches = append(i.fetches, time.Now())
	status, body, delay, down := i.status, i.body, i.delay, i.down
	i.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if down {
		return nil, errors.New("connection refused")
	}
	reply := &http.Response{
		StatusCode: status, Header: http.Header{"Location": {"https://evil.example/jwks"}}, Request: r,
		Body: io.NopCloser(countedBody{strings.NewReader(body), i}),
	}
	return reply, nil
}

// A bubble holds a verifier and its issuer, alone with their own time.
type bubble struct {
	*testing.T
	issuer   *issuer
	verifier *betterauth.Verifier
	events   map[betterauth.Event]int
	mu       sync.Mutex
}

func inBubble(t *testing.T, test func(*bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bubble{T: t, issuer: &issuer{down: true}, events: map[betterauth.Event]int{}}
		v, err := betterauth.New(betterauth.Options{
			KeysURL: "https://auth.example.com/api/auth/jwks", Clock: systemClock{}, Transport: b.issuer, Observe: b.note,
		})
		if err != nil {
			t.Fatal(err)
		}
		b.verifier = v
		test(b)
	})
}

func (b *bubble) note(e betterauth.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events[e]++
}

func (b *bubble) noted(subject betterauth.Subject, outcome string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.events[betterauth.Event{Subject: subject, Outcome: outcome}]
}

// run starts Run, lets it do what it does at once, and stops it with the test.
func (b *bubble) run() {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan struct{})
	go func() { b.verifier.Run(ctx); close(ended) }()
	b.Cleanup(func() { cancel(); <-ended })
	synctest.Wait()
}

func (b *bubble) token(p pair) string {
	b.Helper()
	return p.sign(b, `{"sub":"ann","exp":`+at(time.Now(), time.Hour)+`}`)
}

func (b *bubble) want(p pair, want error) {
	b.Helper()
	b.wantToken(b.token(p), want)
}

func (b *bubble) wantToken(token string, want error) {
	b.Helper()
	if user, err := b.verifier.Verify(b.Context(), token); !errors.Is(err, want) || (want == nil) != (user.String() == "ann") {
		b.Errorf("got %q, %v; want %v", user, err, want)
	}
}

func (b *bubble) wantFetches(want int) {
	b.Helper()
	if got := b.issuer.count(); got != want {
		b.Errorf("%d fetches, want %d", got, want)
	}
}

// wantNoKeysAfter wants a token to wait for so long, and in vain.
func (b *bubble) wantNoKeysAfter(wait time.Duration) {
	b.Helper()
	start := time.Now()
	b.want(edPair("k"), ports.ErrKeysUnavailable)
	if took := time.Since(start); took != wait {
		b.Errorf("a token was kept waiting for %v, want %v", took, wait)
	}
}
