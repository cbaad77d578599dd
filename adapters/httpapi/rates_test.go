package httpapi

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"taskhold/ports"
)

// purse is a limiter that counts and never grants anew.
type purse struct {
	mu    sync.Mutex
	left  map[ports.Bucket]int
	quota int
}

func newPurse(quota int) *purse { return &purse{left: map[ports.Bucket]int{}, quota: quota} }

func (p *purse) Take(_ context.Context, b ports.Bucket) ports.Verdict {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.left[b]; !known {
		p.left[b] = p.quota
	}
	v := ports.Verdict{Quota: p.quota, Window: time.Minute, Reset: 1500 * time.Millisecond}
	if v.Allowed = p.left[b] > 0; v.Allowed {
		p.left[b]--
	}
	v.Remaining = p.left[b]
	return v
}

func (p *purse) Return(_ context.Context, b ports.Bucket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left[b]++
}

func limited(p *purse) func(*Options) { return func(o *Options) { o.Limiter = p } }

func TestReadsAndWritesOfAUserAreCountedApart(t *testing.T) {
	w := newWorld(t, limited(newPurse(2)))
	for i, want := range []string{`"write";r=1;t=2`, `"write";r=0;t=2`} {
		a := w.Ask("POST", "/v1/tasks", `{"title": "x"}`).Want(201, "")
		if got := a.Header.Get("RateLimit"); got != want || a.Header.Get("RateLimit-Policy") != `"write";q=2;w=60` {
			t.Errorf("write %d: got %q of %q", i, got, a.Header.Get("RateLimit-Policy"))
		}
	}
	a := w.Ask("POST", "/v1/tasks", `{"title": "x"}`).Want(429, "RATE_LIMITED")
	if a.Header.Get("Retry-After") != "2" || a.Header.Get("RateLimit") != `"write";r=0;t=2` {
		t.Errorf("the refusal has the headers %v", a.Header)
	}
	for range 2 {
		w.Ask("GET", "/v1/tasks", "").Want(200, "")
	}
	w.Ask("GET", "/v1/tasks", "").Want(429, "RATE_LIMITED")
	w.User(t, "bob").Ask("GET", "/v1/tasks", "").Want(200, "")
	w.Ask("GET", "/livez", "").Want(200, "")
}

func TestWhereNoLimitIsOnNoneIsTold(t *testing.T) {
	p := newPurse(0)
	w := newWorld(t, func(o *Options) { o.Limiter = off{p} })
	a := w.Ask("GET", "/v1/tasks", "").Want(200, "")
	if a.Header.Get("RateLimit") != "" || a.Header.Get("RateLimit-Policy") != "" {
		t.Errorf("the headers are %v", a.Header)
	}
}

// off is a limiter whose policies are off.
type off struct{ *purse }

func (off) Take(context.Context, ports.Bucket) ports.Verdict { return ports.Verdict{Allowed: true} }

func TestReplaysAndWhatHasNotChangedCostNothing(t *testing.T) {
	w := newWorld(t, limited(newPurse(3)))
	path := w.Create(`{"title": "x"}`)
	for range 5 {
		w.Ask("PATCH", path, `{"title": "y"}`, "Idempotency-Key: k").Want(200, "")
		w.Ask("GET", path, "", `If-None-Match: "2"`).Want(304, "")
	}
	a := w.Ask("PATCH", path, `{"title": "y"}`, "Idempotency-Key: k").Want(200, "")
	if a.Header.Get("RateLimit") != `"write";r=1;t=2` {
		t.Errorf("after a replay RateLimit is %q", a.Header.Get("RateLimit"))
	}
}

