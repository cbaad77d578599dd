package limiter

// Buckets is how many buckets l knows.
func (l *Local) Buckets() int {
	n := 0
	for _, t := range l.tables {
		t.mu.Lock()
		n += len(t.young) + len(t.old)
		t.mu.Unlock()
	}
	return n
}

// MostBuckets is how many buckets of one policy a Local may know.
const MostBuckets = 2 * generation
