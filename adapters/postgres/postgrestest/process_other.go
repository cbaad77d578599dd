//go:build !linux && !darwin && !freebsd

package postgrestest

import (
	"errors"
	"os"
	"os/exec"
)

var errSystem = errors.New("this system runs no throwaway PostgreSQL: set TEST_DATABASE_URL")

const memory = ""

func roomInMemory() uint64 { return 0 }

type owner struct{}

func (*owner) take(string) error { return errSystem }
func runAs(int) (*owner, error)  { return nil, errSystem }
func crash(*os.Process) error    { return errSystem }
func detach(*exec.Cmd, *owner)   {}
