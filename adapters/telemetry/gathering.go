package telemetry

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"sync"
	"time"
)

const (
	// gatherFor is for how long an entry may wait for others.
	gatherFor = 100 * time.Millisecond
	// gatherMost is how many bytes wait before they are written.
	gatherMost = 64 << 10
	// gatherLimit is how many bytes may wait while nobody takes them. What
	// comes then is lost.
	gatherLimit = 1 << 20
	// gatherPatience is the longest that anybody waits for a write.
	gatherPatience = time.Second
)

var errNobodyReads = errors.New("the log is not taken")

// gathering is a [zapcore.WriteSyncer] that writes entries together. That of
// zap writes nothing ever again after one error, as of a disk that was full for
// a moment; and it asks for what it wrote to be on the disk, ten times a second.
//
// Nobody is held up by a pipe that is full because its reader has stopped: one
// goroutine at a time writes, and others leave their entries to it.
type gathering struct {
	w    io.Writer
	loss func(entries int) []byte // renders an entry that tells of those that are lost

	mu      sync.Mutex // guards what follows
	waiting []byte
	spare   []byte // to gather in while waiting is written
	lost    int
	timer   *time.Timer   // writes what waits; nil if nothing does
	written chan struct{} // closed once nothing waits anymore; nil if nothing is written
	since   time.Time     // when the write began that runs
	err     error         // of a write since written was made
}

// Write takes an entry.
func (g *gathering) Write(entry []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting)+len(entry) > gatherLimit {
		g.lost++
		return len(entry), nil
	}
	g.waiting = append(g.waiting, entry...)
	switch {
	case len(g.waiting) >= gatherMost:
		g.start()
	case g.timer == nil:
		g.timer = time.AfterFunc(gatherFor, g.flush)
	}
	return len(entry), nil
}

// Sync writes what waits. It does not wait for a write that takes too long,
// and leaves it running.
func (g *gathering) Sync() error {
	g.mu.Lock()
	g.start()
	written, patience := g.written, gatherPatience-time.Since(g.since)
	g.mu.Unlock()
	if written == nil {
		return nil
	}
	select {
	case <-written:
	case <-time.After(patience):
		return errNobodyReads
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.err
}

func (g *gathering) flush() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.start()
}

// start has what waits written, unless that is being done. It expects g.mu to
// be held.
func (g *gathering) start() {
	if g.timer != nil {
		g.timer.Stop()
		g.timer = nil
	}
	if g.written == nil && len(g.waiting) > 0 {
		g.written, g.since, g.err = make(chan struct{}), time.Now(), nil
		go g.write()
	}
}

// write writes until nothing waits, or until it fails.
func (g *gathering) write() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.waiting) > 0 && g.err == nil {
		if g.lost > 0 {
			g.waiting, g.lost = append(g.waiting, g.loss(g.lost)...), 0
		}
		now := g.waiting
		g.waiting, g.since = g.spare[:0], time.Now()
		g.mu.Unlock()
		written, err := g.w.Write(now)
		g.mu.Lock()
		g.err, g.spare = err, now
		g.keep(restOfLine(now, written))
	}
	close(g.written)
	g.written = nil
}

// keep puts the rest of a line before what waits, which is written soon. It
// expects g.mu to be held.
func (g *gathering) keep(rest []byte) {
	if len(g.waiting) > 0 && g.timer == nil {
		g.timer = time.AfterFunc(gatherFor, g.flush)
	}
	if len(rest) > 0 {
		g.waiting = slices.Concat(rest, g.waiting)
	}
}

// restOfLine is what is missing of an entry that was written in part, as by a
// disk that became full: without it the next would be no line of its own.
func restOfLine(entries []byte, written int) []byte {
	if written <= 0 || written >= len(entries) || entries[written-1] == '\n' {
		return nil
	}
	rest := entries[written:]
	return rest[:bytes.IndexByte(rest, '\n')+1]
}
