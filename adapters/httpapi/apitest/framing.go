package apitest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// speak sends bytes over a connection of its own and returns the replies, up
// to where the service closes it. Without a close within a moment, closed is
// false.
func speak(c Client, text string) (replies []Answer, closed bool) {
	c.Helper()
	replies, closed, _ = converse(c, text)
	return replies, closed
}

// converse is speak that also tells whether all could be sent.
func converse(c Client, text string) (replies []Answer, closed bool, sent error) {
	c.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(c.URL, "http://"))
	if err != nil {
		c.Fatal(err)
	}
	defer conn.Close()
	sending := make(chan error, 1)
	go func() {
		_, err := io.WriteString(conn, strings.ReplaceAll(text, "TOKEN", c.token))
		sending <- err
	}()
	conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	r := bufio.NewReader(conn)
	for {
		if len(replies) > 0 {
			conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		}
		response, err := http.ReadResponse(r, nil) //nolint:bodyclose // it is the connection that is closed
		if err != nil {
			var timeout net.Error
			return replies, !errors.As(err, &timeout) || !timeout.Timeout(), <-sending
		}
		if response.StatusCode == http.StatusContinue {
			continue
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			c.Fatalf("a reply ends early: %v", err)
		}
		a := Answer{Response: response, Text: string(body), tb: c}
		a.Request, _ = http.NewRequest("GET", c.URL+"/raw", nil)
		json.NewDecoder(bytes.NewReader(body)).Decode(&a.JSON)
		a.checkHeaders()
		replies = append(replies, a)
	}
}

const smuggled = "GET /v1/limits HTTP/1.1\r\nHost: x\r\n\r\n"

