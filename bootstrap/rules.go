package bootstrap

import (
	"cmp"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-playground/validator/v10"

	"taskhold/adapters/betterauth"
	"taskhold/adapters/limiter"
)

// rules are the validations that are ours, by tag.
var rules = map[string]struct {
	holds    validator.Func
	sentence string
}{
	"database_url": {isDatabaseURL, "must be postgres://user:password@host/name or sqlite:/path/to/file.db"},
	"secret":       {isSecret, "must have at least 32 bytes"},
	"secrets":      {areSecrets, "must list versions and secrets of at least 32 bytes each, as in 2:new,1:old"},
	"listen":       {isListen, "must be an address and a port, as in 127.0.0.1:8001, or off"},
	"redis_url":    {isRedisURL, "must be an address such as redis://user:password@host:6379/0, the same with rediss://, or unix:///path?db=0"},
	"auth_url":     {isAuthURL, "must be an address such as https://app.example.com, without a user, a query or a fragment"},
	"keys_url":     {isKeysURL, "must be an address such as https://app.example.com/api/auth/jwks, without a user or a fragment"},
	"host":         {isAddress, "must be an IP address without brackets, or the name of a host"},
	"token":        {isToken, "must have at least 32 bytes, without control characters or white space around them"},
	"public_url":   {isPublicURL, "must be an address such as https://tasks.example.com/todo, percent-encoded where that is due, without a user, a query or a fragment"},
	"origins":      {areOrigins, "must be origins as browsers write them, such as https://app.example.com without :443, or * alone"},

	"session_cookie": {isFitForCookies, "can be on only with a secret, which signs the cookie, and without ALLOWED_ORIGINS=*"},
}

func newValidator() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(field reflect.StructField) string { return field.Tag.Get("env") })
	for tag, rule := range rules {
		if err := v.RegisterValidation(tag, rule.holds); err != nil {
			panic(err) // a mistake in the table above
		}
	}
	return v
}

func isDatabaseURL(field validator.FieldLevel) bool {
	url := field.Field().String()
	e, ok := engineOf(url)
	return ok && e.check(url) == nil
}

func isSecret(field validator.FieldLevel) bool {
	return len(field.Field().String()) >= betterauth.MinSecretLen
}

func areSecrets(field validator.FieldLevel) bool {
	secrets, err := betterauth.ParseSecrets(field.Field().String())
	return err == nil && !slices.ContainsFunc(secrets, func(s string) bool { return len(s) < betterauth.MinSecretLen })
}

func isListen(field validator.FieldLevel) bool {
	text := field.Field().String()
	host, port, err := net.SplitHostPort(text)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	return text == "off" || err == nil && (host == "" || isHostOrIP(host))
}

func isAddress(field validator.FieldLevel) bool { return isHostOrIP(field.Field().String()) }

// isHostOrIP wants what can be listened at, if it is a name of this machine.
func isHostOrIP(text string) bool {
	if _, err := netip.ParseAddr(text); err == nil {
		return true
	}
	strange := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("-._", r)
	}
	return text != "" && !strings.ContainsFunc(text, strange)
}

// isToken wants what can be sent in a header, which is trimmed.
func isToken(field validator.FieldLevel) bool {
	text := field.Field().String()
	return isSecret(field) && strings.TrimSpace(text) == text && !strings.ContainsFunc(text, unicode.IsControl)
}

func isAuthURL(field validator.FieldLevel) bool {
	_, err := betterauth.KeysURL(field.Field().String())
	return err == nil
}

func isKeysURL(field validator.FieldLevel) bool {
	return betterauth.CheckURL(field.Field().String()) == nil
}

func isRedisURL(field validator.FieldLevel) bool {
	return limiter.CheckURL(field.Field().String()) == nil
}

// areOrigins wants scheme, host and port alone, and no port that the scheme
// implies (RFC 6454, 6.2), for browsers send nothing else and are compared
// exactly.
func areOrigins(field validator.FieldLevel) bool {
	origins, _ := field.Field().Interface().([]string)
	if slices.Contains(origins, "*") {
		return len(origins) == 1
	}
	return !slices.ContainsFunc(origins, func(origin string) bool {
		u, err := url.Parse(origin)
		return err != nil || u.Scheme+"://"+u.Host != origin || !isWeb(u.Scheme) || !isHost(u) || strings.ToLower(origin) != origin ||
			u.Scheme+":"+u.Port() == "http:80" || u.Scheme+":"+u.Port() == "https:443"
	})
}

// isPublicURL wants an address that a path can follow, in a header too.
func isPublicURL(field validator.FieldLevel) bool {
	address := field.Field().String()
	u, err := url.Parse(address)
	return err == nil && isWeb(u.Scheme) && isHost(u) && u.Scheme+"://"+u.Host+u.EscapedPath() == address &&
		!strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"<>\^`+"`{|}", r) })
}

// isHost wants the name or address of a host and, after a colon, a port.
func isHost(u *url.URL) bool {
	strange := func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`"%<>\^`+"`{|}", r) }
	_, err := strconv.ParseUint(cmp.Or(u.Port(), "0"), 10, 16)
	return u.Hostname() != "" && err == nil && !strings.HasSuffix(u.Host, ":") && !strings.ContainsFunc(u.Host, strange)
}

// isFitForCookies wants a way to verify the cookie, and no page of just anybody.
func isFitForCookies(field validator.FieldLevel) bool {
	c, _ := reflect.Indirect(field.Parent()).Interface().(Config)
	return c.Cookie == "off" || (c.Secret != "" || c.Secrets != "") && !slices.Contains(c.AllowedOrigins, "*")
}

func isWeb(scheme string) bool { return scheme == "http" || scheme == "https" }
