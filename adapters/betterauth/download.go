package betterauth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	fetchTimeout   = 3 * time.Second
	maxKeySetLen   = 512 << 10
	maxReplyHeader = 64 << 10
)

// newClient follows no redirect: keys come from the configured address or not
// at all.
func newClient(transport http.RoundTripper) *http.Client {
	if transport == nil {
		transport = NewTransport()
	}
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// NewTransport returns what a key set is fetched through if nothing else is
// asked for. It keeps no connection, since fetches are minutes apart.
func NewTransport() http.RoundTripper {
	own := http.DefaultTransport.(*http.Transport).Clone()
	own.DisableKeepAlives = true
	own.MaxResponseHeaderBytes = maxReplyHeader
	return own
}

// download returns the document at an address. Its errors have a [cause].
func download(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, unreachable(err)
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	reply, err := client.Do(request)
	if err != nil {
		return nil, unreachable(err)
	}
	defer reply.Body.Close()
	switch {
	case reply.StatusCode >= 300 && reply.StatusCode < 400:
		return nil, fmt.Errorf("%w %d", causeRedirect, reply.StatusCode)
	case reply.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%w %d", causeStatus, reply.StatusCode)
	}
	document, err := io.ReadAll(io.LimitReader(reply.Body, maxKeySetLen+1))
	if err != nil {
		return nil, unreachable(err)
	}
	if len(document) > maxKeySetLen {
		return nil, causeSize
	}
	return document, nil
}

// unreachable drops the address that net/http puts into its errors.
func unreachable(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return causeTimeout
	}
	var withURL *url.Error
	if errors.As(err, &withURL) {
		err = withURL.Err
	}
	return fmt.Errorf("%w: %w", causeUnreachable, err)
}
