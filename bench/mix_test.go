package main

import (
	"math/rand/v2"
	"testing"
)

func TestOperationsAreCalledAsOftenAsTheMixSays(t *testing.T) {
	const n = 200_000
	for text, want := range map[string]mix{
		usual.String():    usual,
		"list":            {list: 100},
		"get,create":      {get: 50, create: 50},
		"delete=1,list=3": {list: 75, remove: 25},
	} {
		var m mix
		if err := m.Set(text); err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(1, 2))
		var met mix
		for range n {
			met[m.pick(random)]++
		}
		for op := range want {
			if percent := 100 * float64(met[op]) / n; percent < float64(want[op])-1 || percent > float64(want[op])+1 {
				t.Errorf("%s: %s is %.1f %%, want %d", text, operation(op), percent, want[op])
			}
		}
	}
}

func TestMixReadsWhatItWrites(t *testing.T) {
	if got, want := usual.String(), "list=70,get=15,create=8,complete=5,delete=2"; got != want {
		t.Errorf("the usual mix is %s, want %s", got, want)
	}
	var m mix
	if err := m.Set(usual.String()); err != nil || m != usual {
		t.Errorf("got %v, %v", m, err)
	}
}
