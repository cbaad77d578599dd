package httpapi

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

// exchange is one request on its way to its reply.
type exchange struct {
	*Server
	http     *fasthttp.RequestCtx
	ctx      context.Context // of the request: its deadline, its trace; never the RequestCtx, which is used again
	id       string
	route    *route
	path     string // as it was sent, without the query
	front    bool   // whether a front end asks, in its dialect
	param    string // what stands for :id or :slug
	owner    string // what stands for :user_id
	user     identity.UserID
	body     []byte
	received bool // whether the body was read
	last     bool // whether the connection is of no use after the reply
	refused  bool // for there was too much to do
	spent    *spending
	cause    error
	started  time.Time
	end      func()
}

type exchangeKey struct{}

// serve answers one request from its headers to its reply, whatever happens
// in between.
func (s *Server) serve(fc *fasthttp.RequestCtx) {
	x := s.begin(fc)
	defer x.finish()
	defer func() {
		if p := recover(); p != nil {
			x.fail(panicked(p))
		}
	}()
	if err := x.checkFraming(); err != nil {
		x.fail(err)
		return
	}
	if x.isPreflight() {
		x.answerPreflight()
		return
	}
	x.tameMethod()
	s.route(fc)
}

// begin starts an exchange. Nobody may call with the path or the user's data
// of fc after the reply: its memory is used again.
func (s *Server) begin(fc *fasthttp.RequestCtx) *exchange {
	x := &exchange{Server: s, http: fc, started: time.Now(), route: &unrouted, ctx: s.running, end: func() {}}
	x.id = requestID(fc.Request.Header.Peek(fiber.HeaderXRequestID))
	x.front = s.dialect != nil && isFront(fc.URI().PathOriginal())
	if s.options.Trace != nil {
		x.trace()
	}
	fc.SetUserValue(exchangeKey{}, x)
	return x
}

func (x *exchange) trace() {
	ctx, done := x.options.Trace(x.ctx, x.field("traceparent"), x.field("tracestate"))
	x.ctx, x.end = ctx, func() { done(x.told()) }
}

// startClock bounds the time of what follows. What the client took to send
// the request does not count.
func (x *exchange) startClock() error {
	if x.options.RequestTimeout > 0 {
		ctx, cancel := context.WithTimeout(x.ctx, x.options.RequestTimeout)
		before := x.end
		x.ctx, x.end = ctx, func() { cancel(); before() }
	}
	return nil
}

func exchangeOf(c *fiber.Ctx) *exchange {
	return c.Context().UserValue(exchangeKey{}).(*exchange)
}

// finish completes the reply and tells of it.
func (x *exchange) finish() {
	x.setCommonHeaders()
	switch {
	case x.last || x.leavesBody():
		x.hold(x.http)
	case x.draining.Load():
		x.http.SetConnectionClose()
	}
	x.end()
}

func (x *exchange) told() Exchange {
	return Exchange{
		Method: string(x.http.Method()), Route: x.route.path, Status: x.http.Response.StatusCode(),
		Duration: time.Since(x.started), ID: x.id, User: x.user, Cause: x.cause, Refused: x.refused,
	}
}

// handleError answers what a handler, or Fiber's router, returned as an error.
func handleError(c *fiber.Ctx, err error) error {
	exchangeOf(c).fail(err)
	return nil
}

// fail answers with the problem that err is.
func (x *exchange) fail(err error) {
	p := x.problemOf(err)
	if p.status == fiber.StatusUnauthorized || p.status >= fiber.StatusInternalServerError {
		x.cause = err // the client is not told
	}
	for _, h := range p.headers {
		x.http.Response.Header.Set(h.name, h.value)
	}
	x.send(reply{status: p.status, body: x.appendProblem(x.buffer(), p)})
}

// panicked keeps of a panic where it was and, unless it can hold what a user
// wrote, what it said.
func panicked(p any) error {
	err, ok := p.(error)
	if !ok {
		err = fmt.Errorf("a value of type %T", p)
	}
	return fmt.Errorf("panic: %w\n%s", err, debug.Stack())
}

// act is what a request asks of the port, and its rendered outcome.
type act func(ctx context.Context, tasks ports.Tasks, out *reply) error

// taskID is the id in the path: the zero ID, which names no task, for
// whatever is none.
func (x *exchange) taskID() task.ID {
	id, _ := task.ParseID(x.param)
	return id
}
