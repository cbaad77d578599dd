package httpapi

import (
	"net/url"
	"slices"

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
}

func newOrigins(o Options) origins {
	return origins{
		any:       len(o.AllowedOrigins) == 1 && o.AllowedOrigins[0] == "*",
		exact:     slices.DeleteFunc(slices.Clone(o.AllowedOrigins), func(s string) bool { return s == "*" }),
		localhost: o.AnyLocalhost,
	}
}

func (o origins) named(origin string) bool {
	return slices.Contains(o.exact, origin) || o.localhost && isLocalhost(origin)
}

func isLocalhost(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Hostname() == "localhost" && (origin == "http://localhost" || origin == "http://localhost:"+u.Port())
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
