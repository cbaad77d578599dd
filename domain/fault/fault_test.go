package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"taskhold/domain/fault"
)

func TestKindsAreFoundThroughWrapping(t *testing.T) {
	for _, kind := range fault.Kinds() {
		err := fmt.Errorf("while saving: %w", fault.New(kind, "SOME_CODE", "Some sentence."))
		if !errors.Is(err, kind) {
			t.Errorf("a fault of kind %v is not found as such", kind)
		}
		if kind.Error() == "unknown fault" {
			t.Errorf("kind %d has no name", kind)
		}
		for _, other := range fault.Kinds() {
			if other != kind && errors.Is(err, other) {
				t.Errorf("a fault of kind %v passes for %v", kind, other)
			}
		}
	}
	if got := fault.Kind(0).Error(); got != "unknown fault" {
		t.Errorf("the zero kind is called %q, want it unknown", got)
	}
}

func TestFaultsAreTheSameWhateverTheirViolations(t *testing.T) {
	plain := fault.New(fault.Invalid, "VALIDATION_FAILED", "The task is not valid.")
	detailed := &fault.Error{Kind: fault.Invalid, Code: "VALIDATION_FAILED", Message: plain.Message, Violations: []fault.Violation{{Pointer: "/title"}}}
	if !errors.Is(detailed, plain) {
		t.Error("violations make a fault another one")
	}
	if errors.Is(detailed, fault.New(fault.Invalid, "OTHER", plain.Message)) {
		t.Error("faults of different codes pass for each other")
	}
	if errors.Is(detailed, fault.New(fault.Invalid, plain.Code, "Another sentence.")) {
		t.Error("two faults that share a code pass for each other")
	}
}

func TestViolationStandsWhereItIsPut(t *testing.T) {
	v := fault.Violation{Pointer: "/3", Code: fault.Blank, Message: "must not be blank"}
	if got := v.At("/tags").At("/operations/0/task").Pointer; got != "/operations/0/task/tags/3" {
		t.Errorf("pointer = %q", got)
	}
	if v.Pointer != "/3" {
		t.Errorf("At changed its receiver to %q", v.Pointer)
	}
	if !errors.Is(&v, fault.Invalid) {
		t.Error("a violation is not of kind Invalid")
	}
}

func TestViolationsSpeakByTheFirst(t *testing.T) {
	one, two := fault.Violation{Message: "must be one"}, fault.Violation{Message: "must be two"}
	for want, v := range map[string]fault.Violations{"no violation": nil, "must be one": {one}, "must be two": {two, one}} {
		if got := v.Error(); got != want {
			t.Errorf("%v say %q, want %q", []fault.Violation(v), got, want)
		}
	}
}

func TestAnErrorThatIsNoViolationIsOneOfForm(t *testing.T) {
	var v fault.Violations
	v.Add("/due_date", errors.New("must be a date"))
	want := fault.Violation{Pointer: "/due_date", Code: fault.InvalidFormat, Message: "must be a date"}
	if len(v) != 1 || v[0] != want {
		t.Errorf("got %v, want %v", v, want)
	}
}

func TestCodesAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	for _, code := range fault.Codes() {
		if seen[code] {
			t.Errorf("%s is listed twice", code)
		}
		seen[code] = true
	}
	if len(seen) != 11 {
		t.Errorf("%d codes, want 11", len(seen))
	}
}
