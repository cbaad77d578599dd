package storetest_test

import (
	"maps"
	"testing"
	"testing/synctest"

	"taskhold/adapters/memory"
	"taskhold/ports/storetest"
)

// flaws are what breaks a rule: for each rule, by its name, what is wrong with
// a store and how to make a store so.
type flaws map[string]map[string]func(*broken)

func allFlaws() flaws {
	all := flaws{}
	for _, some := range []flaws{
		taskFlaws, copyFlaws, isolationFlaws, quotaFlaws, raceFlaws, orderFlaws(), walkFlaws(), pageFlaws, filterFlaws, dueFlaws,
		unitFlaws, nestingFlaws, replayFlaws, twinFlaws, housekeepingFlaws, eraseFlaws,
	} {
		maps.Copy(all, some)
	}
	return all
}

// TestRulesObject shows each rule stores that break it, and one that does not.
// Nobody waits in earnest: in a bubble the clock goes on when all do nothing.
func TestRulesObject(t *testing.T) {
	all := allFlaws()
	for _, rule := range storetest.Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			t.Parallel()
			if err := check(t, rule, new(memory.Store)); err != nil {
				t.Errorf("the rule refuses a good store: %v", err)
			}
			if err := check(t, rule, newSubject(func(*broken) {})); err != nil {
				t.Errorf("the rule refuses a good store in disguise: %v", err)
			}
			if len(all[rule.Name]) == 0 {
				t.Error("no broken store proves that this rule can object")
			}
			for name, spoil := range all[rule.Name] {
				if err := check(t, rule, newSubject(spoil)); err == nil {
					t.Errorf("the rule accepts a store that %s", name)
				} else {
					t.Logf("a store that %s: %v", name, err)
				}
			}
		})
	}
}

func check(t *testing.T, rule storetest.Rule, s storetest.Subject) (err error) {
	synctest.Test(t, func(t *testing.T) { err = rule.Check(t.Context(), s) })
	return err
}

func TestEveryFlawBelongsToARule(t *testing.T) {
	names := map[string]bool{}
	for _, rule := range storetest.Rules() {
		if names[rule.Name] {
			t.Errorf("two rules are called %q", rule.Name)
		}
		names[rule.Name] = true
	}
	for name := range allFlaws() {
		if !names[name] {
			t.Errorf("no rule is called %q", name)
		}
	}
}

// TestRulesMayShareAStore runs the contract twice against one store.
func TestRulesMayShareAStore(t *testing.T) {
	one := new(memory.Store)
	for range 2 {
		for _, rule := range storetest.Rules() {
			if err := check(t, rule, one); err != nil {
				t.Errorf("%s: %v", rule.Name, err)
			}
		}
	}
}
