package httpapi

import (
	"bufio"
	"bytes"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"

	"taskhold/adapters/httpapi/strictjson"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

const typicalTask = `{"title":"Renew the passport","description":"Photos first, then the office.\nIt costs \"about\" 80 €.",` +
	`"priority":"high","due_date":"2026-12-01","tags":["home","papers"]}`

func parsed(b *testing.B, body string) strictjson.Value {
	b.Helper()
	v, bad := strictjson.Parse([]byte(body), strictjson.Limits{Depth: maxDepth})
	if bad != nil {
		b.Fatal(*bad)
	}
	return v
}

func typicalPage(b *testing.B, size int) ports.Page {
	b.Helper()
	change, err := readChange(parsed(b, typicalTask), "")
	if err != nil {
		b.Fatal(err)
	}
	ann, err := identity.ParseUserID("ann")
	if err != nil {
		b.Fatal(err)
	}
	var page ports.Page
	for i := range size {
		created := time.Date(2026, 11, 23, 0, 0, i, 0, time.UTC)
		t, err := task.New(task.NewID(created, [8]byte{}), ann, change, created)
		if err != nil {
			b.Fatal(err)
		}
		page.Tasks = append(page.Tasks, t.Snapshot())
	}
	return page
}

func BenchmarkEncodePage(b *testing.B) {
	page, query := typicalPage(b, 50), ports.Query{Limit: 50}
	var buffer []byte
	b.ReportAllocs()
	for b.Loop() {
		buffer = appendPage(buffer[:0], page, query, "")
	}
	b.SetBytes(int64(len(buffer)))
}

func BenchmarkDecodeTask(b *testing.B) {
	body := []byte(typicalTask)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		v, bad := strictjson.Parse(body, strictjson.Limits{Depth: maxDepth})
		if bad != nil {
			b.Fatal(*bad)
		}
		if _, err := readChange(v, ""); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCursor(b *testing.B) {
	c, err := newCursors(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		b.Fatal(err)
	}
	last := typicalPage(b, 1).Tasks[0]
	position := task.Order{By: task.ByTitle}.Position(last)
	const list = "ann\x00sort=title&tz=UTC"
	sealed := c.seal(list, position)
	b.Run("seal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c.seal(list, position)
		}
	})
	b.Run("open", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, ok := c.open(list, sealed); !ok {
				b.Fatal("the cursor does not open")
			}
		}
	})
}

// line is a connection to a server that keeps tasks in memory: what it takes
// to carry a request is the HTTP adapter, the application, and little besides.
type line struct {
	conn   net.Conn
	reader *bufio.Reader
	answer fasthttp.Response
}

func newLine(b *testing.B) *line {
	b.Helper()
	s, err := New(Options{Tasks: newTasks(1 << 30), Verifier: tokens{}, CursorKey: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		b.Fatal(err)
	}
	listener := fasthttputil.NewInmemoryListener()
	go func() { _ = s.Serve(listener) }()
	b.Cleanup(func() { s.Shutdown(b.Context()) })
	conn, err := listener.Dial()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return &line{conn: conn, reader: bufio.NewReader(conn)}
}

func request(method, path, body string) []byte {
	head := method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + tokenOf("ann") + "\r\n"
	if body != "" {
		head += "Content-Type: application/json\r\n"
	}
	return []byte(head + "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
}

// carry returns the id in the answer.
func (l *line) carry(b *testing.B, status int, request []byte) string {
	if _, err := l.conn.Write(request); err != nil {
		b.Fatal(err)
	}
	if err := l.answer.Read(l.reader); err != nil {
		b.Fatal(err)
	}
	if l.answer.StatusCode() != status {
		b.Fatalf("status %d, want %d: %s", l.answer.StatusCode(), status, l.answer.Body())
	}
	_, after, _ := strings.Cut(string(l.answer.Header.Peek("Location")), "/v1/tasks/")
	return after
}

func BenchmarkRequest(b *testing.B) {
	l := newLine(b)
	id := ""
	for range 60 {
		id = l.carry(b, 201, request("POST", "/v1/tasks", typicalTask))
	}
	for name, r := range map[string][]byte{
		"list of 50": request("GET", "/v1/tasks?limit=50", ""),
		"list of 1":  request("GET", "/v1/tasks?limit=1", ""),
		"get":        request("GET", "/v1/tasks/"+id, ""),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.carry(b, 200, r)
			}
		})
	}
	b.Run("complete, reopen", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			l.carry(b, 200, request("POST", "/v1/tasks/"+id+"/complete", ""))
			l.carry(b, 200, request("POST", "/v1/tasks/"+id+"/reopen", ""))
		}
	})
	b.Run("create, delete", func(b *testing.B) {
		create := request("POST", "/v1/tasks", typicalTask)
		b.ReportAllocs()
		for b.Loop() {
			l.carry(b, 204, request("DELETE", "/v1/tasks/"+l.carry(b, 201, create), ""))
		}
	})
}
