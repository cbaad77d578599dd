package bootstrap_test

import (
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

func TestMoreConnectionsThanFilesDoNotEndTheProgram(t *testing.T) {
	p := prepare(t, environOf("sqlite:"+filepath.Join(t.TempDir(), "tasks.db")), "serve")
	p.Path, p.Args = "/bin/sh", append([]string{"sh", "-c", `ulimit -n 64; exec "$0" "$@"`}, p.Args...)
	server := launch(t, p)
	var conns []net.Conn
	for range 100 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(server.base, "http://"))
		if err != nil {
			t.Fatalf("connection %d: %v\n%s", len(conns), err, server.output)
		}
		conns = append(conns, conn)
	}
	eventually(t, func() bool { return strings.Contains(server.output.String(), "too many open files") })
	for _, conn := range conns {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	eventually(t, func() bool {
		status, _ := call(t, "POST", server.base+"/v1/tasks", `{"title": "milk"}`)
		return status == http.StatusCreated
	})
}
