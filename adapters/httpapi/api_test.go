package httpapi

import (
	"testing"

	"taskhold/adapters/httpapi/apitest"
)

func TestTheAPIKeepsItsContract(t *testing.T) {
	w := newWorld(t)
	apitest.Run(t, w.Service)
}
