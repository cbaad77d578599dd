// Package wire speaks HTTP/1.1 over connections that it keeps, and sends what
// no well-mannered client would.
package wire

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Request is a request as it is to be sent, byte for byte. A Host and a length
// are added.
type Request struct {
	Method, Target string
	Headers        []string // "Name: value"
	Body           string
}

// With returns the request with headers more.
func (r Request) With(headers ...string) Request {
	r.Headers = append(r.Headers[:len(r.Headers):len(r.Headers)], headers...)
	return r
}

func (r Request) text(host string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", r.Method, r.Target, host)
	for _, header := range r.Headers {
		b.WriteString(header + "\r\n")
	}
	if r.Body != "" || r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(r.Body))
	}
	return b.String() + "\r\n" + r.Body
}

// Reply is a reply that was read to its end.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
	Closes bool // the connection
}

// Text is all that the reply says, headers included.
func (r Reply) Text() string { return fmt.Sprint(r.Status, r.Header) + string(r.Body) }

// Conn is a connection to a service, made anew when the service has closed it.
type Conn struct {
	host string
	conn net.Conn
	in   *bufio.Reader
}

// Dial returns a connection to the service at a base address.
func Dial(base string) *Conn { return &Conn{host: strings.TrimPrefix(base, "http://")} }

// wait is the longest that a reply may take.
const wait = 30 * time.Second

// Ask sends requests in one go and returns a reply for each. Where the service
// closes the connection before, the replies are fewer.
func (c *Conn) Ask(requests ...Request) ([]Reply, error) {
	if c.conn == nil {
		conn, err := net.Dial("tcp", c.host)
		if err != nil {
			return nil, err
		}
		c.conn, c.in = conn, bufio.NewReaderSize(conn, 64<<10)
	}
	var text strings.Builder
	for _, r := range requests {
		text.WriteString(r.text(c.host))
	}
	if err := c.conn.SetDeadline(time.Now().Add(wait)); err != nil {
		return nil, err
	}
	go func(conn net.Conn, text string) { _, _ = io.WriteString(conn, text) }(c.conn, text.String()) // which may be more than anybody reads
	var replies []Reply
	for _, r := range requests {
		reply, err := c.read(r.Method)
		if err != nil {
			c.Close()
			return replies, err
		}
		if replies = append(replies, reply); reply.Closes {
			c.Close()
			return replies, nil
		}
	}
	return replies, nil
}

// One asks one thing, once more if the connection was closed meanwhile.
func (c *Conn) One(r Request) (Reply, error) {
	kept := c.conn != nil
	replies, err := c.Ask(r)
	if len(replies) == 0 && err != nil && kept {
		replies, err = c.Ask(r)
	}
	if len(replies) == 0 {
		return Reply{}, fmt.Errorf("no reply to %s %.200q: %w", r.Method, r.Target, err)
	}
	return replies[0], nil
}

func (c *Conn) read(method string) (Reply, error) {
	for {
		response, err := http.ReadResponse(c.in, &http.Request{Method: method}) //nolint:bodyclose // it is read to its end, and the connection closed
		if err != nil {
			return Reply{}, err
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return Reply{}, err
		}
		if response.StatusCode != http.StatusContinue {
			return Reply{response.StatusCode, response.Header, body, response.Close}, nil
		}
	}
}

// Close closes the connection; the next request makes a new one.
func (c *Conn) Close() {
	if c.conn != nil {
		_ = c.conn.Close()
	}
	c.conn = nil
}
