package httpapi

import (
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"

	"taskhold/domain/task"
	"taskhold/ports"
)

// limits are all limits and retentions, as clients read them.
func (o Options) limits() map[string]any {
	return map[string]any{
		"task": map[string]int{
			"title_max": task.MaxTitleLen, "description_max": task.MaxDescriptionLen,
			"tags_max": task.MaxTags, "tag_max": task.MaxTagLen,
		},
		"page": map[string]int{"limit_default": defaultLimit, "limit_max": maxLimit, "q_max": maxText},
		"request": map[string]int{
			"body_bytes": maxBody, "json_depth": maxDepth, "header_bytes": maxHeaders,
			"send_seconds": seconds(sendTime), "answer_seconds": seconds(o.RequestTimeout),
		},
		"batch": map[string]int{"operations_max": maxOperations, "body_bytes": maxBatchBody},
		"idempotency": map[string]int{
			"key_max": maxKey, "retention_seconds": seconds(ports.KeyRetention), "live_keys_max": ports.MaxKeys,
		},
		"quota": map[string]int{"tasks_per_user": o.Figures.TasksPerUser},
		"rate":  map[string]any{"read": o.Figures.Reads.told(), "write": o.Figures.Writes.told()},
	}
}

func (r Rate) told() any {
	if r == (Rate{}) {
		return nil
	}
	return map[string]int{"requests": r.Requests, "seconds": int(r.Per / time.Second)}
}

// limitsRoute answers the limits, which do not change while the server runs.
func (s *Server) limitsRoute() (route, error) {
	text, err := json.Marshal(s.options.limits())
	return route{
		method: fiber.MethodGet, path: "/v1/limits", open: true, gives: givesJSON,
		handle: func(x *exchange) error {
			x.send(reply{status: fiber.StatusOK, body: append(x.buffer(), text...)})
			return nil
		},
	}, err
}
