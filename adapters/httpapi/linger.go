package httpapi

import (
	"io"
	"net"
	"time"

	"github.com/valyala/fasthttp"
)

const (
	lingerTime  = 2 * time.Second
	lingerBytes = 8 << 20
)

// linger lets a client that is still sending read the reply after which the
// connection is closed. Closing one with unread bytes resets it, which can
// destroy a reply on its way (RFC 9112, 9.6). So for a while somebody else
// holds the connection open and drops what comes. The server, which closes
// after this reply, reads from it no more.
func linger(fc *fasthttp.RequestCtx) {
	fc.SetConnectionClose()
	conn, ok := fc.Conn().(*net.TCPConn)
	if !ok {
		return
	}
	file, err := conn.File()
	if err != nil {
		return // where handles cannot be duplicated, there is no lingering
	}
	same, err := net.FileConn(file)
	file.Close()
	if err != nil {
		return
	}
	go func() {
		defer same.Close()
		same.SetReadDeadline(time.Now().Add(lingerTime))
		io.CopyN(io.Discard, same, lingerBytes)
	}()
}
