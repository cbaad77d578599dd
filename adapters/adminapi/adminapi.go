// Package adminapi is the door for operators: it has an address of its own,
// which only they should reach.
package adminapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/pprof"
	"strings"

	"taskhold/domain/fault"
	"taskhold/domain/identity"
	"taskhold/ports"
)

// Options are what the door leads to.
type Options struct {
	Users ports.Users

	// Token is what a caller of /internal presents as a bearer token. Without
	// one nobody may call.
	Token string

	// Metrics answers GET /metrics.
	Metrics http.Handler

	// Observe is told why a request failed; the reply does not say it.
	Observe func(route string, err error)
}

// New returns the handler of all operators' routes: GET /metrics, profiles under
// /debug/pprof, and POST /internal/users/{id}/erase.
func New(o Options) http.Handler {
	d := door{Options: o}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", o.Metrics)
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", forbidden) // its arguments may hold what is nobody's business
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	mux.Handle("POST /internal/users/{id}/erase", d.guarded(d.erase))
	return http.MaxBytesHandler(mux, 64<<10)
}

type door struct{ Options }

// guarded lets only those in who know the token.
func (d door) guarded(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.Token == "" {
			forbidden(w, r)
			return
		}
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || !equal(strings.TrimLeft(token, " "), d.Token) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="admin"`)
			refuse(w, http.StatusUnauthorized, "UNAUTHENTICATED", "This route needs the ADMIN_TOKEN as a bearer token.")
			return
		}
		next(w, r)
	})
}

// equal takes the same time wherever two tokens differ.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// erase answers 204 for any user, erased before or never seen: the caller
// wants the user gone, and so it is.
func (d door) erase(w http.ResponseWriter, r *http.Request) {
	user, err := identity.ParseUserID(r.PathValue("id"))
	if err != nil {
		refuse(w, http.StatusBadRequest, "MALFORMED_REQUEST", "A user's id has 1 to 255 bytes and no control characters.")
		return
	}
	switch err := d.Users.Erase(r.Context(), user); {
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
	case errors.Is(err, fault.Unavailable):
		d.Observe("/internal/users/{id}/erase", err)
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusServiceUnavailable, "UNAVAILABLE", "The store cannot be reached at the moment. Try again.")
	default:
		d.Observe("/internal/users/{id}/erase", err)
		refuse(w, http.StatusInternalServerError, "INTERNAL", "The request could not be carried out.")
	}
}

func forbidden(w http.ResponseWriter, _ *http.Request) {
	refuse(w, http.StatusForbidden, "FORBIDDEN", "This route is closed: no ADMIN_TOKEN is set, or it shows too much.")
}

// refuse answers with a problem (RFC 9457).
func refuse(w http.ResponseWriter, status int, code, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{ // the caller may be gone
		"type": "about:blank", "title": http.StatusText(status), "status": status, "code": code, "detail": detail,
	})
}
