package httpapi

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// What pages of allowed origins may send and read.
const (
	allowMethods  = "GET, HEAD, POST, PUT, PATCH, DELETE"
	allowHeaders  = "Accept, Authorization, Cache-Control, Content-Type, Idempotency-Key, If-Match, If-None-Match, Prefer, X-Request-Id, X-Requested-With, traceparent, tracestate"
	exposeHeaders = "ETag, Location, Link, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, X-Total-Count, Idempotent-Replayed, Preference-Applied"
	preflightAge  = "7200" // seconds; browsers keep it no longer
)

// origins says whose pages may call.
type origins struct {
	any       bool // without credentials
	exact     []string
	localhost bool
	own       string // of the public URL; "" if that is not set
}

func newOrigins(o Options) origins {
	return origins{
		any:       len(o.AllowedOrigins) == 1 && o.AllowedOrigins[0] == "*",
		exact:     slices.DeleteFunc(slices.Clone(o.AllowedOrigins), func(s string) bool { return s == "*" }),
		localhost: o.AnyLocalhost,
		own:       originOf(o.PublicURL),
	}
}

// originOf is what a browser calls the origin of an address (RFC 6454, 6.2).
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return strings.ToLower(u.Scheme + "://" + u.Host)
}

func (o origins) named(origin string) bool {
	return slices.Contains(o.exact, origin) || o.localhost && isLocalhost(origin)
}

// mayWrite reports whether pages of that origin may change something with
// nothing but the cookies that a browser adds. The Host of the request has no
// say: whoever can choose it could choose the origin to match.
func (o origins) mayWrite(origin string) bool {
	return o.named(origin) || o.own != "" && origin == o.own
}

func isLocalhost(origin string) bool {
	port, some := strings.CutPrefix(origin, "http://localhost:")
	_, err := strconv.ParseUint(port, 10, 16)
	return origin == "http://localhost" || some && err == nil
}

// setCORSHeaders lets the page that asks read the reply, if its origin is
// allowed.
func (x *exchange) setCORSHeaders() {
	header := &x.http.Response.Header
	origin := string(x.http.Request.Header.Peek(fiber.HeaderOrigin))
	switch {
	case origin == "":
		return
	case x.origins.named(origin):
		header.Set(fiber.HeaderAccessControlAllowOrigin, origin)
		header.Set(fiber.HeaderAccessControlAllowCredentials, "true")
	case x.origins.any:
		header.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	default:
		return
	}
	if x.isPreflight() {
		header.Set(fiber.HeaderAccessControlAllowMethods, allowMethods)
		header.Set(fiber.HeaderAccessControlAllowHeaders, allowHeaders)
		header.Set(fiber.HeaderAccessControlMaxAge, preflightAge)
		return
	}
	header.Set(fiber.HeaderAccessControlExposeHeaders, exposeHeaders)
}

// isPreflight reports whether a browser asks what a page may send. Then there
// is no token, and the route does not matter.
func (x *exchange) isPreflight() bool {
	header := &x.http.Request.Header
	return header.IsOptions() && len(header.Peek(fiber.HeaderOrigin)) > 0 &&
		len(header.Peek(fiber.HeaderAccessControlRequestMethod)) > 0
}

func (x *exchange) answerPreflight() { x.send(reply{status: fiber.StatusNoContent}) }
