package telemetry

import (
	"bytes"
	"io"
	"sync"
	"time"
)

const (
	// gatherFor is for how long an entry may wait for others.
	gatherFor = 100 * time.Millisecond
	// gatherMost is how many bytes may wait.
	gatherMost = 64 << 10
)

// gathering is a [zapcore.WriteSyncer] that writes entries together. That of
// zap writes nothing ever again after one error, as of a disk that was full for
// a moment; and it asks for what it wrote to be on the disk, ten times a second.
type gathering struct {
	w io.Writer

	mu      sync.Mutex // guards what follows
	waiting []byte
	timer   *time.Timer // writes what waits; nil if nothing does
}

// Write takes an entry. An error is that of entries before it, which are lost.
func (g *gathering) Write(entry []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, entry...)
	if len(g.waiting) >= gatherMost {
		return len(entry), g.write()
	}
	if g.timer == nil {
		g.timer = time.AfterFunc(gatherFor, func() { _ = g.Sync() }) // nobody is there to be told
	}
	return len(entry), nil
}

// Sync writes what waits.
func (g *gathering) Sync() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.write()
}

// write expects g.mu to be held.
func (g *gathering) write() error {
	if g.timer != nil {
		g.timer.Stop()
		g.timer = nil
	}
	if len(g.waiting) == 0 {
		return nil
	}
	written, err := g.w.Write(g.waiting)
	g.waiting = append(g.waiting[:0], restOfLine(g.waiting, written)...)
	return err
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
