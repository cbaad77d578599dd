package application

import (
	"context"

	"taskhold/domain/identity"
	"taskhold/ports"
)

var _ ports.Users = (*Users)(nil)

// Users implements [ports.Users].
type Users struct {
	store ports.Housekeeping
	clock ports.Clock
}

// NewUsers returns the use cases of accounts over a store.
func NewUsers(store ports.Housekeeping, clock ports.Clock) *Users { return &Users{store, clock} }

// Erase implements [ports.Users].
func (s *Users) Erase(ctx context.Context, user identity.UserID) error {
	return s.store.Erase(ctx, user, s.clock.Now())
}
