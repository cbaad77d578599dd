package betterauth

import (
	"errors"
	"fmt"

	"taskhold/ports"
)

// Event is something that happened, in words for metrics and logs: few, and
// none taken from a token, a key or a secret.
type Event struct {
	Subject Subject
	Outcome string
}

// Subject is what an [Event] is about.
type Subject string

const (
	// SubjectToken is a call of Verify. The token was "accepted", "cached"
	// (accepted, having been verified a moment ago), "expired" or refused for
	// one of the causes below; or there was "no key" at all by which to judge
	// it, or the "context" of the call was over.
	SubjectToken Subject = "token"
	// SubjectKeySet is a fetch of the key set: "fetched", or failed for one of
	// the causes below.
	SubjectKeySet Subject = "key set"
	// SubjectKey is a key of a set just fetched that is ignored for one of the
	// causes below: the operator should know.
	SubjectKey Subject = "key"
)

const (
	outcomeAccepted = "accepted"
	outcomeCached   = "cached"
	outcomeExpired  = "expired"
	outcomeContext  = "context"
	outcomeFetched  = "fetched"
)

// A cause is why a token or a key is refused or a fetch has failed, in a word
// that may be logged.
type cause string

const (
	causeSize      cause = "size"
	causeForm      cause = "form"      // not what its grammar says
	causeHeader    cause = "header"    // a typ or crit, or a key that the token brings itself
	causeAlgorithm cause = "algorithm" // not accepted, or not that of the key
	causeKeyID     cause = "key id"    // missing or unknown
	causeSignature cause = "signature"
	causeKind      cause = "kind" // no access token: an ID token, a machine's, a bound one
	causeIssuer    cause = "issuer"
	causeAudience  cause = "audience"
	causeUser      cause = "user" // none, or not a user's id
	causeTimes     cause = "times"

	causePrivate   cause = "private" // its private half is published
	causeType      cause = "type"
	causeUse       cause = "use"
	causePoint     cause = "point"
	causeDuplicate cause = "duplicate"

	causeUnreachable cause = "unreachable"
	causeTimeout     cause = "timeout"
	causeStatus      cause = "status"
	causeRedirect    cause = "redirect"
	causeNoKey       cause = "no key"
)

func (c cause) Error() string { return string(c) }

func refuse(c cause) error { return fmt.Errorf("%w: %w", ports.ErrTokenInvalid, c) }

// tokenOutcome names what Verify returned.
func tokenOutcome(err error) string {
	var why cause
	switch {
	case err == nil:
		return outcomeAccepted
	case errors.Is(err, ports.ErrTokenExpired):
		return outcomeExpired
	case errors.Is(err, ports.ErrKeysUnavailable): // whatever the fetch has failed for
		return string(causeNoKey)
	case errors.As(err, &why):
		return string(why)
	}
	return outcomeContext
}

// fetchOutcome names what a fetch came to.
func fetchOutcome(err error) string {
	if why := cause(outcomeFetched); err == nil || errors.As(err, &why) {
		return string(why)
	}
	return string(causeUnreachable)
}
