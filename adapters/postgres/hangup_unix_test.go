//go:build unix

package postgres

import (
	"net"
	"testing"
	"time"
)

// connected returns both ends of a connection.
func connected(t *testing.T) (ours, theirs net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	ours, err = net.Dial("tcp", listener.Addr().String())
	must(t, err)
	theirs, err = listener.Accept()
	must(t, err)
	t.Cleanup(func() { _, _ = ours.Close(), theirs.Close() })
	return ours, theirs
}

func TestAHangUpIsNoticedWithoutAsking(t *testing.T) {
	ours, theirs := connected(t)
	if hasNews(ours) {
		t.Error("a silent connection has news")
	}
	_, err := theirs.Write([]byte("x"))
	must(t, err)
	within(t, 5*time.Second, "what was said is noticed", func() bool { return hasNews(ours) })
	if n, err := ours.Read(make([]byte, 2)); n != 1 || err != nil {
		t.Errorf("then %d bytes are left, %v", n, err)
	}
	must(t, theirs.Close())
	within(t, 5*time.Second, "the end is noticed", func() bool { return hasNews(ours) })
}

// A proxy or a firewall that has forgotten a connection resets it. The system
// tells of that once, so that the first look has to see it.
func TestAResetIsNoticedWithoutAsking(t *testing.T) {
	ours, theirs := connected(t)
	must(t, theirs.(*net.TCPConn).SetLinger(0)) // so that to close it is to reset it
	must(t, theirs.Close())
	time.Sleep(100 * time.Millisecond)
	if !hasNews(ours) {
		t.Error("the reset is not noticed")
	}
}

func TestWhoLooksForNewsWaitsForNoOtherReader(t *testing.T) {
	ours, _ := connected(t)
	go func() { _, _ = ours.Read(make([]byte, 1)) }() // until the end
	time.Sleep(50 * time.Millisecond)
	looked := make(chan bool, 1)
	go func() { looked <- hasNews(ours) }()
	select {
	case news := <-looked:
		if news {
			t.Error("a silent connection has news")
		}
	case <-time.After(5 * time.Second):
		t.Error("it waits")
	}
}
