package httpapi

import (
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"taskhold/ports"
)

// Limits of a request's size.
const (
	maxBody      = 256 << 10
	maxBatchBody = 1 << 20
)

// route is what one method does at one path.
type route struct {
	method string
	path   string // in Fiber's notation
	open   bool   // needs no token
	policy ports.Policy
	limit  int      // the most bytes of a body; 0: it is not read
	takes  []string // media types of a body; none: no body is expected
	gives  []string // media types of a reply; none: whatever it is, it is sent
	handle func(*exchange) error
}

// unrouted is the route of a request that has none.
var unrouted route

// before are the checks that come before a handler, in the order that clients
// may rely on. What precedes them is framing, the route and the method.
var before = []func(*exchange) error{
	(*exchange).turnAway,     // 503, before anything is spent on a request that would wait too long
	(*exchange).receive,      // 408, 413
	(*exchange).startClock,   // 504, from here on
	(*exchange).authenticate, // 401, 403
	(*exchange).spend,        // 429
	(*exchange).negotiate,    // 406
	(*exchange).admit,        // 415
	(*exchange).queue,        // 503, if its turn does not come in time
}

// register makes Fiber know all routes, and for each path what is answered to
// other methods.
func (s *Server) register() error {
	open, err := s.openRoutes()
	s.add(append(s.taskRoutes(), open...))
	if s.dialect != nil {
		err = errors.Join(err, s.addFront())
	}
	return err
}

func (s *Server) add(routes []route) {
	routes = withHead(routes)
	for _, path := range pathsOf(routes) {
		for _, r := range routes {
			if r.path == path {
				s.app.Add(r.method, path, run(&r))
			}
		}
		s.registerOthers(path, allowed(routes, path))
	}
}

// withHead adds HEAD to every GET: it is the same, without the body.
func withHead(routes []route) []route {
	for _, r := range routes {
		if r.method == fiber.MethodGet {
			r.method = fiber.MethodHead
			routes = append(routes, r)
		}
	}
	return routes
}

// pathsOf are the paths, each once, in the order of the routes: the first
// that matches counts.
func pathsOf(routes []route) []string {
	var paths []string
	for _, r := range routes {
		if !slices.Contains(paths, r.path) {
			paths = append(paths, r.path)
		}
	}
	return paths
}

// allowed lists the methods of a path, as the Allow header does.
func allowed(routes []route, path string) string {
	methods := []string{fiber.MethodOptions}
	for _, r := range routes {
		if r.path == path {
			methods = append(methods, r.method)
		}
	}
	slices.Sort(methods)
	return strings.Join(methods, ", ")
}

func (s *Server) registerOthers(path, allow string) {
	place := &route{path: path}
	s.app.Add(fiber.MethodOptions, path, func(c *fiber.Ctx) error {
		x := exchangeOf(c)
		x.route = place
		c.Set(fiber.HeaderAllow, allow)
		x.send(reply{status: fiber.StatusNoContent})
		return nil
	})
	s.app.All(path, func(c *fiber.Ctx) error {
		exchangeOf(c).route = place
		return refuse(codeMethod, "The methods of this address are "+allow+".").with(fiber.HeaderAllow, allow)
	})
}

// run is the path of every request that has a route.
func run(r *route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		x := exchangeOf(c)
		x.route, x.path = r, c.Path()
		x.param, x.owner = c.Params("id", c.Params("slug")), c.Params("user_id")
		for _, check := range before {
			if err := check(x); err != nil {
				return err
			}
		}
		return r.handle(x)
	}
}
