package main

import (
	"fmt"
	"testing"

	"taskhold/adapters/postgres/postgrestest"
)

// server is what [postgrestest.StartCluster] takes for a test.
type server struct {
	testing.TB
	cleanups []func()
	failure  error
}

func (*server) Helper()                           {}
func (s *server) Cleanup(do func())               { s.cleanups = append(s.cleanups, do) }
func (s *server) Errorf(text string, args ...any) { s.failure = fmt.Errorf(text, args...) }
func (s *server) Fatalf(text string, args ...any) { panic(fmt.Errorf(text, args...)) }

// start starts one throwaway PostgreSQL for all tests and returns its URL.
func (s *server) start() (url string, err error) {
	defer func() {
		if failure, ok := recover().(error); ok {
			err = failure
		}
	}()
	return postgrestest.StartCluster(s).URL("postgres"), nil
}

func (s *server) stop() error {
	for _, do := range s.cleanups {
		do()
	}
	return s.failure
}
