package betterauth

import "github.com/golang-jwt/jwt/v5"

// hs256 is the one algorithm that works with a secret.
const hs256 = "HS256"

// algorithm is one of RFC 7518, section 3, RFC 8037 or RFC 9864.
type algorithm struct {
	method jwt.SigningMethod
}

// algorithms are all that a token may name. golang-jwt's own registry is not
// asked: it knows "none", and not "Ed25519".
var algorithms = map[string]algorithm{
	hs256: {method: jwt.SigningMethodHS256},
}
