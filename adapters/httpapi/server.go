// Package httpapi is the door that speaks HTTP. A handler reads a request,
// calls the port and says what to answer; how a fault is answered, which
// headers stand on every reply and in which order a request is checked is
// each decided in one place.
package httpapi

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"taskhold/ports"
)

// How long the server waits for a client.
const (
	sendTime    = 30 * time.Second // for a whole request
	receiveTime = 30 * time.Second // for a reply to be taken
	idleTime    = 75 * time.Second // for the next request; more than most proxies keep a connection
	lastWords   = time.Second      // for a reply to a request that is aborted
)

// Server serves the API.
type Server struct {
	tasks    ports.Tasks
	options  Options
	cursors  cursors
	origins  origins
	dialect  *dialect // of front ends; nil if that door is closed
	app      *fiber.App
	route    fasthttp.RequestHandler
	gate     *gate // nil: none
	loads    *loads
	draining atomic.Bool
	lingering

	// running is done once Shutdown has given up waiting.
	running context.Context
	abort   context.CancelFunc
}

// New returns a server; call Serve next.
func New(o Options) (*Server, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	cursors, err := newCursors(o.CursorKey)
	if err != nil {
		return nil, err
	}
	s := &Server{tasks: o.Tasks, options: o, cursors: cursors, origins: newOrigins(o), gate: newGate(o.AtOnce, o.Patience), loads: newLoads()}
	if o.Dialect != nil {
		if s.dialect, err = newDialect(*o.Dialect); err != nil {
			return nil, err
		}
	}
	s.running, s.abort = context.WithCancel(context.Background())
	s.app = fiber.New(settings())
	if err := s.register(); err != nil {
		return nil, err
	}
	s.route = s.app.Handler()
	s.wrap(s.app.Server())
	return s, nil
}

func settings() fiber.Config {
	return fiber.Config{
		StrictRouting:                true,
		CaseSensitive:                true,
		Immutable:                    true,
		StreamRequestBody:            true, // so that a route is known before its body is read
		DisablePreParseMultipartForm: true,
		DisableStartupMessage:        true,
		DisableDefaultContentType:    true,
		ReadBufferSize:               readBuffer,
		ReduceMemoryUsage:            true, // or each connection keeps the memory of its longest reply
		ReadTimeout:                  sendTime,
		WriteTimeout:                 receiveTime,
		IdleTimeout:                  idleTime,
		ErrorHandler:                 handleError,
	}
}

// wrap stands around Fiber's router, which knows nothing of what no route
// ever sees.
func (s *Server) wrap(server *fasthttp.Server) {
	server.Handler = s.serve
	server.ErrorHandler = s.serveBroken
	server.ConnState = func(conn net.Conn, state fasthttp.ConnState) {
		s.release(conn, state)
		s.loads.takeOff(conn, state)
	}
	server.CloseOnShutdown = true
	server.SecureErrorLogMessage = true
}

// Serve answers requests that come by ln until Shutdown.
func (s *Server) Serve(ln net.Listener) error { return s.app.Listener(ln) }

// Drain makes the server say that it is not ready, so that no new requests
// are sent to it, and close each connection after its next reply. It serves
// on.
func (s *Server) Drain() { s.draining.Store(true) }

// Shutdown drains, takes no new connections, and returns when all running
// requests are answered. When ctx is done first, it aborts them and lets them
// be answered with that.
func (s *Server) Shutdown(ctx context.Context) error {
	s.Drain()
	err := s.app.ShutdownWithContext(ctx)
	s.abort()
	for end := time.Now().Add(lastWords); err != nil && time.Now().Before(end) && s.app.Server().GetOpenConnectionsCount() > 0; {
		time.Sleep(lastWords / 100)
	}
	return err
}
