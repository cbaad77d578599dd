package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"go.uber.org/zap"

	"taskhold/adapters/adminapi"
	"taskhold/application"
)

// admin is the operators' server; nil if there is none.
type admin struct {
	*http.Server
	listener net.Listener
}

// newAdmin listens for operators unless told not to.
func (a *App) newAdmin() (*admin, error) {
	if a.config.AdminAddr == "off" {
		return nil, nil
	}
	listener, err := net.Listen("tcp", a.config.AdminAddr)
	if err != nil {
		return nil, fmt.Errorf("listen at ADMIN_ADDR: %w", err)
	}
	handler := adminapi.New(adminapi.Options{
		Users: application.NewUsers(a.storage, &a.clock),
		Token: a.config.AdminToken.Reveal(),

		Metrics: a.watch.metrics.Handler(),
		Observe: func(route string, err error) {
			a.log.Error("operator's request failed", zap.String("route", route), zap.Error(err))
		},
	})
	return &admin{&http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}, listener}, nil
}

// serve answers until shutdown.
func (s *admin) serve(log *zap.Logger) {
	if s == nil {
		return
	}
	log.Info("listening for operators", zap.Stringer("admin_address", s.listener.Addr()))
	if err := s.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		log.Error("the operators' listener ended", zap.Error(err))
	}
}

// shutdown is the last to go: operators look on while the rest drains.
func (s *admin) shutdown(ctx context.Context) error {
	if s == nil {
		return nil
	}
	return s.Shutdown(ctx)
}

// close is for a server that never served.
func (s *admin) close() error {
	if s == nil {
		return nil
	}
	return s.Close()
}
