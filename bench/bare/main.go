// Command bare serves the five operations that are measured, as one would
// write them with net/http, pgx, encoding/json and golang-jwt and nothing
// besides: without limits, logs, strict decoding, cursors, versions to compare
// or idempotency. It works on Taskhold's tables. It is what Taskhold is
// measured beside; nobody should use it for anything else.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/golang-jwt/jwt/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err) //nolint:gocritic // the signals need no putting back
	}
}

// run serves until ctx is done. DATABASE_URL and BETTER_AUTH_SECRET mean what
// they mean to Taskhold; the address is printed.
func run(ctx context.Context) error {
	config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	config.MaxConns = 8
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	defer pool.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("listening on", listener.Addr())
	server := http.Server{Handler: routes(store{pool}, []byte(os.Getenv("BETTER_AUTH_SECRET")))}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// handler answers a request of a user.
type handler func(w http.ResponseWriter, r *http.Request, user string) error

func routes(s store, secret []byte) http.Handler {
	mux := http.NewServeMux()
	for pattern, handle := range map[string]handler{
		"GET /v1/tasks": s.list, "POST /v1/tasks": s.create, "GET /v1/tasks/{id}": s.get, "DELETE /v1/tasks/{id}": s.remove,
		"POST /v1/tasks/{id}/complete": s.complete, "POST /v1/tasks/{id}/reopen": s.reopen,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			user, err := userOf(r, secret)
			if err != nil {
				http.Error(w, "who are you?", http.StatusUnauthorized)
				return
			}
			if err := handle(w, r, user); err != nil {
				fail(w, err)
			}
		})
	}
	return mux
}

func userOf(r *http.Request, secret []byte) (string, error) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	var claims jwt.RegisteredClaims
	_, err := jwt.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return secret, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired())
	if err == nil && claims.Subject == "" {
		err = errors.New("nobody's token")
	}
	return claims.Subject, err
}
