package model

import (
	"cmp"
	"encoding/json"
	"regexp"
)

// names are the model's names of what the server chose: ids, instants and
// cursors.
type names struct {
	chosen map[string]string
	last   map[string]string // chosen, by kind
}

var (
	named = regexp.MustCompile(`«([a-z]+) \d+»`)
	forms = map[string]*regexp.Regexp{
		"id":     regexp.MustCompile(`^[0-9a-f-]{36}`),
		"at":     regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}`),
		"cursor": regexp.MustCompile(`^[^"\\]+`),
	}
)

// told is a text in the words of the server.
func (n names) told(text string) string {
	return named.ReplaceAllStringFunc(text, func(name string) string { return cmp.Or(n.chosen[name], name) })
}

// sent is a command in the words of the server, without what it means.
func (n names) sent(c Command) (sent Command) {
	if err := json.Unmarshal([]byte(n.told(c.String())), &sent); err != nil {
		panic(err)
	}
	return sent
}

// agree reports whether an answer is the one that the model wants, and
// remembers what the server chose. A later id is greater, and so is a later
// instant.
func (n names) agree(got, want string) bool {
	for {
		want = n.told(want)
		place := named.FindStringSubmatchIndex(want)
		if place == nil {
			return got == want
		}
		name, kind := want[place[0]:place[1]], want[place[2]:place[3]]
		chosen := forms[kind].FindString(got[min(place[0], len(got)):])
		if chosen == "" || kind != "cursor" && chosen <= n.last[kind] {
			return false
		}
		n.chosen[name], n.last[kind] = chosen, chosen
	}
}
