package httpapi

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"taskhold/domain/fault"
	"taskhold/domain/identity"
	"taskhold/ports"
)

// realm is the challenge of RFC 6750, section 3.
const realm = `Bearer realm="todo"`

// authenticate finds out who is calling.
func (x *exchange) authenticate() error {
	if x.route.open {
		return nil
	}
	token, byCookie, err := x.token()
	if err == nil {
		x.user, err = x.options.Verifier.Verify(x.ctx, token)
	}
	switch {
	case errors.Is(err, fault.Denied) && !errors.Is(err, identity.ErrNoUser):
		return x.deny(err)
	case err == nil && byCookie:
		return x.checkOrigin()
	}
	return err
}

// token returns the token of the request. A cookie counts where it is told to,
// and only without an Authorization header, good or bad.
func (x *exchange) token() (token string, byCookie bool, err error) {
	header := &x.http.Request.Header
	if x.options.SessionCookie && !x.sent(fiber.HeaderAuthorization) {
		token, err = readCookies(header.PeekAll(fiber.HeaderCookie)).session()
		return token, true, err
	}
	token, err = bearer(header.PeekAll(fiber.HeaderAuthorization))
	return token, false, err
}

// bearer returns the token among the Authorization headers (RFC 6750, 2.1).
// Another scheme is as none: identity.ErrNoUser.
func bearer(headers [][]byte) (string, error) {
	if len(headers) == 0 {
		return "", identity.ErrNoUser
	}
	value := string(headers[0])
	scheme, token := value, ""
	if i := strings.IndexAny(value, " \t"); i >= 0 {
		scheme, token = value[:i], strings.TrimLeft(value[i:], " ")
	}
	switch {
	case len(headers) > 1, strings.EqualFold(scheme, "Bearer") && strings.Contains(token, ","):
		return "", refuse(codeMalformed, "There may be one Authorization header with one token.").
			with(fiber.HeaderWWWAuthenticate, realm+`, error="invalid_request"`)
	case !strings.EqualFold(scheme, "Bearer"):
		return "", identity.ErrNoUser
	case token == "" || strings.ContainsAny(token, " \t"):
		return "", ports.ErrTokenInvalid
	}
	return token, nil
}

// challenge is the WWW-Authenticate header of a denial. It says no more than
// whether there were credentials and whether they were good once.
func challenge(err error) string {
	switch {
	case errors.Is(err, identity.ErrNoUser):
		return realm
	case errors.Is(err, ports.ErrTokenExpired):
		return realm + `, error="invalid_token", error_description="The access token expired"`
	}
	return realm + `, error="invalid_token", error_description="The access token is invalid"`
}
