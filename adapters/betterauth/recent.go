package betterauth

import (
	"crypto/sha256"
	"sync"
	"time"

	"taskhold/domain/identity"
)

const (
	// recentFor is for how long a verified token is believed unseen.
	recentFor = time.Minute
	// maxRecent bounds the memory: some 2 MB.
	maxRecent = 16384
)

// recent remembers tokens that were verified, by their hashes: of a token
// itself nothing is kept. The zero value remembers nothing yet.
type recent struct {
	mu     sync.RWMutex
	grants map[[sha256.Size]byte]grant
}

func (r *recent) find(sum [sha256.Size]byte, now time.Time) (identity.UserID, bool) {
	r.mu.RLock()
	g, ok := r.grants[sum]
	r.mu.RUnlock()
	if !ok || !now.Before(g.until) {
		return identity.UserID{}, false
	}
	return g.user, true
}

// add remembers g until its end, but not for long. If there is no room, any
// other is forgotten.
func (r *recent) add(sum [sha256.Size]byte, g grant, now time.Time) {
	if soon := now.Add(recentFor); soon.Before(g.until) {
		g.until = soon
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.grants == nil {
		r.grants = map[[sha256.Size]byte]grant{}
	}
	for other := range r.grants {
		if len(r.grants) < maxRecent {
			break
		}
		delete(r.grants, other)
	}
	r.grants[sum] = g
}
