// Package telemetry tells operators what the program does: by logs, metrics and
// traces, mostly as decorators of ports. It never tells who a user is, nor what
// a user writes.
package telemetry

import (
	"fmt"
	"io"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// NewLogger returns a logger that writes to w from a level ("debug", "info",
// "warn" or "error") on, a line an entry: "json" for machines or "text" for
// people. Entries are written together, for to write each cost as much as to
// make it; from error on, at once. While w takes nothing, entries are lost
// rather than anybody held up. Call Sync at the end.
func NewLogger(w io.Writer, level, format string) (*zap.Logger, error) {
	from, err := zapcore.ParseLevel(level)
	if err != nil {
		return nil, fmt.Errorf("log level: %w", err)
	}
	encoding := zap.NewProductionEncoderConfig()
	encoding.TimeKey, encoding.EncodeTime = "time", zapcore.RFC3339NanoTimeEncoder
	encoder := zapcore.NewJSONEncoder(encoding)
	if format == "text" {
		encoding.EncodeTime = zapcore.TimeEncoderOfLayout("15:04:05.000")
		encoding.EncodeLevel = zapcore.CapitalLevelEncoder
		encoder = zapcore.NewConsoleEncoder(encoding)
	}
	together := &gathering{w: w, loss: func(entries int) []byte {
		lost := zapcore.Entry{Level: zapcore.WarnLevel, Time: time.Now(), Message: "entries of the log are lost, for nobody took them"}
		line, err := encoder.EncodeEntry(lost, []zapcore.Field{zap.Int("entries", entries)})
		if err != nil {
			return nil
		}
		return line.Bytes()
	}}
	atOnce := zap.Hooks(func(e zapcore.Entry) error {
		if e.Level < zapcore.ErrorLevel {
			return nil
		}
		return together.Sync()
	})
	untold := zap.ErrorOutput(zapcore.AddSync(io.Discard)) // what cannot be written cannot be told either
	return zap.New(zapcore.NewCore(encoder, together, from), atOnce, untold), nil
}
