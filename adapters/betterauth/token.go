package betterauth

import (
	"encoding/base64"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// maxTokenLen bounds the work that a stranger can ask for. Better Auth puts
	// the whole user in a token by default, a picture's address included.
	maxTokenLen = 12 << 10
	// maxHeaderLen is some ten times what Better Auth's headers have.
	maxHeaderLen = 1 << 10
)

// token is a JSON Web Signature in compact form (RFC 7515), of which the
// signature is yet to be verified.
type token struct {
	method    jwt.SigningMethod
	kid       string // "" if the header has none, or none that a key could have
	text      string // what is signed
	payload   string
	signature []byte
}

// parse reads a token as far as its header. It refuses what no later step could
// accept, before any step that costs much.
func parse(s string) (token, error) {
	if len(s) > maxTokenLen {
		return token{}, refuse(causeSize)
	}
	header, rest, _ := strings.Cut(s, ".")
	payload, signature, two := strings.Cut(rest, ".") // a third dot is no letter of base64url
	if !two {
		return token{}, refuse(causeForm)
	}
	if len(header) > maxHeaderLen {
		return token{}, refuse(causeSize)
	}
	members, err := decodeMembers(header)
	if err != nil {
		return token{}, err
	}
	t := token{text: s[:len(header)+1+len(payload)], payload: payload}
	if t.signature, err = decodeSegment(signature); err != nil {
		return token{}, err
	}
	err = t.readHeader(members)
	return t, err
}

// readHeader takes what is needed of the header. Members that mean nothing here
// are ignored, as RFC 7515, section 4, demands; not so those by which a token
// would tell how it wants to be verified.
func (t *token) readHeader(header object) error {
	for _, name := range []string{"crit", "b64", "jku", "jwk", "x5u", "x5c"} {
		if _, there := header[name]; there {
			return refuse(causeHeader)
		}
	}
	if typ, there := header["typ"]; there && !isAccessTokenType(typ) {
		return refuse(causeHeader)
	}
	alg, _ := header["alg"].(string)
	if t.method = algorithms[alg]; t.method == nil {
		return refuse(causeAlgorithm)
	}
	t.kid, _ = header["kid"].(string)
	return nil
}

// isAccessTokenType knows the typ of RFC 7519 and of RFC 9068. Better Auth's
// logout tokens and session caches have others, its ID tokens none.
func isAccessTokenType(typ any) bool {
	s, _ := typ.(string)
	return strings.EqualFold(s, "JWT") || strings.EqualFold(s, "at+jwt")
}

func (t token) claims() (object, error) { return decodeMembers(t.payload) }

func decodeMembers(segment string) (object, error) {
	raw, _ := decodeSegment(segment) // nothing is no object
	members, ok := parseObject(raw)
	if !ok {
		return nil, refuse(causeForm)
	}
	return members, nil
}

// decodeSegment accepts one spelling of each octet string: without padding
// (RFC 7515, section 2), stray bits, or the line breaks that Go's decoder skips.
func decodeSegment(s string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || strings.ContainsAny(s, "\r\n") {
		return nil, refuse(causeForm)
	}
	return raw, nil
}
