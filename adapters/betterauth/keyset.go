package betterauth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"math/big"
	"slices"

	"github.com/golang-jwt/jwt/v5"
)

// key is a public key, with the one method that it is for. A slow one takes
// over a millisecond for a signature, good or bad.
type key struct {
	method jwt.SigningMethod
	public any
	slow   bool
}

// keySet is one state of the issuer's keys, by their ids. What was verified by
// them is forgotten with them.
type keySet struct {
	keys   map[string]key
	recent recent
}

// parseKeySet reads a JSON Web Key Set (RFC 7517, section 5). It tells the
// causes of the keys that it ignores, and reports false for what is no set.
func parseKeySet(raw []byte) (set *keySet, ignored []cause, ok bool) {
	document, _ := parseObject(raw) // nil has no keys either
	list, ok := document["keys"].([]any)
	if !ok {
		return nil, nil, false
	}
	set = &keySet{keys: map[string]key{}}
	uses := countKeyIDs(list)
	for _, element := range list {
		jwk, _ := element.(object)
		kid, _ := jwk["kid"].(string)
		k, err := parseKey(jwk)
		if err == nil && uses[kid] > 1 {
			err = causeDuplicate
		}
		var why cause
		if errors.As(err, &why) {
			ignored = append(ignored, why)
			continue
		}
		set.keys[kid] = k
	}
	return set, ignored, true
}

// countKeyIDs counts ids, so that none of two keys that share one is believed.
func countKeyIDs(list []any) map[string]int {
	uses := map[string]int{}
	for _, element := range list {
		jwk, _ := element.(object)
		kid, _ := jwk["kid"].(string)
		uses[kid]++
	}
	return uses
}

// parseKey returns a [cause] for a key that must not verify tokens, above all
// one whose private half the set gives away.
func parseKey(jwk object) (key, error) {
	for _, name := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
		if _, there := jwk[name]; there {
			return key{}, causePrivate
		}
	}
	if kid, _ := jwk["kid"].(string); kid == "" {
		return key{}, causeKeyID
	}
	if !isForSignatures(jwk) {
		return key{}, causeUse
	}
	alg, _ := jwk["alg"].(string)
	k := key{method: algorithms[alg]}
	k.slow = k.method == jwt.SigningMethodES384 || k.method == jwt.SigningMethodES512
	var err error
	switch kty, _ := jwk["kty"].(string); kty {
	case "OKP":
		k.public, err = parseEd25519(jwk, k.method)
	case "EC":
		k.public, err = parseEC(jwk, k.method)
	case "RSA":
		k.public, k.slow, err = parseRSA(jwk, k.method)
	default:
		err = causeType
	}
	return k, err
}

// isForSignatures reads use and key_ops (RFC 7517, sections 4.2 and 4.3), which
// need not be there.
func isForSignatures(jwk object) bool {
	if use, there := jwk["use"]; there && use != "sig" {
		return false
	}
	ops, there := jwk["key_ops"]
	list, _ := ops.([]any)
	return !there || slices.Contains(list, any("verify"))
}

// parseEd25519 reads a key of RFC 8037, section 2.
func parseEd25519(jwk object, method jwt.SigningMethod) (any, error) {
	if method != jwt.SigningMethodEdDSA || jwk["crv"] != "Ed25519" {
		return nil, causeAlgorithm
	}
	x := octets(jwk, "x")
	if len(x) != ed25519.PublicKeySize {
		return nil, causePoint
	}
	return ed25519.PublicKey(x), nil
}

// curves are those of RFC 7518, section 3.4, for the one method that each is for.
var curves = map[jwt.SigningMethod]elliptic.Curve{
	jwt.SigningMethodES256: elliptic.P256(),
	jwt.SigningMethodES384: elliptic.P384(),
	jwt.SigningMethodES512: elliptic.P521(),
}

// parseEC reads a key of RFC 7518, section 6.2.1: coordinates have the curve's
// full length, and the point is on it.
func parseEC(jwk object, method jwt.SigningMethod) (any, error) {
	curve, known := curves[method]
	if !known || jwk["crv"] != curve.Params().Name {
		return nil, causeAlgorithm
	}
	const uncompressed = 4 // SEC 1, section 2.3.3
	size := (curve.Params().BitSize + 7) / 8
	x, y := octets(jwk, "x"), octets(jwk, "y")
	if len(x) != size { // the length of both is judged with the point
		return nil, causePoint
	}
	public, err := ecdsa.ParseUncompressedPublicKey(curve, slices.Concat([]byte{uncompressed}, x, y))
	if err != nil {
		return nil, causePoint
	}
	return public, nil
}

// parseRSA reads a key of RFC 7518, section 6.3.1. At least 2048 bits are that
// RFC's rule; the most is what a signature may cost.
func parseRSA(jwk object, method jwt.SigningMethod) (public any, slow bool, err error) {
	const least, large, most = 2048, 4096, 8192
	if method != jwt.SigningMethodRS256 && method != ps256 {
		return nil, false, causeAlgorithm
	}
	modulus, exponent := new(big.Int).SetBytes(octets(jwk, "n")), new(big.Int).SetBytes(octets(jwk, "e"))
	if modulus.Bit(0) == 0 || exponent.Bit(0) == 0 {
		return nil, false, causeForm
	}
	bits := modulus.BitLen()
	if bits < least || bits > most || exponent.BitLen() < 2 || exponent.BitLen() > 31 {
		return nil, false, causeSize
	}
	return &rsa.PublicKey{N: modulus, E: int(exponent.Int64())}, bits > large, nil
}

// octets returns nothing for what is no member, or none in base64url.
func octets(jwk object, name string) []byte {
	text, _ := jwk[name].(string)
	raw, _ := decodeSegment(text)
	return raw
}
