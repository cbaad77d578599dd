package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const explanation = `# not for the machine

tiny/tiny.go first
- return true
nothing that is
reached

tiny/tiny.go list.add
- return false
- return 7
not so
`

func TestEachMutantMeetsItsFate(t *testing.T) {
	t.Parallel()
	out := tried(t)
	for what, want := range map[string]verdict{
		"list.add: < instead of >= in len(l.all) >= most": noticed,
		"list.add: drop l.all = append(l.all, things...)": noticed,
		"list.add: never when len(l.all) >= most":         survived,
		"list.add: return true":                           survived,
		"most: 4 instead of 3":                            survived,
		"first: return false":                             noticed,
		"first: return true":                              explained,
		"down: drop from--":                               late,
	} {
		if !regexp.MustCompile(`(?m)^` + string(want) + `\ttiny/tiny.go:\d+: ` + regexp.QuoteMeta(what) + `\t`).MatchString(out) {
			t.Errorf("it is not so that %s is %s", what, want)
		}
	}
	for _, line := range []string{
		"left out, since it fails as things are: tiny TestBroken",
		"left: tiny/tiny.go:4: most: 4 instead of 3",
		"explained, yet noticed: tiny/tiny.go:13: list.add: return false: not so",
		"explained, yet there is no such mutant: tiny/tiny.go list.add: return 7",
		"tiny: 13 mutants: noticed 4, no end 1, no program 1, explained 1, unnoticed 6",
	} {
		if !strings.Contains(out, line+"\n") {
			t.Errorf("it does not say %q", line)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}

// tried returns what is said of the mutants of the package tiny.
func tried(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("testdata/tiny")
	if err != nil {
		t.Fatal(err)
	}
	reasons, err := explain(explanation)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	s := settings{root: root, packages: []string{"tiny"}, stages: [][]string{{"tiny"}}, only: regexp.MustCompile(""), reasons: reasons, workers: 2, out: &out}
	if err := s.try(t.Context(), t.TempDir(), os.Environ()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestAnExplanationNeedsAMutantAndAReason(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"file function\nreason", "file function\n- mutant", "file function\n- mutant\n"} {
		if got, err := explain(text); err == nil {
			t.Errorf("%q: got %v", text, got)
		}
	}
	if _, err := explain(explanations); err != nil {
		t.Errorf("explained.txt: %v", err)
	}
}
