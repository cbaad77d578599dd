package httpapi

import (
	"regexp"
	"slices"
	"testing"
)

var linked = regexp.MustCompile(`<a href="([^"]+)"`)

func TestThePageLinksTheDocumentOfEachDoorThatIsOpen(t *testing.T) {
	ours := []string{"/openapi.yaml", "/openapi.json"}
	for name, test := range map[string]struct {
		options []func(*Options)
		want    []string
	}{
		"both doors": {[]func(*Options){speaking(Dialect{})}, append(slices.Clone(ours), "/openapi-api.yaml", "/openapi-api.json")},
		"one door":   {nil, ours},
	} {
		w := newWorld(t, test.options...)
		var got []string
		for _, link := range linked.FindAllStringSubmatch(w.Ask("GET", "/docs", "").Want(200, "").Text, -1) {
			got = append(got, link[1])
			w.Ask("GET", link[1], "").Want(200, "")
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: the page links %q, want %q", name, got, test.want)
		}
	}
}