var framingRules = []rule{
	{"who sends too large a body is disconnected", func(c Client) {
		path, large := c.Create(validTitle), validTitle+strings.Repeat(" ", 256<<10)
		for _, request := range [][2]string{{"POST", "/v1/tasks"}, {"PUT", path}, {"PATCH", path}, {"DELETE", path}, {"POST", path + "/complete"}} {
			if a := c.Ask(request[0], request[1], large).Want(413, "CONTENT_TOO_LARGE"); !a.Close {
				c.Errorf("%s %s: the connection stays open", request[0], request[1])
			}
		}
	}},
	{"a query may hold UTF-8 as it is", func(c Client) {
		c.Create(`{"title": "Über"}`)
		wantTitles(c, c.Ask("GET", "/v1/tasks?q=über", "").Want(200, ""), "Über")
	}},
	{"a request whose length is ambiguous is refused and the connection closed", func(c Client) {
		const head = "POST /v1/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\nContent-Type: application/json\r\n"
		const body = "d\r\n{\"title\":\"x\"}\r\n0\r\n\r\n"
		for name, text := range map[string]string{
			"both lengths":                   head + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + body + smuggled,
			"both, the other way round":      head + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n" + body + smuggled,
			"two lengths":                    head + "Content-Length: 13\r\nContent-Length: 5\r\n\r\n{\"title\":\"x\"}" + smuggled,
			"the same length twice":          head + "Content-Length: 13\r\nContent-Length: 13\r\n\r\n{\"title\":\"x\"}" + smuggled,
			"a list of lengths":              head + "Content-Length: 13, 13\r\n\r\n{\"title\":\"x\"}" + smuggled,
			"a length with a sign":           head + "Content-Length: +13\r\n\r\n{\"title\":\"x\"}" + smuggled,
			"a negative length":              head + "Content-Length: -1\r\n\r\n{\"title\":\"x\"}" + smuggled,
			"a hexadecimal length":           head + "Content-Length: 0xd\r\n\r\n{\"title\":\"x\"}" + smuggled,
			"a space before the colon":       head + "Content-Length : 13\r\n\r\n{\"title\":\"x\"}" + smuggled,
			"an unknown coding":              head + "Transfer-Encoding: xchunked\r\n\r\n" + body + smuggled,
			"a list of codings":              head + "Transfer-Encoding: gzip, chunked\r\n\r\n" + body + smuggled,
			"chunked twice":                  head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + body + smuggled,
			"chunked and identity":           head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + body + smuggled,
			"identity":                       head + "Transfer-Encoding: identity\r\nContent-Length: 13\r\n\r\n{\"title\":\"x\"}" + smuggled,
			"a space before chunked's colon": head + "Transfer-Encoding : chunked\r\n\r\n" + body + smuggled,
			"a folded coding":                head + "Content-Length: 13\r\nTransfer-Encoding:\r\n chunked\r\n\r\n" + body + smuggled,
			"chunked in HTTP/1.0":            strings.Replace(head, "1.1", "1.0", 1) + "Transfer-Encoding: chunked\r\n\r\n" + body + smuggled,
			"a chunk of no size":             head + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n" + smuggled,
			"a chunk that is longer":         head + "Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n" + smuggled,
			"NUL in a name":                  head + "X\x00Y: 1\r\nContent-Length: 13\r\n\r\n{\"title\":\"x\"}" + smuggled,
			"NUL in a value":                 head + "X: a\x00b\r\nContent-Length: 13\r\n\r\n{\"title\":\"x\"}" + smuggled,
			"CR alone":                       head + "X: a\rTransfer-Encoding: chunked\r\nContent-Length: 13\r\n\r\n{\"title\":\"x\"}" + smuggled,
			"no colon":                       head + "X\r\nContent-Length: 13\r\n\r\n{\"title\":\"x\"}" + smuggled,
			"two hosts":                      head + "Host: y\r\nContent-Length: 13\r\n\r\n{\"title\":\"x\"}" + smuggled,
		} {
			replies, closed := speak(c, text)
			if len(replies) != 1 || replies[0].StatusCode != 400 || replies[0].Code() != "MALFORMED_REQUEST" || !replies[0].Close || !closed {
				c.Errorf("%s: got %d replies, closed is %v: %s", name, len(replies), closed, statuses(replies))
			}
		}
		if n := len(c.Ask("GET", "/v1/tasks", "").Items()); n != 0 {
			c.Errorf("%d tasks were made", n)
		}
	}},
	{"what is no HTTP is refused without being told back", func(c Client) {
		for _, text := range []string{
			"GARBAGE-TOKEN\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\nHost: x\r\n\r\n", "GET /v1/tasks HTTP/1.1\r\n\r\n", "GET nohost HTTP/1.1\r\nHost: x\r\n\r\n",
			"GET /secret\x01 HTTP/1.1\r\nHost: x\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "G(T / HTTP/1.1\r\nHost: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		} {
			replies, closed := speak(c, text)
			if len(replies) != 1 || replies[0].StatusCode != 400 || replies[0].Code() != "MALFORMED_REQUEST" || !closed {
				c.Errorf("%q: closed is %v: %s", text, closed, statuses(replies))
				continue
			}
			for _, secret := range []string{"GARBAGE", "secret", "nohost", c.token} {
				if strings.Contains(replies[0].Text+fmt.Sprint(replies[0].Header), secret) {
					c.Errorf("%q is told back: %s", text, replies[0].Text)
				}
			}
		}
	}},
	{"headers may have 16 KiB", func(c Client) {
		const head = "GET /v1/limits HTTP/1.1\r\nHost: x\r\nX: "
		ask := func(size int) ([]Answer, bool) {
			return speak(c, head+strings.Repeat("x", size-len(head)-len("\r\n\r\n"))+"\r\n\r\n")
		}
		if replies, closed := ask(16 << 10); len(replies) != 1 || replies[0].StatusCode != 200 || closed {
			c.Errorf("16 KiB: %s, closed is %v", statuses(replies), closed)
		}
		for _, size := range []int{16<<10 + 1, 31 << 10} {
			if replies, closed := ask(size); len(replies) != 1 || replies[0].Code() != "HEADERS_TOO_LARGE" || replies[0].StatusCode != 431 || closed {
				c.Errorf("%d bytes: %s, closed is %v", size, statuses(replies), closed)
			}
		}
		for _, size := range []int{40 << 10, 1 << 20} {
			if replies, closed := ask(size); len(replies) != 1 || replies[0].Code() != "HEADERS_TOO_LARGE" || !replies[0].Close || !closed {
				c.Errorf("%d bytes: %s, closed is %v", size, statuses(replies), closed)
			}
		}
	}},
	{"a body that is too large is refused before it is there, and the reply arrives", func(c Client) {
		const head = " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\nContent-Type: application/json\r\n"
		large := strings.Repeat("x", 8<<20)
		declared := fmt.Sprintf("Content-Length: %d\r\n\r\n", len(large))
		for name, test := range map[string]struct {
			status int
			text   string
		}{
			"declared":         {413, "POST /v1/tasks" + head + "Content-Length: 1000000000\r\n\r\n" + strings.Repeat("x", 9000)},
			"sent":             {413, "POST /v1/tasks" + head + declared + large},
			"in chunks":        {413, "POST /v1/tasks" + head + "Transfer-Encoding: chunked\r\n\r\n800000\r\n" + large + "\r\n0\r\n\r\n"},
			"expected":         {413, "POST /v1/tasks" + head + "Expect: 100-continue\r\n" + declared + large},
			"to nowhere":       {404, "POST /nowhere" + head + declared + large},
			"of a GET":         {200, "GET /v1/tasks" + head + declared + large},
			"below the header": {431, "POST /v1/tasks" + head + "X: " + strings.Repeat("x", 20<<10) + "\r\n" + declared + large},
		} {
			replies, closed, sent := converse(c, test.text)
			if len(replies) != 1 || replies[0].StatusCode != test.status || !replies[0].Close || !closed || sent != nil {
				c.Errorf("%s: %s, closed is %v, sending failed with %v", name, statuses(replies), closed, sent)
			}
		}
	}},
	{"a body in chunks is a body", func(c Client) {
		replies, closed := speak(c, "POST /v1/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"+
			"3;ext=1\r\n{\"t\r\na\r\nitle\":\"x\"}\r\n0\r\nX-Checksum: 1\r\n\r\n"+smuggled)
		if len(replies) != 2 || replies[0].StatusCode != 201 || replies[1].StatusCode != 200 || closed {
			c.Errorf("got %s, closed is %v", statuses(replies), closed)
		}
	}},
	{"requests that come at once are answered in turn", func(c Client) {
		replies, _ := speak(c, strings.Repeat(smuggled, 5)+"GET /v1/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\n\r\n")
		if len(replies) != 6 || replies[5].StatusCode != 200 {
			c.Errorf("got %s", statuses(replies))
		}
	}},
	{"an unknown method ends the connection", func(c Client) {
		replies, closed := speak(c, "FOO /v1/limits HTTP/1.1\r\nHost: x\r\n\r\n"+smuggled)
		if len(replies) != 1 || replies[0].StatusCode != 405 || !closed {
			c.Errorf("got %s, closed is %v", statuses(replies), closed)
		}
	}},
	{"old clients are served", func(c Client) {
		replies, closed := speak(c, "GET /v1/limits HTTP/1.0\r\n\r\n")
		if len(replies) != 1 || replies[0].StatusCode != 200 || !closed {
			c.Errorf("got %s, closed is %v", statuses(replies), closed)
		}
		replies, _ = speak(c, "GET http://elsewhere/v1/limits HTTP/1.1\r\nHost: x\r\n\r\n")
		if len(replies) != 1 || replies[0].StatusCode != 200 {
			c.Errorf("got %s", statuses(replies))
		}
	}},
}

func statuses(replies []Answer) string {
	var text []string
	for _, a := range replies {
		text = append(text, fmt.Sprint(a.StatusCode, " ", a.Text))
	}
	return strings.Join(text, "\n")
}
