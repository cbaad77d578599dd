package ports

import (
	"context"

	"taskhold/domain/fault"
	"taskhold/domain/identity"
)

// What a TokenVerifier refuses. The messages are what RFC 6750 calls
// error_description; they tell a client no more than whether signing in again
// will help.
var (
	ErrTokenInvalid    = fault.New(fault.Denied, "UNAUTHENTICATED", "The access token is invalid.")
	ErrTokenExpired    = fault.New(fault.Denied, "UNAUTHENTICATED", "The access token expired.")
	ErrKeysUnavailable = fault.New(fault.Unavailable, "UNAVAILABLE", "Access tokens cannot be verified at the moment.")
)

// TokenVerifier is the outbound port to whoever issues access tokens.
type TokenVerifier interface {
	// Verify returns the user that token names. It returns ErrTokenExpired
	// for a token that was good once, ErrTokenInvalid for any other that it
	// cannot vouch for, and ErrKeysUnavailable if it has never had a key by
	// which to judge. The cause, for operators, is wrapped beside them.
	Verify(ctx context.Context, token string) (identity.UserID, error)
}
