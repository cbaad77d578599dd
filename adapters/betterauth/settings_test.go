package betterauth_test

import (
	"slices"
	"strings"
	"testing"

	"taskhold/adapters/betterauth"
)

func TestParseSecrets(t *testing.T) {
	for text, want := range map[string][]string{
		"1:old":                  {"old"},
		"2:new,1:old":            {"new", "old"},
		"1:old,2:new":            {"old", "new"}, // the first signs, whatever its version
		" 2:new , 1:old ":        {"new", "old"},
		"2: new ,1:old":          {"new", "old"},
		"0:a:b:c":                {"a:b:c"},
		"1:c2VjcmV0":             {"c2VjcmV0"}, // never decoded
		"":                       nil,
		"new":                    nil,
		"2:new,":                 nil,
		"2:":                     nil,
		"2: ":                    nil,
		":new":                   nil,
		"-1:new":                 nil,
		"2x:new":                 nil,
		"two:new":                nil,
		"1:a,1:b":                nil,
		"99999999999999999999:a": nil,
		"4294967295:a":           {"a"},
		"4294967296:a":           nil,
		"a:new":                  nil,
	} {
		t.Run(text, func(t *testing.T) {
			got, err := betterauth.ParseSecrets(text)
			if !slices.Equal(got, want) || (err == nil) != (want != nil) {
				t.Errorf("ParseSecrets(%q) = %q, %v; want %q", text, got, err, want)
			}
		})
	}
}

func TestErrorsOfSettingsHoldNoSecret(t *testing.T) {
	const hidden = "hunter2"
	_, errSecrets := betterauth.ParseSecrets("1:" + hidden + "," + hidden)
	_, errTwice := betterauth.ParseSecrets("1:" + hidden + ",1:" + hidden)
	_, errURL := betterauth.KeysURL("https://ann:" + hidden + "@auth.example.com")
	_, errShort := betterauth.New(betterauth.Options{Secrets: []string{hidden}})
	_, errKeys := betterauth.New(betterauth.Options{KeysURL: "ftp://" + hidden})
	for _, err := range []error{errSecrets, errTwice, errURL, errShort, errKeys} {
		if err == nil || strings.Contains(err.Error(), hidden) {
			t.Errorf("got error %v, want one that tells nothing", err)
		}
	}
}

func TestKeysURL(t *testing.T) {
	for base, want := range map[string]string{
		"https://auth.example.com":            "https://auth.example.com/api/auth/jwks",
		"https://auth.example.com/":           "https://auth.example.com/api/auth/jwks",
		"https://auth.example.com//":          "https://auth.example.com/api/auth/jwks",
		"https://auth.example.com/api/auth":   "https://auth.example.com/api/auth/jwks",
		"https://auth.example.com/api/auth/":  "https://auth.example.com/api/auth/jwks",
		"https://auth.example.com/api/auth//": "https://auth.example.com/api/auth/jwks",
		"https://example.com/login":           "https://example.com/login/jwks", // as Better Auth reads it
		"http://localhost:3000":               "http://localhost:3000/api/auth/jwks",
		"http://[::1]:3000":                   "http://[::1]:3000/api/auth/jwks",
		"":                                    "",
		"auth.example.com":                    "",
		"localhost:3000":                      "",
		"//auth.example.com":                  "",
		"ftp://auth.example.com":              "",
		"https://":                            "",
		"https://:3000":                       "",
		"https://ann:pw@auth.example.com":     "",
		"https://auth.example.com?x=1":        "",
		"https://auth.example.com#x":          "",
		"https://auth.example.com:port":       "",
		"https://auth.example.com:65535":      "https://auth.example.com:65535/api/auth/jwks",
		"https://auth.example.com:65536":      "",
		"https://auth .example.com":           "",
	} {
		t.Run(base, func(t *testing.T) {
			got, err := betterauth.KeysURL(base)
			if got != want || (err == nil) != (want != "") {
				t.Errorf("KeysURL(%q) = %q, %v; want %q", base, got, err, want)
			}
		})
	}
}

func TestNewRefusesOptionsThatCannotServe(t *testing.T) {
	for name, o := range map[string]betterauth.Options{
		"neither secret nor keys":          {},
		"a secret of 31 bytes":             {Secrets: []string{strings.Repeat("x", 31)}},
		"an empty secret among good ones":  {Secrets: []string{secret, ""}},
		"an address without a scheme":      {KeysURL: "auth.example.com/jwks"},
		"an address of a file":             {Secrets: []string{secret}, KeysURL: "file:///etc/jwks"},
		"credentials in the keys' address": {KeysURL: "https://ann:pw@auth.example.com/jwks"},
	} {
		t.Run(name, func(t *testing.T) {
			if v, err := betterauth.New(o); err == nil || v != nil {
				t.Errorf("New = %v, %v; want it refused", v, err)
			}
		})
	}
}

func TestASecretOf32BytesServes(t *testing.T) {
	if _, err := betterauth.New(betterauth.Options{Secrets: []string{strings.Repeat("x", 32)}}); err != nil {
		t.Error(err)
	}
}

func TestWarnings(t *testing.T) {
	ours := []string{"https://auth.example.com"}
	for name, tc := range map[string]struct {
		options betterauth.Options
		want    []string // how each begins
	}{
		"a secret alone is the issuer's mark":   {betterauth.Options{Secrets: []string{secret}}, nil},
		"keys with both set":                    {betterauth.Options{KeysURL: "https://a/jwks", Issuers: ours, Audiences: ours}, nil},
		"keys whose issuer may be anyone":       {betterauth.Options{KeysURL: "https://a/jwks", Audiences: ours}, []string{"no issuers"}},
		"keys whose audience may be anyone":     {betterauth.Options{KeysURL: "https://a/jwks", Issuers: ours}, []string{"no audiences"}},
		"keys of which nothing is asked at all": {betterauth.Options{KeysURL: "https://a/jwks"}, []string{"no issuers", "no audiences"}},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := betterauth.New(tc.options)
			if err != nil {
				t.Fatal(err)
			}
			got := v.Warnings()
			if !slices.EqualFunc(got, tc.want, strings.HasPrefix) {
				t.Errorf("Warnings() = %q, want %q", got, tc.want)
			}
		})
	}
}
