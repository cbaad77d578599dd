package postgrestest

import (
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Proxy is a way to a database that can be made worse.
type Proxy struct {
	// URL is that of the database by this way.
	URL string

	server  string
	delay   atomic.Int64
	swallow atomic.Bool
	pid     atomic.Uint32
	sent    atomic.Int64
	open    atomic.Int64
	mu      sync.Mutex
	ways    map[io.Closer]bool
}

// NewProxy returns a way to the database of an address, until the end of the
// test.
func NewProxy(t testing.TB, address string) *Proxy {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{server: u.Host, ways: map[io.Closer]bool{listener: true}}
	u.Host = listener.Addr().String()
	p.URL = u.String()
	t.Cleanup(p.close)
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.lead(client)
		}
	}()
	return p
}

// Delay has each new connection wait before it leads anywhere.
func (p *Proxy) Delay(d time.Duration) { p.delay.Store(int64(d)) }

// Swallow drops what comes from either side, without a word.
func (p *Proxy) Swallow(yes bool) { p.swallow.Store(yes) }

// Pretend gives new connections another process id than that of the process
// which serves them, as a pooler does.
func (p *Proxy) Pretend(pid uint32) { p.pid.Store(pid) }

// Sent is how many bytes were sent to the database.
func (p *Proxy) Sent() int64 { return p.sent.Load() }

// Open is how many connections there are.
func (p *Proxy) Open() int64 { return p.open.Load() }

func (p *Proxy) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for way := range p.ways {
		_ = way.Close()
	}
}

func (p *Proxy) lead(client net.Conn) {
	p.open.Add(1)
	defer p.open.Add(-1)
	defer client.Close()
	p.keep(client)
	time.Sleep(time.Duration(p.delay.Load()))
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	p.keep(server)
	var both sync.WaitGroup
	both.Go(func() { p.pass(server, client, func(b []byte) { p.sent.Add(int64(len(b))) }) })
	both.Go(func() { p.pass(client, server, p.pretend) })
	both.Wait()
}

func (p *Proxy) keep(way io.Closer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ways[way] = true
}

// pass ends both ways when one has ended.
func (p *Proxy) pass(to, from net.Conn, see func([]byte)) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		see(buffer[:n])
		if p.swallow.Load() {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// pretend changes the process id in BackendKeyData (PostgreSQL's manual, 54.7).
func (p *Proxy) pretend(answer []byte) {
	pid := p.pid.Load()
	for i := 0; pid != 0 && i+9 <= len(answer); i++ {
		if string(answer[i:i+5]) == "K\x00\x00\x00\x0c" {
			copy(answer[i+5:], []byte{byte(pid >> 24), byte(pid >> 16), byte(pid >> 8), byte(pid)})
		}
	}
}
