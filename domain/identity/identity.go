// Package identity names who is acting. It knows nothing of tokens or
// sessions.
package identity

import (
	"unicode"
	"unicode/utf8"

	"taskhold/domain/fault"
)

// MaxUserIDLen is the most bytes that a user's id may have. Issuers choose the
// form of their ids, so there is no other rule but that they can be stored.
const MaxUserIDLen = 255

var (
	// ErrNoUser says that an action needs a user and has none.
	ErrNoUser = fault.New(fault.Denied, "UNAUTHENTICATED", "A signed-in user is required.")

	// ErrErased says that the user was erased for ever. It has the code of
	// ErrNoUser: to a client a token of an erased user is just not valid.
	ErrErased = fault.New(fault.Denied, "UNAUTHENTICATED", "This user no longer exists.")
)

// UserID identifies a user, byte for byte: "ann" and "Ann" are two. The zero
// value is nobody, and whatever acts for a user refuses it.
type UserID struct{ value string }

// ParseUserID returns ErrNoUser for a text that cannot be an id: empty, over
// MaxUserIDLen bytes, not UTF-8, or with a control character.
func ParseUserID(s string) (UserID, error) {
	if s == "" || len(s) > MaxUserIDLen || !utf8.ValidString(s) {
		return UserID{}, ErrNoUser
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return UserID{}, ErrNoUser
		}
	}
	return UserID{s}, nil
}

func (id UserID) String() string { return id.value }

// IsZero reports whether id is nobody.
func (id UserID) IsZero() bool { return id == UserID{} }
