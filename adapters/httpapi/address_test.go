package httpapi

import (
	"net/netip"
	"strings"
	"testing"
)

func TestLinksLeadWhereTheClientCanFollow(t *testing.T) {
	const public = "https://tasks.example.com/todo"
	for name, test := range map[string]struct {
		public  string
		trusted bool
		header  string
		types   string // before /problems; HOST is the server's own
		links   string // before /v1
	}{
		"a public address":                    {public, false, "", public, public},
		"a public address with a slash":       {public + "/", false, "", public, public},
		"none":                                {"", false, "", "http://HOST", ""},
		"none, behind a proxy":                {"", true, "X-Forwarded-Proto: https", "https://HOST", ""},
		"none, and a client that plays proxy": {"", false, "X-Forwarded-Proto: https", "http://HOST", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(o *Options) {
				if o.PublicURL = test.public; test.trusted {
					o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
				}
			})
			a := w.Ask("POST", "/v1/tasks", `{"title": "x"}`).Want(201, "")
			if want := test.links + "/v1/tasks/" + a.JSON["id"].(string); a.Header.Get("Location") != want {
				t.Errorf("Location is %s, want %s", a.Header.Get("Location"), want)
			}
			w.Create(`{"title": "x"}`)
			link := w.Ask("GET", "/v1/tasks?limit=1", "").Header.Get("Link")
			if !strings.HasPrefix(link, "<"+test.links+"/v1/tasks?cursor=") {
				t.Errorf("Link is %s", link)
			}
			want := strings.Replace(test.types, "HOST", strings.TrimPrefix(w.URL, "http://"), 1) + "/problems/not-found"
			if got := w.Ask("GET", anyTask, "", test.header).Want(404, "NOT_FOUND").JSON["type"]; got != want {
				t.Errorf("the type is %s, want %s", got, want)
			}
		})
	}
}

func TestAStrangeHostIsNotToldBack(t *testing.T) {
	w := newWorld(t)
	for _, host := range []string{"a\"b", "x/y", "<script>", "a@b", "h\xc3\xb6st"} {
		_, text, _ := send(t, w.URL, "GET /nowhere HTTP/1.1\r\nConnection: close\r\nHost: "+host+"\r\n\r\n")
		if !strings.Contains(text, `"type":"`+w.URL+`/problems/`) {
			t.Errorf("%q: got %s", host, text)
		}
	}
}
