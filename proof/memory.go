package proof

import (
	"testing"

	"taskhold/adapters/memory"
	"taskhold/adapters/system"
	"taskhold/application"
)

// ServeMemory serves both doors over the store in memory until the test ends,
// and returns the address, without a slash at the end.
func ServeMemory(t testing.TB) string {
	t.Helper()
	return ServeTasks(t, application.NewTasks(new(memory.Store), new(system.Turns), new(system.Clock), system.IDs{}, 50_000))
}
