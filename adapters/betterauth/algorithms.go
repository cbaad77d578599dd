package betterauth

import "github.com/golang-jwt/jwt/v5"

// ps256 demands the salt of RFC 7518, section 3.5; golang-jwt's own takes any.
var ps256 = &jwt.SigningMethodRSAPSS{
	SigningMethodRSA: jwt.SigningMethodPS256.SigningMethodRSA,
	Options:          jwt.SigningMethodPS256.Options,
}

// algorithms are all that a token or a key may name: of RFC 7518, section 3,
// RFC 8037, and RFC 9864, for which "Ed25519" is what "EdDSA" was. golang-jwt's
// registry is not asked: it knows "none", and not "Ed25519".
var algorithms = map[string]jwt.SigningMethod{
	"HS256":   jwt.SigningMethodHS256,
	"EdDSA":   jwt.SigningMethodEdDSA,
	"Ed25519": jwt.SigningMethodEdDSA,
	"ES256":   jwt.SigningMethodES256,
	"ES384":   jwt.SigningMethodES384,
	"ES512":   jwt.SigningMethodES512,
	"RS256":   jwt.SigningMethodRS256,
	"PS256":   ps256,
}
