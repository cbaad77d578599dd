package main

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// report says what is left, which explanations no longer hold, and how much
// became of what.
func (t *trial) report() {
	for _, m := range t.mutants {
		fate := t.fates[m.id]
		if fate == survived {
			fmt.Fprintf(t.settings.out, "left: %s\n", m)
		}
		if reason, known := t.reasons[m.key()]; known && fate != explained {
			fmt.Fprintf(t.settings.out, "explained, yet %s: %s: %s\n", fate, m, reason)
		}
	}
	if t.only.String() == "" {
		t.superfluous()
	}
	t.sums()
	fmt.Fprintln(t.settings.out, "it took", time.Since(t.begun).Round(time.Second))
}

// superfluous tells of explanations of what is no mutant.
func (t *trial) superfluous() {
	reasons := maps.Clone(t.reasons)
	for _, m := range t.mutants {
		delete(reasons, m.key())
	}
	for _, key := range slices.Sorted(maps.Keys(reasons)) {
		if slices.Contains(t.packages, path.Dir(strings.Fields(key)[0])) {
			fmt.Fprintln(t.settings.out, "explained, yet there is no such mutant:", key)
		}
	}
}

func (t *trial) sums() {
	for _, pkg := range t.packages {
		n, all := map[verdict]int{}, 0
		for _, m := range t.mutants {
			if path.Dir(m.file) == pkg {
				n[t.fates[m.id]]++
				all++
			}
		}
		fmt.Fprintf(t.settings.out, "%s: %d mutants: noticed %d, no end %d, no program %d, explained %d, unnoticed %d\n",
			pkg, all, n[noticed], n[late], n[unviable], n[explained], n[survived])
	}
}