func TestTheLimitComesBetweenTheTokenAndTheRest(t *testing.T) {
	w := newWorld(t, limited(newPurse(0)))
	for name, test := range map[string]struct {
		status                int
		method, path, headers string
	}{
		"no such address":   {404, "PATCH", "/nowhere", ""},
		"no such method":    {405, "PATCH", "/v1/tasks", ""},
		"no token":          {401, "PATCH", anyTask, "Authorization:"},
		"not acceptable":    {429, "PATCH", anyTask, "Accept: text/html"},
		"of no known type":  {429, "PATCH", anyTask, "Content-Type: text/plain"},
		"a malformed key":   {429, "PATCH", anyTask, "Idempotency-Key: a b"},
		"no such task":      {429, "PATCH", anyTask, ""},
		"a stale condition": {429, "PATCH", anyTask, `If-Match: "9"`},
	} {
		if a := w.Ask(test.method, test.path, `{"title": ""}`, test.headers); a.StatusCode != test.status {
			t.Errorf("%s: got %d, want %d", name, a.StatusCode, test.status)
		}
	}
	w.Ask("PATCH", anyTask, strings.Repeat(" ", maxBody+1)).Want(413, "CONTENT_TOO_LARGE")
}

func TestFailedSignInsAreCountedByAddressAndHoldUpNobodyElse(t *testing.T) {
	p := newPurse(2)
	w := newWorld(t, limited(p))
	for range 2 {
		w.Ask("GET", "/v1/tasks", "", "Authorization: Bearer forged").Want(401, "UNAUTHENTICATED")
	}
	w.Ask("GET", "/v1/tasks", "", "Authorization:").Want(401, "UNAUTHENTICATED")
	a := w.Ask("GET", "/v1/tasks", "", "Authorization: Bearer forged").Want(429, "RATE_LIMITED")
	if a.Header.Get("RateLimit-Policy") != `"denied";q=2;w=60` {
		t.Errorf("the policy is %q", a.Header.Get("RateLimit-Policy"))
	}
	w.Ask("GET", "/v1/tasks", "").Want(200, "")
	if _, counted := p.left[ports.Bucket{Policy: ports.Denials, Key: "127.0.0.1"}]; !counted {
		t.Errorf("the buckets are %v", p.left)
	}
}

func TestOnlyTrustedProxiesSayWhoTheClientIs(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	for name, test := range map[string]struct {
		trusted   []netip.Prefix
		forwarded []string
		want      string
	}{
		"nobody is trusted":                       {nil, []string{"192.0.2.1"}, "127.0.0.1"},
		"a proxy names the client":                {trusted, []string{"192.0.2.1"}, "192.0.2.1"},
		"a client names somebody else":            {trusted, []string{"198.51.100.7, 192.0.2.1"}, "192.0.2.1"},
		"two proxies in a row":                    {trusted, []string{"198.51.100.7, 192.0.2.1, 10.1.2.3"}, "192.0.2.1"},
		"in several lines":                        {trusted, []string{"198.51.100.7", "192.0.2.1", "10.1.2.3"}, "192.0.2.1"},
		"a proxy names nobody":                    {trusted, nil, "127.0.0.1"},
		"what is named is no address":             {trusted, []string{"192.0.2.1, unknown"}, "127.0.0.1"},
		"a client of IPv6 counts by its network":  {trusted, []string{"2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::/64"},
		"an IPv4 address in IPv6 is what it says": {trusted, []string{"::ffff:192.0.2.1"}, "192.0.2.1"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPurse(5)
			w := newWorld(t, limited(p), func(o *Options) { o.TrustedProxies = test.trusted })
			headers := []string{"Authorization: Bearer forged", "X-Real-IP: 203.0.113.9"}
			for _, line := range test.forwarded {
				headers = append(headers, "+X-Forwarded-For: "+line)
			}
			w.Ask("GET", "/v1/tasks", "", headers...).Want(401, "UNAUTHENTICATED")
			if _, counted := p.left[ports.Bucket{Policy: ports.Denials, Key: test.want}]; !counted {
				t.Errorf("the buckets are %v, want one of %s", p.left, test.want)
			}
		})
	}
}

func TestEveryPolicyHasAName(t *testing.T) {
	for policy, name := range map[ports.Policy]string{ports.Reads: "read", ports.Writes: "write", ports.Denials: "denied", 0: "unknown"} {
		if policy.String() != name {
			t.Errorf("got %s, want %s", policy, name)
		}
	}
}
