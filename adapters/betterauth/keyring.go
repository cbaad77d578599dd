package betterauth

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"taskhold/domain/identity"
	"taskhold/ports"
)

const (
	// refreshEvery bounds for how long a removed key is believed.
	refreshEvery = 5 * time.Minute
	// firstRetry doubles with each failure up to lastRetry, so that a key set
	// that is back is found soon, with or without traffic.
	firstRetry = time.Second
	lastRetry  = 10 * time.Second
	// askEvery is how often tokens with unknown keys can cause a fetch, all of
	// them together: anybody can make such tokens.
	askEvery = 10 * time.Second
)

// keyring holds the issuer's keys and fetches them, once at a time. The last
// good set stays while there is no better one.
type keyring struct {
	url     string
	client  *http.Client
	observe func(Event)
	set     atomic.Pointer[keySet] // nil until there was a key

	mu      sync.Mutex
	running *fetch
	asked   time.Time // when a token last caused a fetch
	failure error     // of the last fetch, or nil

	digest [sha256.Size]byte // of the set's document, zero without one; the running fetch's
}

// fetch is one attempt. Its fields may be read once it is done.
type fetch struct {
	done chan struct{}
	err  error
}

// run fetches at once, then now and then, until ctx is done.
func (r *keyring) run(ctx context.Context) {
	retry := firstRetry
	for {
		next := refreshEvery
		attempt := r.join(ctx)
		<-attempt.done
		if attempt.err != nil {
			next, retry = retry, min(2*retry, lastRetry)
		} else {
			retry = firstRetry
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(next):
		}
	}
}

// find returns the key of that id, with its set. It waits for a fetch if that
// may bring the key.
func (r *keyring) find(ctx context.Context, kid string) (*keySet, key, error) {
	for {
		set := r.set.Load()
		if set != nil {
			if k, ok := set.keys[kid]; ok {
				return set, k, nil
			}
		}
		attempt := r.ask()
		if r.set.Load() != set {
			continue // a fetch has ended meanwhile
		}
		if attempt == nil {
			return nil, key{}, r.absent(set)
		}
		select {
		case <-attempt.done:
		case <-ctx.Done():
			return nil, key{}, fmt.Errorf("wait for the keys: %w", ctx.Err())
		}
		// One that was under way may have begun before the key was made, so a
		// good one is followed by the caller's own.
		if attempt.err != nil {
			return nil, key{}, r.absent(r.set.Load())
		}
	}
}

// recall returns the user of a token that the present keys have verified. A nil
// ring has none.
func (r *keyring) recall(sum [sha256.Size]byte, now time.Time) (identity.UserID, bool) {
	if r == nil {
		return identity.UserID{}, false
	}
	set := r.set.Load()
	if set == nil {
		return identity.UserID{}, false
	}
	return set.recent.find(sum, now)
}

func (r *keyring) absent(set *keySet) error {
	if set != nil {
		return refuse(causeKeyID)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return fmt.Errorf("%w: %w", ports.ErrKeysUnavailable, r.failure)
}

// ask returns the fetch that a token with an unknown key may wait for, or nil
// if there is none and it is too early for another.
func (r *keyring) ask() *fetch {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running != nil {
		return r.running
	}
	if time.Since(r.asked) < askEvery {
		return nil
	}
	r.asked = time.Now()
	return r.start(context.Background())
}

// join returns the fetch that is under way, or else a new one.
func (r *keyring) join(ctx context.Context) *fetch {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running != nil {
		return r.running
	}
	return r.start(ctx)
}

// start expects r.mu to be held. No fetch outlives fetchTimeout, whoever waits.
func (r *keyring) start(ctx context.Context) *fetch {
	attempt := &fetch{done: make(chan struct{})}
	r.running = attempt
	go func() {
		attempt.err = r.refresh(ctx)
		r.observe(Event{SubjectKeySet, fetchOutcome(attempt.err)})
		r.mu.Lock()
		r.running, r.failure = nil, attempt.err
		r.mu.Unlock()
		close(attempt.done)
	}()
	return attempt
}

// refresh takes over what the issuer publishes: also that it has no key any
// more, but not that it has none yet.
func (r *keyring) refresh(ctx context.Context) error {
	document, err := download(ctx, r.client, r.url)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(document)
	if digest == r.digest {
		return nil
	}
	set, ignored, ok := parseKeySet(document)
	if !ok {
		return causeForm
	}
	for _, why := range ignored {
		r.observe(Event{SubjectKey, string(why)})
	}
	if len(set.keys) == 0 && r.set.Load() == nil {
		return causeNoKey
	}
	r.digest = digest
	r.set.Store(set)
	return nil
}
