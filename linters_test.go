package main

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// TestLintersKnowTheTable keeps the rules of depguard, which an editor shows
// while one types, equal to the table. The table decides: depguard takes a
// pattern with a star for a prefix, and is not told what tests may import.
func TestLintersKnowTheTable(t *testing.T) {
	config, err := os.ReadFile(".golangci.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range table {
		if rule := r.depguard(); !strings.Contains(string(config), rule) {
			t.Errorf("the rules of depguard in .golangci.yml lack these lines:\n%s", rule)
		}
	}
	if got, want := strings.Count(string(config), "list-mode: strict"), len(table); got != want {
		t.Errorf("depguard has %d strict rules, want %d: one for each row", got, want)
	}
}

func (r row) depguard() string {
	std := []string{"$gostd"}
	if r.std != nil {
		std = exactly(r.std)
	}
	name := r.pkg
	if name == "." {
		name = "main" // a dot would split the key
	}
	return fmt.Sprintf(`        %s:
          list-mode: strict
          files: [%q, "!$test"]
          allow: [%s]
`, name, "${base-path}/"+path.Join(r.pkg, "*.go"), strings.Join(slices.Concat(std, ours(r.ours), r.world), ", "))
}

func ours(patterns []string) []string {
	var allow []string
	for _, pattern := range patterns {
		before, _, star := strings.Cut("taskhold/"+pattern, "*")
		if !star {
			before += "$"
		}
		allow = append(allow, before)
	}
	return allow
}

// exactly keeps depguard from taking packages for prefixes.
func exactly(pkgs []string) []string {
	var allow []string
	for _, pkg := range pkgs {
		allow = append(allow, pkg+"$")
	}
	return allow
}
