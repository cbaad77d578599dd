package httpapi

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// peer is who holds the other end of the connection.
func (x *exchange) peer() netip.Addr {
	tcp, ok := x.http.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return tcp.AddrPort().Addr().Unmap()
}

func (x *exchange) trusts(a netip.Addr) bool {
	return slices.ContainsFunc(x.options.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// client is who sent the request: the peer, or the last address that trusted
// proxies did not add themselves.
func (x *exchange) client() netip.Addr {
	client := x.peer()
	hops := strings.Split(x.field(fiber.HeaderXForwardedFor), ",")
	for i := len(hops) - 1; i >= 0 && x.trusts(client); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		client = hop.Unmap()
	}
	return client
}

// clientKey is what failed sign-ins are counted by: the address, or of IPv6
// the network that one subscriber has at least.
func (x *exchange) clientKey() string {
	client := x.client()
	if client.Is6() {
		network, _ := client.Prefix(64)
		return network.String()
	}
	return client.String()
}

// baseURL is the address under which this client sees the service.
func (x *exchange) baseURL() string {
	if x.options.PublicURL != "" {
		return strings.TrimSuffix(x.options.PublicURL, "/")
	}
	scheme := "http"
	if x.trusts(x.peer()) && x.field(fiber.HeaderXForwardedProto) == "https" {
		scheme = "https"
	}
	return scheme + "://" + x.host()
}

// host is what the client called the server, or its address if the client
// did not say, or said something strange.
func (x *exchange) host() string {
	host := string(x.http.Request.Header.Host())
	strange := func(r rune) bool { return r > 127 || !isAlphanumeric(byte(r)) && !strings.ContainsRune(".-_:[]", r) }
	if host == "" || strings.ContainsFunc(host, strange) {
		return x.http.LocalAddr().String()
	}
	return host
}

// link is a reference to a path of this service. Without a public URL it is
// relative: a proxy may have told us another host than the client's.
func (x *exchange) link(path string) string {
	return strings.TrimSuffix(x.options.PublicURL, "/") + path
}
