//go:build !unix

package postgres

import "net"

// hasNews is for systems that can look without waiting.
func hasNews(net.Conn) bool { return false }
