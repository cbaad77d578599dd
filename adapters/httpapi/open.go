package httpapi

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"
)

// openRoutes are the routes that need no token.
func (s *Server) openRoutes() ([]route, error) {
	limits, err := s.limitsRoute()
	if err != nil {
		return nil, err
	}
	routes, err := docsRoutes(s.dialect != nil)
	return append(routes, limits, open("/livez", answerWell), open("/readyz", answerReady), open("/health", answerReady)), err
}

func open(path string, handle func(*exchange) error) route {
	return route{method: fiber.MethodGet, path: path, open: true, handle: handle}
}

// answerWell touches nothing.
func answerWell(x *exchange) error {
	x.send(reply{status: fiber.StatusOK, body: append(x.buffer(), `{"status":"ok"}`...)})
	return nil
}

// readyTime is the longest that a check of readiness takes.
const readyTime = 2 * time.Second

func answerReady(x *exchange) error {
	notReady := refuse(codeUnavailable, "The server is not ready.").retryAfter(soon)
	if x.draining.Load() {
		return notReady
	}
	ctx, cancel := context.WithTimeout(x.ctx, readyTime)
	defer cancel()
	if x.options.Ready != nil {
		if notReady.cause = x.options.Ready(ctx); notReady.cause != nil {
			return notReady
		}
	}
	return answerWell(x)
}
