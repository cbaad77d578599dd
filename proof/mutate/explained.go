package main

import (
	_ "embed"
	"fmt"
	"strings"
)

// explanations says of mutants why nobody need notice them. A paragraph has the
// file and the function, a line with a dash for each mutant of it, and the reason.
//
//go:embed explained.txt
var explanations string

// explain returns the reasons by the keys of mutants.
func explain(text string) (map[string]string, error) {
	reasons := map[string]string{}
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if strings.HasPrefix(paragraph, "#") || paragraph == "" {
			continue
		}
		where, rest, _ := strings.Cut(paragraph, "\n")
		var keys []string
		for strings.HasPrefix(rest, "- ") {
			var what string
			what, rest, _ = strings.Cut(rest[2:], "\n")
			keys = append(keys, where+": "+what)
		}
		if len(keys) == 0 || rest == "" {
			return nil, fmt.Errorf("no mutant or no reason in the explanation of %s", where)
		}
		for _, key := range keys {
			reasons[key] = strings.Join(strings.Fields(rest), " ")
		}
	}
	return reasons, nil
}
