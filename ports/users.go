package ports

import (
	"context"

	"taskhold/domain/identity"
)

// Users is the inbound port for whoever keeps the accounts, which is not this
// program: what it has to know is who is gone.
type Users interface {
	// Erase removes all that is the user's and remembers for ever that the
	// user was erased, so that a token that is still valid can bring nothing
	// back. Erasing again changes nothing, and so does erasing a user of whom
	// nothing is known, but that it is remembered too.
	Erase(ctx context.Context, user identity.UserID) error
}
