package httpapi

import (
	"testing"
	"time"
)

func TestTheFiguresThatAreSetElsewhereAreTold(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.RequestTimeout = 10 * time.Second
		o.Figures = Figures{TasksPerUser: 50_000, Reads: Rate{600, time.Minute}}
	})
	w.Ask("GET", "/v1/limits", "").Want(200, "").Has(`{"quota": {"tasks_per_user": 50000},
		"request": {"body_bytes": 262144, "json_depth": 16, "header_bytes": 16384, "send_seconds": 30, "answer_seconds": 10},
		"rate": {"read": {"requests": 600, "seconds": 60}, "write": null}}`)
}
