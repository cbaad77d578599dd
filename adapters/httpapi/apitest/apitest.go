// Package apitest asks a running service, over HTTP alone, whether it keeps
// the contract with its clients. It does not matter where the service keeps
// its tasks. Every reply is held against the service's own OpenAPI document.
package apitest

import (
	"crypto/rand"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
)

// Service is a running service.
type Service struct {
	URL   string                   // without a slash at the end
	Token func(user string) string // makes an access token that the service takes for the user

	document validator.Validator
	fronts   validator.Validator // of /api; nil if that door is closed
}

// Connect reads the service's documents.
func Connect(t testing.TB, url string, token func(user string) string) *Service {
	t.Helper()
	s := &Service{URL: url, Token: token}
	a := s.Nobody(t).Ask("GET", "/openapi.json", "").Want(http.StatusOK, "")
	if front := s.Nobody(t).Ask("GET", "/openapi-api.json", ""); front.StatusCode == http.StatusOK {
		s.fronts = validatorOf(t, front.Text)
	}
	s.document = validatorOf(t, a.Text)
	return s
}

// validators are those of the documents that were read, for they take long to
// make.
var validators sync.Map

func validatorOf(t testing.TB, text string) validator.Validator {
	t.Helper()
	if made, ok := validators.Load(text); ok {
		return made.(validator.Validator)
	}
	document, err := libopenapi.NewDocument([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(document)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, faults := v.ValidateDocument(); !ok {
		t.Fatalf("the document is not valid OpenAPI: %v", faults)
	}
	validators.Store(text, v)
	return v
}

// User returns a client of a user whom nobody else has been: the name and
// something random.
func (s *Service) User(t testing.TB, name string) Client {
	return s.As(t, name+"-"+rand.Text())
}

// As returns a client of the user of an id.
func (s *Service) As(t testing.TB, id string) Client {
	return Client{TB: t, Service: s, ID: id, token: s.Token(id)}
}

// Nobody returns a client without a token.
func (s *Service) Nobody(t testing.TB) Client { return Client{TB: t, Service: s} }

// rule is one thing that clients may rely on.
type rule struct {
	name string
	hold func(Client)
}

// Run holds a service against every rule, each as a user of its own. It leaves
// out the subjects named: a proxy before the service has a framing of its own.
func Run(t *testing.T, s *Service, without ...string) {
	for subject, rules := range map[string][]rule{
		"tasks": taskRules, "bodies": bodyRules, "lists": listRules, "conditions": conditionRules,
		"keys": keyRules, "batches": batchRules, "users": userRules, "requests": requestRules,
		"checks": checkRules, "service": serviceRules, "framing": framingRules,
	} {
		if slices.Contains(without, subject) {
			continue
		}
		t.Run(subject, func(t *testing.T) {
			for _, r := range rules {
				t.Run(r.name, func(t *testing.T) { r.hold(s.User(t, "ann")) })
			}
		})
	}
}
