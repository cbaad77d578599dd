package bootstrap

import (
	"errors"
	"net"
	"slices"
	"syscall"
	"time"

	"go.uber.org/zap"
)

// How long a patient listener waits before it tries again.
const (
	acceptSoon  = 5 * time.Millisecond
	acceptLater = time.Second
)

// scarce is what a machine runs out of for a while.
var scarce = []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM}

// patient is a listener that outlasts a shortage, which whoever opens enough
// connections can bring about. The HTTP server would end with the first error.
type patient struct {
	net.Listener
	log *zap.Logger
}

// Accept implements net.Listener.
func (l patient) Accept() (net.Conn, error) {
	for wait := acceptSoon; ; wait = min(2*wait, acceptLater) {
		conn, err := l.Listener.Accept()
		if !slices.ContainsFunc(scarce, func(s error) bool { return errors.Is(err, s) }) {
			return conn, err
		}
		if wait == acceptSoon {
			l.log.Warn("no connection can be taken; it will be tried again", zap.Error(err))
		}
		time.Sleep(wait)
	}
}
