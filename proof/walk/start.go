package walk

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"

	"taskhold/proof/wire"
)

// Walkers are as many users of one service, who share what they found.
type Walkers struct {
	judge *judge
	All   []*Walker
}

// Service answers one request after the other.
type Service func(wire.Request) (wire.Reply, error)

// Start reads the documents of a service and returns so many walkers, each with
// a connection of its own. What they ask follows from the seed, and from the
// replies.
func Start(dial func() Service, users int, seed uint64, token func(user string) string) (*Walkers, error) {
	service := dial()
	texts, documents := map[string][]byte{}, []*document{}
	for _, of := range []struct{ door, name, prefix string }{
		{"/v1", "/openapi.json", ""}, {"/api", "/openapi-api.json", "/api/tasks"}, {"/api", "/openapi-api.json", "/api/{user_id}/tasks"},
	} {
		reply, err := service(wire.Request{Method: "GET", Target: of.name})
		if err != nil {
			return nil, err
		}
		d, err := readDocument(reply.Body, of.prefix, of.door)
		if err != nil {
			return nil, err
		}
		texts[of.door], documents = reply.Body, append(documents, d)
	}
	j, err := newJudge(texts)
	if err != nil {
		return nil, err
	}
	for _, d := range documents {
		for _, op := range d.operations {
			if op.door == "/v1" && op.id == "createTask" {
				j.create = op
			}
		}
	}
	foreign, err := stranger(service, token("a stranger"))
	if err != nil {
		return nil, err
	}
	all := &Walkers{judge: j}
	for i := range users {
		user := fmt.Sprintf("walker %d of %d", i, seed)
		all.All = append(all.All, &Walker{
			Rand: rand.New(rand.NewPCG(seed, uint64(i))), documents: documents, judge: j, service: dial(), user: user, token: token(user), foreign: foreign,
		})
	}
	return all, nil
}

// stranger makes a task that no walker may reach.
func stranger(service Service, token string) (string, error) {
	reply, err := service(wire.Request{Method: "POST", Target: "/v1/tasks", Body: `{"title": "a stranger's"}`, Headers: []string{"Authorization: Bearer " + token, "Content-Type: application/json"}})
	var made struct{ ID string }
	if err != nil {
		return "", err
	}
	if json.Unmarshal(reply.Body, &made) != nil || made.ID == "" {
		return "", errors.New("a stranger can make no task: " + string(reply.Body))
	}
	return made.ID, nil
}

// Faults are what was found, each with the request and the reply.
func (w *Walkers) Faults() []string { return w.judge.faults }

// Table tells how often each operation was answered with each status.
func (w *Walkers) Table() string { return w.judge.table() }
