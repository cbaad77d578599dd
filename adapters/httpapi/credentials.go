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
	token, err := bearer(x.http.Request.Header.PeekAll(fiber.HeaderAuthorization))
	if err == nil {
		x.user, err = x.options.Verifier.Verify(x.ctx, token)
	}
	if errors.Is(err, fault.Denied) && !errors.Is(err, identity.ErrNoUser) {
		return x.deny(err)
	}
	return err
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
