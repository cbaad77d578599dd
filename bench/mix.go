package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// operation is one of the five that are measured.
type operation uint8

const (
	list operation = iota // of 50
	get
	create
	change // complete, or reopen
	remove
)

var operations = [...]string{list: "list", get: "get", create: "create", change: "complete", remove: "delete"}

func (op operation) String() string { return operations[op] }

// mix is how often each operation is called, in parts of their sum.
type mix [len(operations)]int

var usual = mix{list: 70, get: 15, create: 8, change: 5, remove: 2}

// pick returns an operation as often as the mix wants it.
func (m mix) pick(random *rand.Rand) operation {
	sum := 0
	for _, parts := range m {
		sum += parts
	}
	n := random.IntN(sum)
	for op, parts := range m {
		if n -= parts; n < 0 {
			return operation(op)
		}
	}
	panic("the parts are fewer than their sum")
}

// String implements flag.Value.
func (m mix) String() string {
	var parts []string
	for op, n := range m {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s=%d", operation(op), n))
		}
	}
	return strings.Join(parts, ",")
}

// Set implements flag.Value. An operation without a number is one part.
func (m *mix) Set(text string) error {
	var parts mix
	for part := range strings.SplitSeq(text, ",") {
		name, number, numbered := strings.Cut(part, "=")
		op, n := slices.Index(operations[:], name), 1
		if op < 0 {
			return fmt.Errorf("it knows %s, not %q", strings.Join(operations[:], ", "), name)
		}
		if numbered {
			var err error
			if n, err = strconv.Atoi(number); err != nil || n < 1 || n > 1000 {
				return fmt.Errorf("%s is 1 to 1000 parts, not %q", name, number)
			}
		}
		parts[op] = n
	}
	*m = parts
	return nil
}

// traffic is who calls, and for what.
type traffic struct {
	callers []*caller
	mix     mix
}

// next chooses an errand. What a user cannot do at the moment is a get.
func (t traffic) next(random *rand.Rand) errand {
	user := t.callers[random.IntN(len(t.callers))]
	return user.errand(t.mix.pick(random), random)
}
