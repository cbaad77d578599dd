package httpapi

import (
	"io"
	"net"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

const (
	lingerTime  = 2 * time.Second
	lingerBytes = 16 << 20
)

// lingering holds open the connections of clients that may still be sending
// when they are answered for the last time. Closing a connection with unread
// bytes resets it, which can destroy a reply on its way (RFC 9112, 9.6).
type lingering struct {
	held sync.Map // the connection, to a duplicate of it
}

// hold closes the connection after the reply to fc, but not at once.
func (l *lingering) hold(fc *fasthttp.RequestCtx) {
	fc.SetConnectionClose()
	conn, ok := fc.Conn().(*net.TCPConn)
	if !ok {
		return
	}
	file, err := conn.File()
	if err != nil {
		return // where handles cannot be duplicated, there is no lingering
	}
	defer func() { _ = file.Close() }() // the duplicate outlives it
	if duplicate, err := net.FileConn(file); err == nil {
		l.held.Store(conn, duplicate)
	}
}

// release is told of every change of a connection's state. Of one that the
// server has closed, it drops what still comes, for a while.
func (l *lingering) release(conn net.Conn, state fasthttp.ConnState) {
	if state != fasthttp.StateClosed {
		return
	}
	if duplicate, ok := l.held.LoadAndDelete(conn); ok {
		go drop(duplicate.(*net.TCPConn))
	}
}

// drop tells the client that no more will come from here, and waits until it
// says the same.
func drop(conn *net.TCPConn) {
	defer func() { _ = conn.Close() }()
	if conn.CloseWrite() == nil && conn.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
		_, _ = io.CopyN(io.Discard, conn, lingerBytes)
	}
}
