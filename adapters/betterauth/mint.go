package betterauth

import (
	"time"

	"github.com/golang-jwt/jwt/v5"

	"taskhold/domain/identity"
)

// Mint returns a token as Better Auth's jwt.sign makes it with its secret, for
// development alone: who can call it already has the secret.
func Mint(secret string, user identity.UserID, now time.Time, life time.Duration) (string, error) {
	claims := jwt.MapClaims{"sub": user.String(), "iat": now.Unix(), "exp": now.Add(life).Unix()}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secret))
}
