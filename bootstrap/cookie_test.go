package bootstrap_test

import (
	"net/http"
	"strings"
	"testing"

	"taskhold/bootstrap"
)

func TestWhenCookiesMaySignIn(t *testing.T) {
	for name, tc := range map[string]struct {
		environ []string
		fault   string // "" if it may start
	}{
		"off without a secret":               {[]string{"DATABASE_URL=sqlite:x.db", "BETTER_AUTH_URL=https://auth.example.com"}, ""},
		"off where anybody may call":         {least("BETTER_AUTH_COOKIE=off", "ALLOWED_ORIGINS=*"), ""},
		"on with a secret":                   {least("BETTER_AUTH_COOKIE=on"), ""},
		"on with several secrets":            {[]string{"DATABASE_URL=sqlite:x.db", "BETTER_AUTH_COOKIE=on", "BETTER_AUTH_SECRETS=1:" + secret}, ""},
		"on with origins that are named":     {least("BETTER_AUTH_COOKIE=on", "ALLOWED_ORIGINS=https://app.example.com"), ""},
		"on with public keys alone":          {[]string{"DATABASE_URL=sqlite:x.db", "BETTER_AUTH_COOKIE=on", "BETTER_AUTH_URL=https://auth.example.com"}, "BETTER_AUTH_COOKIE can be on only with a secret"},
		"on where anybody may call":          {least("BETTER_AUTH_COOKIE=on", "ALLOWED_ORIGINS=*"), "BETTER_AUTH_COOKIE can be on only with"},
		"neither on nor off":                 {least("BETTER_AUTH_COOKIE=hunter2"), "BETTER_AUTH_COOKIE must be one of on, off"},
		"an origin of null is not one":       {least("ALLOWED_ORIGINS=null"), "ALLOWED_ORIGINS must be origins"},
		"on with a secret that is too short": {least("BETTER_AUTH_COOKIE=on", "BETTER_AUTH_SECRET=hunter2"), "BETTER_AUTH_SECRET must have at least 32 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bootstrap.ReadConfig(tc.environ, nil)
			switch {
			case tc.fault == "" && err != nil:
				t.Errorf("it refuses to start: %v", err)
			case tc.fault != "" && (err == nil || !strings.Contains(err.Error(), tc.fault) || strings.Contains(err.Error(), "hunter2")):
				t.Errorf("got %v, want %q", err, tc.fault)
			}
		})
	}
}

func TestTheProgramReadsCookiesWhenToldTo(t *testing.T) {
	for setting, want := range map[string]int{"on": http.StatusOK, "off": http.StatusUnauthorized} {
		t.Run(setting, func(t *testing.T) {
			p := start(t, append(environOf("sqlite:"+t.TempDir()+"/tasks.db"), "BETTER_AUTH_COOKIE="+setting), "serve")
			request, err := http.NewRequestWithContext(t.Context(), "GET", p.base+"/v1/tasks", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Cookie", "better-auth.session_data="+tokenOf(t, "ann"))
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != want {
				t.Errorf("GET with a cookie = %d, want %d", response.StatusCode, want)
			}
		})
	}
}
