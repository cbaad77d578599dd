//go:build unix

package postgres

import (
	"errors"
	"net"
	"syscall"
)

// hasNews reports whether a server that was asked nothing has said something,
// or has hung up. It looks without waiting and takes nothing away.
func hasNews(conn net.Conn) (news bool) {
	if secure, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = secure.NetConn()
	}
	direct, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := direct.SyscallConn()
	if err != nil {
		return true
	}
	// Not raw.Read, which waits for other readers: one of pgx's own may be left
	// waiting for the next answer.
	err = raw.Control(func(fd uintptr) {
		var one [1]byte
		_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		news = !errors.Is(err, syscall.EAGAIN) // a byte, the end, or that it was broken off
	})
	return news || err != nil
}
