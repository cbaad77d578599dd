package walk_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"taskhold/proof"
	"taskhold/proof/walk"
	"taskhold/proof/wire"
)

// flaws are ways in which a service may fail to be what its document says, and
// what is then objected.
var flaws = map[string]struct {
	objection string
	broken    func(walk.Service) walk.Service
}{
	"a status that is not listed": {"does not list 202", altering(func(r *wire.Reply) bool { return r.Status == 201 }, func(r *wire.Reply) { r.Status = 202 })},
	"a member that is missing": {"the document says otherwise", altering(func(r *wire.Reply) bool { return r.Status == 200 }, func(r *wire.Reply) {
		r.Body = bytes.ReplaceAll(r.Body, []byte(`"version":`), []byte(`"revision":`))
	})},
	"a member of another type": {"the document says otherwise", altering(func(r *wire.Reply) bool { return r.Status == 200 }, func(r *wire.Reply) {
		r.Body = bytes.ReplaceAll(r.Body, []byte(`"completed":false`), []byte(`"completed":0`))
	})},
	"a header that is missing": {"Required header 'Location' was not found", altering(func(r *wire.Reply) bool { return r.Status == 201 }, func(r *wire.Reply) { r.Header.Del("Location") })},
	"a failure":                {"failed", altering(func(r *wire.Reply) bool { return r.Status == 404 }, func(r *wire.Reply) { r.Status = 500 })},
	"what is wrong is accepted": {"(but for", altering(func(r *wire.Reply) bool { return r.Status == 422 }, func(r *wire.Reply) {
		r.Status, r.Body = 200, []byte(`{}`)
	})},
	"what is right is refused": {"(valid): answered 400", altering(func(r *wire.Reply) bool { return r.Status == 304 || r.Status == 207 }, func(r *wire.Reply) { r.Status = 400 })},
	"who has no token is served": {"(without credentials): answered", func(serve walk.Service) walk.Service {
		token := ""
		return func(r wire.Request) (wire.Reply, error) {
			at := slices.IndexFunc(r.Headers, func(h string) bool { return strings.HasPrefix(h, "Authorization:") })
			if at < 0 && token != "" && strings.HasPrefix(r.Target, "/v1/tasks") {
				r = r.With(token)
			} else if at >= 0 && len(r.Headers[at]) > 100 {
				token = r.Headers[at]
			}
			return serve(r)
		}
	}},
	"what was deleted is still there": {"(valid but for the task): answered 2", func(serve walk.Service) walk.Service {
		var gone []string
		return func(r wire.Request) (wire.Reply, error) {
			reply, err := serve(r)
			if r.Method == "DELETE" && reply.Status == 204 {
				gone = append(gone, r.Target)
			}
			if r.Method == "GET" && reply.Status == 404 && slices.Contains(gone, r.Target) {
				reply.Status = 200
			}
			return reply, err
		}
	}},
	"a repeated key is carried out again": {"it is not the first reply", altering(func(r *wire.Reply) bool { return r.Header.Get("Idempotent-Replayed") != "" }, func(r *wire.Reply) {
		r.Header.Del("Idempotent-Replayed")
	})},
}

func altering(when func(*wire.Reply) bool, alter func(*wire.Reply)) func(walk.Service) walk.Service {
	return func(serve walk.Service) walk.Service {
		return func(r wire.Request) (wire.Reply, error) {
			reply, err := serve(r)
			if err == nil && when(&reply) {
				alter(&reply)
			}
			return reply, err
		}
	}
}

// TestEachFlawIsObjectedTo holds the walk itself against services that are
// broken.
func TestEachFlawIsObjectedTo(t *testing.T) {
	for name, flaw := range flaws {
		t.Run(name, func(t *testing.T) {
			base := proof.ServeMemory(t)
			walkers, err := walk.Start(func() walk.Service { return flaw.broken(wire.Dial(base).One) }, 1, 1, func(user string) string { return proof.Token(t, user) })
			if err != nil {
				t.Fatal(err)
			}
			for range 5000 {
				if slices.ContainsFunc(walkers.Faults(), func(f string) bool { return strings.Contains(f, flaw.objection) }) {
					return
				}
				walkers.All[0].Step()
			}
			t.Errorf("nobody says %q, but %q", flaw.objection, walkers.Faults())
		})
	}
}
