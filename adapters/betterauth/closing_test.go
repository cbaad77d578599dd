package betterauth_test

import (
	"io"
	"net/http"
	"testing"

	"taskhold/adapters/betterauth"
)

// closing answers every request, and counts the bodies that were opened and
// closed.
type closing struct {
	status         int
	opened, closed int
}

func (c *closing) RoundTrip(r *http.Request) (*http.Response, error) {
	c.opened++
	return &http.Response{StatusCode: c.status, Body: c, Request: r}, nil
}

func (c *closing) Read([]byte) (int, error) { return 0, io.EOF }

func (c *closing) Close() error {
	c.closed++
	return nil
}

func TestEveryReplyOfTheIssuerIsClosed(t *testing.T) {
	for _, status := range []int{200, 302, 500} {
		transport := &closing{status: status}
		v, err := betterauth.New(betterauth.Options{KeysURL: "http://auth.test/jwks", Transport: transport, Clock: &clock{capturedAt}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(t.Context(), edPair("k").sign(t, body)); err == nil {
			t.Error("a token is good without a key")
		}
		if transport.opened == 0 || transport.opened != transport.closed {
			t.Errorf("%d: %d replies, %d of them closed", status, transport.opened, transport.closed)
		}
	}
}
