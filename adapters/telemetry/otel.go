package telemetry

import (
	"errors"
	"fmt"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
)

// listenTo has failed told what OpenTelemetry says of itself, which it would
// write to the standard error otherwise: with the values of its variables, of
// which one holds what signs in at the collector.
func listenTo(failed func(error)) {
	otel.SetLogger(logr.New(unread(failed)))
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {
		failed(errors.New("OTEL_TRACES_SAMPLER or OTEL_TRACES_SAMPLER_ARG cannot be read"))
	}))
}

// unread is a [logr.LogSink] that tells of variables that cannot be read.
type unread func(error)

// Error leaves out the error and the values: both hold what was to be read.
func (u unread) Error(_ error, what string, _ ...any) {
	u(fmt.Errorf("a variable of OpenTelemetry cannot be read: %s", what))
}

func (unread) Init(logr.RuntimeInfo)            {}
func (unread) Enabled(int) bool                 { return false }
func (unread) Info(int, string, ...any)         {}
func (u unread) WithValues(...any) logr.LogSink { return u }
func (u unread) WithName(string) logr.LogSink   { return u }
