package httpapi

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"taskhold/domain/identity"
	"taskhold/ports"
)

const (
	// sessionCookie is where Better Auth keeps the session as a JWT, for its
	// cookieCache with the strategy "jwt".
	sessionCookie = "better-auth.session_data"

	// securePrefix stands before the name where Better Auth is under https.
	// Without TLS nobody can set such a cookie (RFC 6265bis, 4.1.3.1).
	securePrefix = "__Secure-"

	// maxChunks is how many cookies one token may be split into. Better Auth
	// fills each up to 4050 bytes, so that four hold the longest token.
	maxChunks = 10
)

// cookies are the values that a request has under each name.
type cookies map[string][]string

func readCookies(lines [][]byte) cookies {
	all := cookies{}
	for _, line := range lines {
		for pair := range strings.SplitSeq(string(line), ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			all[name] = append(all[name], value)
		}
	}
	return all
}

// session returns the token that the cookies hold: identity.ErrNoUser if none.
// One that only an encrypted page can have set hides the other, which anybody
// on the network can.
func (c cookies) session() (string, error) {
	token, err := c.token(securePrefix + sessionCookie)
	if errors.Is(err, identity.ErrNoUser) {
		return c.token(sessionCookie)
	}
	return token, err
}

// token returns what stands under the name, or else in chunks under name.0,
// name.1 and so on. Whether that is all of them the signature tells.
func (c cookies) token(name string) (string, error) {
	if whole, err := c.value(name); whole != "" || err != nil {
		return whole, err
	}
	var token string
	for i := range maxChunks {
		chunk, err := c.value(name + "." + strconv.Itoa(i))
		if err != nil {
			return "", err
		}
		if chunk == "" {
			break
		}
		token += chunk
	}
	if token == "" {
		return "", identity.ErrNoUser
	}
	return token, nil
}

// value returns what Better Auth wrote, which it percent-encodes; "" is as
// none, for so it takes a cookie away. Of two with one name, as a neighbouring
// domain can bring about (RFC 6265, 8.6), nobody knows whose counts.
func (c cookies) value(name string) (string, error) {
	switch sent := c[name]; len(sent) {
	case 0:
		return "", nil
	case 1:
		value, err := url.PathUnescape(sent[0])
		if err != nil {
			return "", ports.ErrTokenInvalid
		}
		return value, nil
	}
	return "", ports.ErrTokenInvalid
}

// checkOrigin refuses a write that a browser may have been made to sign in by
// a page of another site. Every browser says where a write comes from; "null"
// and silence are nobody's origin, and any origin is not a named one.
func (x *exchange) checkOrigin() error {
	if x.route.method == fiber.MethodGet || x.route.method == fiber.MethodHead {
		return nil
	}
	sent := x.http.Request.Header.PeekAll(fiber.HeaderOrigin)
	if len(sent) == 1 && x.origins.mayWrite(string(sent[0])) {
		return nil
	}
	return refuse(codeForbidden, "A change that a cookie signs in needs the Origin of a page that may call.")
}
