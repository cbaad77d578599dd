package storetest_test

import (
	"testing"

	"taskhold/adapters/memory"
	"taskhold/ports/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(testing.TB) storetest.Subject { return new(memory.Store) })
}
