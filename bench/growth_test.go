package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestDatabasesGrowByTheirUsers(t *testing.T) {
	o := options{special: special{growth: numbers{10_000, 1_000_000}, heavy: 50_000}, tasks: 1_000_000}
	b := &bench{options: o, world: world{users: 10_000, each: 100}}
	var got []world
	for _, g := range b.grownWorlds() {
		got = append(got, g.world)
	}
	if fmt.Sprint(got) != "[{100 100} {10000 100} {20 50000}]" {
		t.Errorf("the databases have %v users with so many tasks each", got)
	}
}

func TestEachDatabaseIsComparedWithTheFirst(t *testing.T) {
	small, large := served(100, time.Millisecond), served(50, 2*time.Millisecond)
	large.server *= 3
	r := &results{rounds: map[string][]round{"a": {small}, "b": {large}}}
	got := r.growthTable([]*subject{{name: "a"}, {name: "b"}})
	for _, want := range []string{
		"| a | 100 | 100 | – | 200 | – | 1.0 | – | 0 | 0 |\n",
		"| b | 50 | 300 | 3.00 (3.00–3.00) | 200 | 1.00 (1.00–1.00) | 2.0 | 2.00 (2.00–2.00) | 0 | 0 |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}
