package bootstrap_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"taskhold/adapters/limiter"
	"taskhold/bootstrap"
)

func TestRates(t *testing.T) {
	for text, want := range map[string]limiter.Rate{
		"":                {Requests: 600, Per: time.Minute},
		"off":             {},
		"1/1s":            {Requests: 1, Per: time.Second},
		"90/1m30s":        {Requests: 90, Per: 90 * time.Second},
		"1000000/24h":     {Requests: 1_000_000, Per: 24 * time.Hour},
		"1000000/1s":      {Requests: 1_000_000, Per: time.Second},
		"60/60s":          {Requests: 60, Per: time.Minute},
		"600/1m0s":        {Requests: 600, Per: time.Minute},
		"600/60000000us":  {Requests: 600, Per: time.Minute},
		"300/1000ms":      {Requests: 300, Per: time.Second},
		"86400/23h59m60s": {Requests: 86_400, Per: 24 * time.Hour},
	} {
		t.Run(text, func(t *testing.T) {
			c, err := bootstrap.ReadConfig(least("RATE_LIMIT_READ="+text), nil)
			if err != nil || c.ReadRate != want {
				t.Errorf("got %+v and %v, want %+v", c.ReadRate, err, want)
			}
		})
	}
}

func TestTextsThatAreNoRates(t *testing.T) {
	for _, text := range []string{
		"600", "600/", "/1m", "600/m", "600/1", "0/1m", "-1/1m", "600/0s", "600/-1m", "1000001/1m",
		"600/999ms", "600/1500ms", "600/24h1s", "6e2/1m", "600/1m/2", "600 / 1m", "OFF", "none", "600:1m",
	} {
		t.Run(text, func(t *testing.T) {
			_, err := bootstrap.ReadConfig(least("RATE_LIMIT_DENIED="+text), nil)
			if err == nil || !strings.Contains(err.Error(), "RATE_LIMIT_DENIED must be a rate") {
				t.Errorf("got %v, want a fault of RATE_LIMIT_DENIED", err)
			}
		})
	}
}

func TestRatesHaveDefaults(t *testing.T) {
	c, err := bootstrap.ReadConfig(least(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.WriteRate != (limiter.Rate{Requests: 300, Per: time.Minute}) || c.DeniedRate != (limiter.Rate{Requests: 60, Per: time.Minute}) || c.RedisURL != "" {
		t.Errorf("got %+v, %+v and %q", c.WriteRate, c.DeniedRate, c.RedisURL.Reveal())
	}
}

func TestAnAddressThatIsNoRedis(t *testing.T) {
	for _, url := range []string{"hunter2:6379", "http://hunter2", "redis://:hunter2@h:port", "redis://:hunter2@h:99999"} {
		t.Run(url, func(t *testing.T) {
			_, err := bootstrap.ReadConfig(least("REDIS_URL="+url), nil)
			if err == nil || !strings.Contains(err.Error(), "REDIS_URL must be an address such as redis://") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want the name and not the value", err)
			}
		})
	}
}

// answer is a reply, read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// answerTo is the reply to a request with a token.
func answerTo(t *testing.T, method, url, token string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(`{"title":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, body}
}

func TestTheProgramLimitsRates(t *testing.T) {
	p := start(t, append(environOf("sqlite:"+t.TempDir()+"/tasks.db"), "RATE_LIMIT_READ=3/1h", "RATE_LIMIT_WRITE=2/1h", "RATE_LIMIT_DENIED=1/1h"), "serve")
	ann, bob := tokenOf(t, "ann"), tokenOf(t, "bob")
	next := map[string]int{"read": 1200, "write": 1800, "denied": 3600} // seconds until one more
	for i, step := range []struct {
		method, token string
		status        int
		policy        string
		remaining     int
	}{
		{"GET", ann, 200, "read", 2},
		{"POST", ann, 201, "write", 1},
		{"GET", ann, 200, "read", 1},
		{"GET", ann, 200, "read", 0},
		{"GET", ann, 429, "read", 0},
		{"GET", bob, 200, "read", 2},
		{"POST", ann, 201, "write", 0},
		{"POST", ann, 429, "write", 0},
		{"GET", "none", 401, "denied", 0},
		{"GET", "none", 429, "denied", 0},
		{"GET", bob, 200, "read", 1}, // from the address of the failed sign-ins
	} {
		reply := answerTo(t, step.method, p.base+"/v1/tasks", step.token)
		header := reply.header.Get("RateLimit")
		var policy string
		var remaining, reset int
		if _, err := fmt.Sscanf(header, "%q;r=%d;t=%d", &policy, &remaining, &reset); err != nil {
			t.Fatalf("step %d: the RateLimit is %q: %v", i, header, err)
		}
		if reply.status != step.status || policy != step.policy || remaining != step.remaining {
			t.Errorf("step %d: got %d and %s, want %+v", i, reply.status, header, step)
		}
		if want := next[policy]; reset > want || reset < want-60 {
			t.Errorf("step %d: %s says that more is granted in %d s, want about %d", i, header, reset, want)
		}
		if after := reply.header.Get("Retry-After"); step.status == 429 && after != strconv.Itoa(reset) {
			t.Errorf("step %d: Retry-After is %q beside %s", i, after, header)
		}
	}
}

func TestLimitsAreTold(t *testing.T) {
	for name, tc := range map[string]struct {
		environ []string
		want    string
	}{
		"the defaults": {nil, `{"read":{"requests":600,"seconds":60},"write":{"requests":300,"seconds":60}}`},
		"one is off":   {[]string{"RATE_LIMIT_READ=off"}, `{"read":null,"write":{"requests":300,"seconds":60}}`},
		"all are off":  {[]string{"RATE_LIMIT_READ=off", "RATE_LIMIT_WRITE=off", "RATE_LIMIT_DENIED=off"}, `{"read":null,"write":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, append(environOf("sqlite:"+t.TempDir()+"/tasks.db"), tc.environ...), "serve")
			var told struct{ Rate json.RawMessage }
			if err := json.Unmarshal(answerTo(t, "GET", p.base+"/v1/limits", "").body, &told); err != nil {
				t.Fatal(err)
			}
			if string(told.Rate) != tc.want {
				t.Errorf("/v1/limits tells %s, want %s", told.Rate, tc.want)
			}
			limited := answerTo(t, "GET", p.base+"/v1/tasks", tokenOf(t, "ann")).header.Get("RateLimit") != ""
			if want := !strings.Contains(tc.want, `"read":null`); limited != want {
				t.Errorf("a reply tells a limit: %t, want %t", limited, want)
			}
		})
	}
}

func TestARedisThatIsNotThereHindersNothing(t *testing.T) {
	p := start(t, append(environOf("sqlite:"+t.TempDir()+"/tasks.db"), "RATE_LIMIT_READ=2/1h", "REDIS_URL=redis://:hunter2@127.0.0.1:1"), "serve")
	ann := tokenOf(t, "ann")
	for i, want := range []int{200, 200, 429} { // it counts alone
		if got := answerTo(t, "GET", p.base+"/v1/tasks", ann).status; got != want {
			t.Errorf("request %d: got %d, want %d", i, got, want)
		}
	}
	p.await(t, regexp.MustCompile(`"level":"(warn)".*"msg":"Redis is gone`))
	if output := p.output.String(); strings.Contains(output, "hunter2") || strings.Count(output, "Redis is gone") != 1 || strings.Contains(output, "connection pool") {
		t.Errorf("the log is\n%s", output)
	}
}
