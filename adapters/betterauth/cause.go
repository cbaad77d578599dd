package betterauth

import (
	"context"
	"errors"
	"fmt"

	"taskhold/ports"
)

// A cause is why a token is refused, in a word that may be logged.
type cause string

const (
	causeSize       cause = "size"
	causeForm       cause = "form"      // not three parts of strict base64url, or not JSON objects
	causeHeader     cause = "header"    // typ, crit, or a key that the token brings itself
	causeAlgorithm  cause = "algorithm" // not accepted, or not that of the key
	causeKeyID      cause = "key id"    // missing or unknown
	causeSignature  cause = "signature"
	causeIssuer     cause = "issuer"
	causeAudience   cause = "audience"
	causeUser       cause = "user" // none, or not a user's id
	causeTimes      cause = "times"
	causeKind       cause = "kind" // no access token: an ID token, a machine's, a bound one
	outcomeAccepted       = "accepted"
	outcomeExpired        = "expired"
	outcomeKeys           = "keys"
	outcomeContext        = "context"
)

func (c cause) Error() string { return string(c) }

func refuse(c cause) error { return fmt.Errorf("%w: %w", ports.ErrTokenInvalid, c) }

// outcome names what Verify returned.
func outcome(err error) string {
	var why cause
	switch {
	case err == nil:
		return outcomeAccepted
	case errors.As(err, &why):
		return string(why)
	case errors.Is(err, ports.ErrTokenExpired):
		return outcomeExpired
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return outcomeContext
	}
	return outcomeKeys
}
