package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"go.uber.org/zap"

	"taskhold/adapters/betterauth"
	"taskhold/adapters/httpapi"
	"taskhold/adapters/system"
	"taskhold/adapters/telemetry"
	"taskhold/application"
	"taskhold/ports"
)

// App is the assembled program.
type App struct {
	config       Config
	log          *zap.Logger
	watch        watch
	ready        readiness
	clock        system.Clock
	storage      storage
	verifier     *betterauth.Verifier
	server       *httpapi.Server
	listener     net.Listener
	admin        *admin
	limiter      ports.Limiter // nil: no limit
	closeLimiter func() error
}

// New opens the store, brings its schema up to date unless told otherwise,
// wires everything and starts to listen, so that Addr is known. Call Run
// next, and Close in any case.
func New(ctx context.Context, c Config, log *zap.Logger) (_ *App, err error) {
	a := &App{config: c, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if a.watch, err = newWatch(ctx, c, log); err != nil {
		return a, err
	}
	if a.storage, err = a.watch.openStorage(ctx, c, a.ready.seen); err != nil {
		return a, err
	}
	a.ready.ping = a.storage.Ping
	if err := a.prepareSchema(ctx); err != nil {
		return a, err
	}
	if a.verifier, err = newVerifier(c, &a.clock, a.watch); err != nil {
		return a, err
	}
	for _, warning := range a.verifier.Warnings() {
		log.Warn(warning)
	}
	if err := a.openLimiter(ctx); err != nil {
		return a, err
	}
	if a.server, err = a.newServer(ctx); err != nil {
		return a, err
	}
	if a.admin, err = a.newAdmin(); err != nil {
		return a, err
	}
	if a.listener, err = net.Listen("tcp", net.JoinHostPort(c.Host, strconv.Itoa(c.Port))); err != nil {
		return a, fmt.Errorf("listen at API_HOST and API_PORT: %w", err)
	}
	return a, nil
}

// prepareSchema migrates, or makes sure that the schema is one to live with.
func (a *App) prepareSchema(ctx context.Context) error {
	if a.config.Migrate == "auto" {
		return a.storage.Migrate(ctx)
	}
	return a.storage.Check(ctx)
}

// newServer wires the core and puts the HTTP adapter before it.
func (a *App) newServer(ctx context.Context) (*httpapi.Server, error) {
	cursorKey, err := a.storage.Key(ctx, "cursor")
	if err != nil {
		return nil, err
	}
	pseudonymKey, err := a.storage.Key(ctx, "pseudonym")
	if err != nil {
		return nil, err
	}
	c := a.config
	tasks := application.NewTasks(a.storage, new(system.Turns), &a.clock, system.IDs{}, c.TasksPerUser)
	return httpapi.New(httpapi.Options{
		Tasks:          telemetry.NewTasks(tasks, a.watch.metrics, a.watch.tracer),
		Verifier:       a.verifier,
		Limiter:        a.limiter,
		CursorKey:      cursorKey,
		Ready:          a.ready.check,
		Trace:          a.watch.requests(pseudonymKey),
		Dialect:        c.dialect(),
		PublicURL:      c.PublicURL,
		AllowedOrigins: c.AllowedOrigins,
		AnyLocalhost:   c.AnyLocalhost,
		SessionCookie:  c.Cookie == "on",
		TrustedProxies: c.TrustedProxies,
		RequestTimeout: c.RequestTimeout,
		Figures:        c.figures(),
		AtOnce:         c.atOnce(),
		Patience:       c.Patience,
	})
}

// Addr is where the program listens.
func (a *App) Addr() net.Addr { return a.listener.Addr() }

// Run serves until ctx is done. Then it says that it is not ready, serves on
// for the shutdown delay, lets running requests finish within the rest of the
// shutdown time, and returns.
func (a *App) Run(ctx context.Context) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	go a.purge(background)
	go a.verifier.Run(background)
	go a.admin.serve(a.log)
	served := make(chan error, 1)
	go func() { served <- a.server.Serve(patient{a.listener, a.log}) }()
	a.log.Info("listening", zap.Stringer("address", a.Addr()))
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	a.log.Info("stopping", zap.Stringer("within", a.config.ShutdownWait))
	drain, cancel := context.WithTimeout(background, a.config.ShutdownWait)
	defer cancel()
	a.server.Drain()
	time.Sleep(a.config.ShutdownDelay)
	return errors.Join(a.server.Shutdown(drain), a.admin.shutdown(drain))
}

// Close gives back everything that New opened, last first.
func (a *App) Close() error {
	var err error
	if a.listener != nil {
		if closing := a.listener.Close(); !errors.Is(closing, net.ErrClosed) {
			err = closing
		}
	}
	err = errors.Join(err, a.admin.close())
	if a.closeLimiter != nil {
		err = errors.Join(err, a.closeLimiter())
	}
	if a.storage != nil {
		err = errors.Join(err, a.storage.Close())
	}
	return errors.Join(err, a.watch.tracer.Close())
}
