package httpapi

import (
	"testing"

	"taskhold/adapters/httpapi/apitest"
)

func TestTheAPIKeepsItsContract(t *testing.T) {
	w := newWorld(t)
	apitest.Run(t, apitest.Connect(t, w.url, func(user string) string { return "token-of-" + user }))
}
