package httpapi

import (
	"bytes"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
)

// setCommonHeaders sets what stands on every reply.
func (x *exchange) setCommonHeaders() {
	header := &x.http.Response.Header
	header.Set(fiber.HeaderXRequestID, x.id)
	header.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	header.Set(fiber.HeaderVary, x.vary())
	header.Set(fiber.HeaderCacheControl, x.cacheControl())
	x.setRateHeaders()
	x.setCORSHeaders()
}

// vary adds what every reply varies by to what this one does.
func (x *exchange) vary() string {
	all := "Authorization, Origin"
	if x.options.SessionCookie {
		all += ", Cookie"
	}
	if own := x.http.Response.Header.Peek(fiber.HeaderVary); len(own) > 0 {
		all += ", " + string(own)
	}
	return all
}

// cacheControl lets a user's own cache keep what it can validate.
func (x *exchange) cacheControl() string {
	response := &x.http.Response
	status := response.StatusCode()
	if (status == fiber.StatusOK || status == fiber.StatusNotModified) && len(response.Header.Peek(fiber.HeaderETag)) > 0 {
		return "private, no-cache"
	}
	return "no-store"
}

// field returns the value of a request's header; of several lines with it,
// their list (RFC 9110, 5.3).
func (x *exchange) field(name string) string {
	lines := x.http.Request.Header.PeekAll(name)
	if len(lines) == 0 {
		return ""
	}
	return string(bytes.Join(lines, []byte(", ")))
}

// sent reports whether the request has a header at all.
func (x *exchange) sent(name string) bool { return len(x.http.Request.Header.PeekAll(name)) > 0 }

// requestID is the client's name for the request if it is a harmless one, or
// a new one.
func requestID(sent []byte) string {
	if len(sent) < 8 || len(sent) > 128 {
		return utils.UUIDv4()
	}
	for _, c := range sent {
		if !isAlphanumeric(c) && !strings.ContainsRune("._-", rune(c)) {
			return utils.UUIDv4()
		}
	}
	return string(sent)
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
