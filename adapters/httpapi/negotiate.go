package httpapi

import (
	"mime"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// negotiate refuses a request that accepts nothing of what can be answered
// (RFC 9110, 12.5.1).
func (x *exchange) negotiate() error {
	accept := x.field(fiber.HeaderAccept)
	if len(x.route.gives) == 0 || accept == "" || accept == "*/*" {
		return nil
	}
	ranges := parseAccept(accept)
	if len(ranges) == 0 || slices.ContainsFunc(x.route.gives, func(media string) bool { return accepts(ranges, media) }) {
		return nil
	}
	return refuse(codeNotAcceptable, "Replies are "+x.route.gives[0]+".")
}

type mediaRange struct {
	media   string
	refused bool // q=0
}

// parseAccept leaves out what is no media range.
func parseAccept(header string) []mediaRange {
	var ranges []mediaRange
	for part := range strings.SplitSeq(header, ",") {
		media, params, err := mime.ParseMediaType(part)
		if err != nil || !strings.Contains(media, "/") {
			continue
		}
		q, err := strconv.ParseFloat(params["q"], 64)
		ranges = append(ranges, mediaRange{media, err == nil && q == 0})
	}
	return ranges
}

// accepts goes by the most specific range that matches.
func accepts(ranges []mediaRange, media string) bool {
	kind, _, _ := strings.Cut(media, "/")
	for _, pattern := range []string{media, kind + "/*", "*/*"} {
		for _, r := range ranges {
			if r.media == pattern {
				return !r.refused
			}
		}
	}
	return false
}

// admit refuses a body of a type that the route does not take. No type at
// all is only wrong where there is a body; and not even there for a front end
// that sends its token itself, which no foreign page can make a browser do.
func (x *exchange) admit() error {
	if len(x.route.takes) == 0 {
		return nil
	}
	header := &x.http.Request.Header
	coding := string(header.Peek(fiber.HeaderContentEncoding))
	if coding != "" && !strings.EqualFold(coding, "identity") {
		return x.unsupported("The body must not be compressed.").with(fiber.HeaderAcceptEncoding, "identity")
	}
	media := string(header.ContentType())
	untyped := len(x.body) == 0 || x.front && x.sent(fiber.HeaderAuthorization)
	if media == "" && untyped || x.takes(media) {
		return nil
	}
	return x.unsupported("The body must be " + strings.Join(x.route.takes, " or ") + ".")
}

func (x *exchange) takes(contentType string) bool {
	if slices.Contains(x.route.takes, contentType) {
		return true
	}
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || !slices.Contains(x.route.takes, media) {
		return false
	}
	charset, named := params["charset"]
	return !named || strings.EqualFold(charset, "utf-8")
}

func (x *exchange) unsupported(detail string) *refusal {
	r := refuse(codeMediaType, detail)
	types := strings.Join(x.route.takes, ", ")
	switch x.route.method {
	case fiber.MethodPost:
		return r.with("Accept-Post", types)
	case fiber.MethodPatch:
		return r.with("Accept-Patch", types)
	}
	return r.with(fiber.HeaderAccept, types)
}
