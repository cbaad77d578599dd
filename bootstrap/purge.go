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
)

// purge removes the replays of keys that have run out, until ctx is done.
func (a *App) purge(ctx context.Context) {
	tick := time.NewTicker(purgeEvery)
	defer tick.Stop()
	for {
		if err := purgeOnce(ctx, a.storage, time.Now()); err != nil && ctx.Err() == nil {
			a.log.Warn("purge of replays failed; it will be tried again", zap.Error(err))
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
