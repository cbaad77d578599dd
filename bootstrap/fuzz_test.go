package bootstrap

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// hidden stands in each value, and in no message.
const hidden = "7HIDDEN7"

// FuzzConfiguration wants no value of any variable to be told back, and every
// fault to name its variable.
func FuzzConfiguration(f *testing.F) {
	for i, seed := range []string{"", "postgres://u:p@h/", "sqlite:", "http://", "1:", "10s", "600/1m", "127.0.0.1:", "redis://u:p@h:6379/", "https://a.test,", "%zz", "\x7f", "10.0.0.0/"} {
		f.Add(uint8(i), seed, "")
		f.Add(uint8(3*i), seed, "/x?y=1#z")
	}
	variables := Variables()
	f.Fuzz(func(t *testing.T, which uint8, before, after string) {
		name := variables[int(which)%len(variables)].Name
		environ := []string{"DATABASE_URL=sqlite:t.db", "BETTER_AUTH_SECRET=" + strings.Repeat("s", 32), name + "=" + before + hidden + after}
		_, err := ReadConfig(environ, nil)
		if err == nil {
			return
		}
		if strings.Contains(err.Error(), hidden) {
			t.Errorf("%s=%q: %v", name, before+hidden+after, err)
		}
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%q: %v does not say where", name, before+hidden+after, err)
		}
	})
}

// engineURL is how a URL of each engine begins and, of SQLite, what follows.
var engineURL = regexp.MustCompile(`(?s)^(postgres(ql)?://.*|sqlite:(//)?[^:?#\x00][^?#\x00]*)$`)

func FuzzDatabaseURL(f *testing.F) {
	for _, s := range []string{
		"postgres://user:password@host/name", "postgresql://h1:1,h2:2/db?target_session_attrs=read-write", "postgres:host=h", "postgres:", "postgresql:dbname=x", "postgres://", "postgres://h:99999/", "postgres://%zz", "postgres://h/?sslmode=no",
		"sqlite:t.db", "sqlite:///var/lib/t.db", "sqlite://", "sqlite::memory:", "sqlite:t.db?mode=ro", "sqlite:a\x00b", "SQLITE:t.db", "mysql://h/db", "sqlite", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.Contains(s, "sslrootcert") || strings.Contains(s, "sslcert") || strings.Contains(s, "passfile") || strings.Contains(s, "service") {
			return // they name files, which fuzzing has no business to read
		}
		e, ok := engineOf(s)
		if !ok {
			return
		}
		if err := e.check(s); err == nil && !engineURL.MatchString(s) {
			t.Errorf("%s takes %q", e.system, s)
		} else if err != nil && len(s) > 20 && strings.Contains(err.Error(), s) {
			t.Errorf("%q is told back: %v", s, err)
		}
	})
}

// FuzzOrigins wants each origin to be one that a browser can send: RFC 6454,
// 6.2, in lower case.
func FuzzOrigins(f *testing.F) {
	for _, s := range []string{"*", "*,https://a.test", "https://a.test", "https://a.test,http://b.test:8080", "https://a.test/", "https://u@a.test", "https://a.test?", "https://a.test#", "https://A.test", "null", "ftp://a.test", "https://", "https://a.test:", "https://a.test:x", "https://[::1]:80", "https://a b.test", "https://a.test%2f"} {
		f.Add(s)
	}
	origin := regexp.MustCompile(`^https?://([^A-Z\s/?#@\\<>"%:]+|\[[0-9a-f:.]+\])(:[0-9]+)?$`)
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ReadConfig([]string{"DATABASE_URL=sqlite:t.db", "BETTER_AUTH_SECRET=" + strings.Repeat("s", 32), "ALLOWED_ORIGINS=" + s}, nil)
		if err != nil || slices.Equal(c.AllowedOrigins, []string{"*"}) {
			return
		}
		for _, one := range c.AllowedOrigins {
			if !origin.MatchString(one) {
				t.Errorf("%q allows %q", s, one)
			}
		}
	})
}

// FuzzPublicURL wants an address that a path can be put after, in a header too.
func FuzzPublicURL(f *testing.F) {
	for _, s := range []string{"https://tasks.example.com", "https://tasks.example.com/todo/", "http://h:8000", "https://h/?x=1", "https://h/?", "https://h/#f", "https://h/#", "https://u:p@h/", "https://h/a b", "https://h/>", "https:///x", "https://:80", "HTTPS://h", "https://h\r\nX: y", "https://h/é", "//h", "https://h/%zz", "https://[::1]/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ReadConfig([]string{"DATABASE_URL=sqlite:t.db", "BETTER_AUTH_SECRET=" + strings.Repeat("s", 32), "PUBLIC_URL=" + s}, nil)
		if err != nil || c.PublicURL == "" {
			return
		}
		link := strings.TrimSuffix(c.PublicURL, "/") + "/v1/tasks/x"
		u, err := url.Parse(link)
		if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !strings.HasSuffix(u.Path, "/v1/tasks/x") || strings.ContainsAny(link, " \"<>\\^`{|}") || strings.ContainsFunc(link, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%q makes links such as %q", s, link)
		}
	})
}

func FuzzRate(f *testing.F) {
	for _, s := range []string{"off", "600/1m", "1/24h", "1000000/1s", "0/1m", "-1/1m", "1/1ms", "1/25h", "1/1.5s", "1", "/1m", "1/", "1/1m/1m", "+1/1m", "1/60s", "OFF", "1/-1m", " 1/1m"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		rate, err := parseRate(s)
		if err != nil || s == "off" {
			return
		}
		if rate.Requests < 1 || rate.Requests > 1_000_000 || rate.Per < time.Second || rate.Per > 24*time.Hour || rate.Per%time.Second != 0 {
			t.Fatalf("%q is %+v", s, rate)
		}
		if again, err := parseRate(strconv.Itoa(rate.Requests) + "/" + rate.Per.String()); err != nil || again != rate {
			t.Errorf("%q is %+v, which comes back as %+v, %v", s, rate, again, err)
		}
	})
}
