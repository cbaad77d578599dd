// Package storetest is the contract of [ports.Store] and [ports.Housekeeping],
// as rules. Every store runs it; what is not a rule here is not promised.
//
// A rule reports an error instead of failing a test, so that this package's
// own test can show broken stores to the rules and see each rule object.
package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"taskhold/domain/identity"
	"taskhold/ports"
)

// Subject is a store under test.
type Subject interface {
	ports.Store
	ports.Housekeeping
}

// Rule is one promise of the contract.
type Rule struct {
	Name string

	// Check returns what is wrong with a store. The store need not be empty:
	// every rule has users, ids, keys and names of its own.
	Check func(context.Context, Subject) error
}

// Fill keeps an empty replay for each of many keys of a user, claimed at an
// instant.
type Fill func(ctx context.Context, s Subject, user identity.UserID, keys []string, at time.Time) error

// Option is what the owner of a store can do for the rules.
type Option func(*options)

type options struct{ fill Fill }

// WithFill makes the rule on MaxKeys fast: without it the rule claims and
// keeps every key through the port, in one unit of work.
func WithFill(f Fill) Option { return func(o *options) { o.fill = f } }

// Rules returns the whole contract.
func Rules(with ...Option) []Rule {
	o := options{fill: fillThroughPort}
	for _, option := range with {
		option(&o)
	}
	return slices.Concat(
		taskRules(), copyRules(), isolationRules(), quotaRules(), raceRules(),
		orderRules(), walkRules(), pageRules(), filterRules(), dueRules(),
		unitRules(), nestingRules(), replayRules(), twinRules(), keyRules(o),
		housekeepingRules(), eraseRules(),
	)
}

// Run checks every rule against a store from open, one after the other. They
// may share one.
func Run(t *testing.T, open func(testing.TB) Subject, with ...Option) {
	t.Helper()
	for _, rule := range Rules(with...) {
		t.Run(rule.Name, func(t *testing.T) {
			if err := rule.Check(t.Context(), open(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

// longest is how long a rule waits for a store before it gives up.
const longest = 30 * time.Second

// rule makes a rule of a function that objects by means of its world.
func rule(name string, check func(context.Context, *world)) Rule {
	return Rule{name, func(ctx context.Context, s Subject) (err error) {
		ctx, cancel := context.WithTimeout(ctx, longest)
		defer cancel()
		w := newWorld(s)
		defer func() {
			quietly(recover())
			err = w.err()
		}()
		check(ctx, w)
		return nil
	}}
}

// giveUp is what a rule panics with once it has objected.
const giveUp = "storetest: the rule has objected"

// objections keeps the first, since a store may swallow the panic.
type objections struct {
	mu    sync.Mutex
	first error
}

func (o *objections) err() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.first
}

// object ends the rule.
func (o *objections) object(format string, args ...any) {
	o.mu.Lock()
	if o.first == nil {
		o.first = fmt.Errorf(format, args...)
	}
	o.mu.Unlock()
	panic(giveUp)
}
