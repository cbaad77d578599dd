package httpapi

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"taskhold/domain/identity"
	"taskhold/ports"
)

// Options are what a Server needs and how it behaves.
type Options struct {
	Tasks    ports.Tasks
	Verifier ports.TokenVerifier
	Limiter  ports.Limiter // nil: no limit

	// CursorKey is the secret of cursors: 32 bytes, the same on all replicas.
	CursorKey []byte

	// Ready returns nil while requests can be served; nil stands for always.
	Ready func(context.Context) error

	// Trace, if set, is called with the trace headers of each request. The
	// request runs under the context that it returns, and the function is told
	// at the end what became of it.
	Trace func(ctx context.Context, traceparent, tracestate string) (context.Context, func(Exchange))

	Dialect        *Dialect       // of the answers under /api; nil closes that door
	PublicURL      string         // the address under which clients see the service; "": that of the request
	AllowedOrigins []string       // exact; or "*" alone, for any, without credentials
	AnyLocalhost   bool           // allow every http://localhost origin too
	SessionCookie  bool           // a token may also come in Better Auth's session cookie
	TrustedProxies []netip.Prefix // whose X-Forwarded-* counts
	RequestTimeout time.Duration  // the longest that a request may take; 0: no end
	Figures        Figures

	// AtOnce is how many requests of users are worked on at once; 0: any
	// number. The others wait for their turn, and are refused if it would take
	// longer than Patience.
	AtOnce   int
	Patience time.Duration
}

// Figures are the limits that are set elsewhere and told at /v1/limits.
type Figures struct {
	TasksPerUser  int
	Reads, Writes Rate // zero: no limit
}

// Rate is so many requests in a time.
type Rate struct {
	Requests int
	Per      time.Duration
}

// Exchange is what is told of a request that was answered.
type Exchange struct {
	Method   string
	Route    string // the template, such as /v1/tasks/:id, never the path; "" if none matched
	Status   int
	Duration time.Duration
	ID       string
	User     identity.UserID // nobody if the request was not authenticated
	Cause    error           // of a reply that keeps it from the client
	Refused  bool            // because there was too much to do
}

func (o Options) check() error {
	if o.Tasks == nil || o.Verifier == nil {
		return errors.New("httpapi: Tasks and Verifier are required")
	}
	if len(o.CursorKey) < 32 {
		return errors.New("httpapi: CursorKey has to have at least 32 bytes")
	}
	return nil
}
