package history

import (
	"io"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// proxy stands between clients and servers and treats replies as a bad
// network does.
type proxy struct {
	listener net.Listener
	servers  atomic.Value // their addresses, of type []string
	drop     float64      // how many replies never arrive, of one
	stall    float64      // how many come late
}

func newProxy(t *testing.T, drop, stall float64, servers ...string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: listener, drop: drop, stall: stall}
	p.servers.Store(servers)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.carry(client)
		}
	}()
	return p
}

func (p *proxy) base() string { return "http://" + p.listener.Addr().String() }

// carry takes what a client sends to a server, and back what the proxy lets
// through. A reply is read in one piece, or it is lost or late in part.
func (p *proxy) carry(client net.Conn) {
	defer client.Close()
	server, err := p.dial()
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	}()
	piece := make([]byte, 64<<10)
	for {
		n, err := server.Read(piece)
		if err != nil {
			return
		}
		switch fate := rand.Float64(); {
		case fate < p.drop:
			return
		case fate < p.drop+p.stall:
			time.Sleep(100 * time.Millisecond)
		}
		if _, err := client.Write(piece[:n]); err != nil {
			return
		}
	}
}

// dial takes any server, and another one if that is down.
func (p *proxy) dial() (server net.Conn, err error) {
	servers := p.servers.Load().([]string)
	for _, i := range rand.Perm(len(servers)) {
		if server, err = net.DialTimeout("tcp", servers[i], time.Second); err == nil {
			return server, nil
		}
	}
	return nil, err
}
