package httpapi

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

const (
	// maxHeaders is how many bytes a request line and its headers may have.
	maxHeaders = 16 << 10

	// readBuffer is up to where the HTTP server reads headers at all. Between
	// the two the reply is a whole one.
	readBuffer = 33 << 10
)

var (
	errFraming = refuse(codeMalformed, "The request is not well-formed HTTP.")
	errSlow    = refuse(codeRequestTimeout, "The request was not sent in time.")
	errHeaders = refuse(codeHeadersTooLarge, "The request line and the headers may have at most "+strconv.Itoa(maxHeaders)+" bytes.")
)

// checkFraming refuses what two HTTP servers in a row might read as two
// different requests (RFC 9112, 6.1 and 11.2), and headers that are too large.
func (x *exchange) checkFraming() error {
	request := &x.http.Request.Header
	lines := request.RawHeaders()
	if len(request.Method())+len(request.RequestURI())+len(request.Protocol())+len("  \r\n")+len(lines) > maxHeaders {
		return errHeaders
	}
	if isAmbiguous(lines) || !bytes.HasPrefix(request.Protocol(), []byte("HTTP/1.")) {
		return x.broken(errFraming)
	}
	return nil
}

// isAmbiguous reports whether header lines name the length of the body in two
// ways, or in one that is not understood here.
func isAmbiguous(lines []byte) bool {
	var coded, sized bool
	for line := range bytes.Lines(lines) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case equalFold(name, fiber.HeaderTransferEncoding):
			if !equalFold(bytes.TrimSpace(value), "chunked") {
				return true
			}
			coded = true
		case equalFold(name, fiber.HeaderContentLength):
			sized = true
		}
	}
	return coded && sized
}

func equalFold(text []byte, name string) bool {
	return len(text) == len(name) && strings.EqualFold(string(text), name)
}

// broken is for a request after which nobody knows where the next one starts.
func (x *exchange) broken(err error) error {
	x.last = true
	return err
}

// serveBroken answers what the HTTP server could not read. The text of err
// holds parts of the request, the token perhaps: it goes nowhere.
func (s *Server) serveBroken(fc *fasthttp.RequestCtx, err error) {
	x := s.begin(fc)
	defer x.finish()
	x.fail(x.broken(classify(err)))
}

func classify(err error) error {
	var small *fasthttp.ErrSmallBuffer
	switch {
	case errors.As(err, &small):
		return errHeaders
	case isTimeout(err):
		return errSlow
	}
	return errFraming
}

func isTimeout(err error) bool {
	var timeout interface {
		error
		Timeout() bool
	}
	return errors.As(err, &timeout) && timeout.Timeout()
}

// methods are those that Fiber knows.
var methods = fiber.DefaultMethods

// tameMethod makes a method that Fiber does not know one that it knows and no
// route has: the answer is the same. Nobody who invents methods is trusted
// with where the next request starts.
func (x *exchange) tameMethod() {
	if slices.Contains(methods, string(x.http.Method())) {
		return
	}
	x.http.Request.Header.SetMethod(fiber.MethodTrace)
	x.http.SetConnectionClose()
}
