package bootstrap

import (
	"context"
	"time"

	"go.uber.org/zap"

	"taskhold/ports"
)

// What the purge of replays does at a time, and how often: often enough that
// the table never holds much more than a day's keys, little enough that no
// request waits for it.
const (
	purgeEvery = 5 * time.Minute
	purgeChunk = 1_000

	// purgeAnyway is how long the purge leaves alone a store that nobody uses:
	// a serverless database may be asleep.
	purgeAnyway = 24 * time.Hour
)

// purge removes the replays of keys that have run out, until ctx is done.
func (a *App) purge(ctx context.Context) {
	tick := time.NewTicker(purgeEvery)
	defer tick.Stop()
	var last time.Time
	for {
		if a.ready.usedWithin(purgeEvery) || time.Since(last) > purgeAnyway {
			last = time.Now()
			if err := purgeOnce(ctx, a.storage, last); err != nil && ctx.Err() == nil {
				a.log.Warn("purge of replays failed; it will be tried again", zap.Error(err))
			}
		} else {
			a.watch.metrics.PurgeSpared()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func purgeOnce(ctx context.Context, store ports.Housekeeping, now time.Time) error {
	for {
		purged, err := store.PurgeReplays(ctx, now.Add(-ports.KeyRetention), purgeChunk)
		if err != nil || purged < purgeChunk {
			return err
		}
	}
}
