package telemetry

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"taskhold/domain/identity"
)

// Request is what is told of a request that was answered.
type Request struct {
	Method   string
	Route    string // the template, such as /v1/tasks/:id, never the path
	Status   int
	Duration time.Duration
	ID       string
	User     identity.UserID // nobody if the request was not authenticated
	Cause    error           // of a reply that keeps it from the client
}

// Requests writes one line a request.
type Requests struct {
	log *zap.Logger
	key []byte
}

// NewRequests returns a log of requests. The key makes the users' pseudonyms:
// whoever has it can tell whether a line is a given user's, and nobody else
// can. It is the same on all replicas.
func NewRequests(log *zap.Logger, key []byte) *Requests { return &Requests{log, key} }

// Log writes the line of r: at level error with the cause where the server
// failed, at level info otherwise.
func (l *Requests) Log(r Request) {
	level := zapcore.InfoLevel
	if r.Status >= 500 {
		level = zapcore.ErrorLevel
	}
	entry := l.log.Check(level, "request")
	if entry == nil {
		return
	}
	fields := make([]zap.Field, 0, 7)
	fields = append(fields,
		zap.String("method", r.Method), zap.String("route", r.Route), zap.Int("status", r.Status),
		zap.Float64("duration_ms", float64(r.Duration.Microseconds())/1000), zap.String("request_id", r.ID))
	if !r.User.IsZero() {
		fields = append(fields, zap.String("user", l.Pseudonym(r.User)))
	}
	if r.Cause != nil {
		fields = append(fields, zap.NamedError("cause", r.Cause))
	}
	entry.Write(fields...)
}

// Pseudonym returns the name under which the log speaks of a user: the first
// 8 bytes of an HMAC-SHA-256 of the id.
func (l *Requests) Pseudonym(user identity.UserID) string {
	mac := hmac.New(sha256.New, l.key)
	mac.Write([]byte(user.String()))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}
