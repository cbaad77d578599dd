package bootstrap_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"taskhold/bootstrap"
)

const secret = "test-only-secret-0123456789abcdefghijklmnopqrstuv"

// least is an environment that is enough, and then more.
func least(more ...string) []string {
	return append([]string{"DATABASE_URL=sqlite:/tmp/x.db", "BETTER_AUTH_SECRET=" + secret}, more...)
}

func TestConfigHasDefaults(t *testing.T) {
	c, err := bootstrap.ReadConfig(least("PATH=/bin", "API_PORT="), nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Host != "0.0.0.0" || c.Port != 8000 || c.TasksPerUser != 50_000 || c.LogFormat != "json" || c.RequestTimeout != 10*time.Second {
		t.Errorf("defaults = %+v", c)
	}
}

func TestConfigReadsWhatIsSet(t *testing.T) {
	c, err := bootstrap.ReadConfig(least(
		"API_PORT=9", "ALLOWED_ORIGINS=https://a.example, http://localhost:3000", "DB_POOL_TIMEOUT=250ms",
		"TRUSTED_PROXIES=10.0.0.0/8,::1", "BETTER_AUTH_ISSUERS=https://auth.example.com"), map[string]string{"API_PORT": "7", "API_HOST": "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Port != 9 || c.Host != "127.0.0.1" || c.PoolTimeout != 250*time.Millisecond {
		t.Errorf("read %+v", c)
	}
	if !slices.Equal(c.AllowedOrigins, []string{"https://a.example", "http://localhost:3000"}) || len(c.TrustedProxies) != 2 || c.TrustedProxies[1].Bits() != 128 {
		t.Errorf("lists: %v, %v", c.AllowedOrigins, c.TrustedProxies)
	}
}

func TestConfigFaults(t *testing.T) {
	for name, tc := range map[string]struct {
		environ []string
		want    []string // the variables at fault
	}{
		"nothing at all":                       {nil, []string{"DATABASE_URL", "BETTER_AUTH_SECRET"}},
		"a key set is enough for tokens":       {[]string{"DATABASE_URL=postgres://h/d", "BETTER_AUTH_URL=https://auth.example.com"}, nil},
		"a list of secrets is enough":          {[]string{"DATABASE_URL=postgres://h/d", "BETTER_AUTH_SECRETS=1:" + secret}, nil},
		"an unknown engine":                    {least("DATABASE_URL=mysql://root:hunter2@h/d"), []string{"DATABASE_URL"}},
		"a file without a name":                {least("DATABASE_URL=sqlite:"), []string{"DATABASE_URL"}},
		"a file with parameters":               {least("DATABASE_URL=sqlite:x.db?mode=memory"), []string{"DATABASE_URL"}},
		"a port of PostgreSQL that is none":    {least("DATABASE_URL=postgres://u:hunter2@h:x/d"), []string{"DATABASE_URL"}},
		"words that libpq knows":               {least("DATABASE_URL=postgres:host=h dbname=d"), []string{"DATABASE_URL"}},
		"an origin with an empty port":         {least("ALLOWED_ORIGINS=https://a.example:"), []string{"ALLOWED_ORIGINS"}},
		"a public address with a path":         {least("PUBLIC_URL=https://a.example:8443/todo%20list/"), nil},
		"one with a query":                     {least("PUBLIC_URL=https://a.example/?x=1"), []string{"PUBLIC_URL"}},
		"one with a fragment":                  {least("PUBLIC_URL=https://a.example/#x"), []string{"PUBLIC_URL"}},
		"one with a user":                      {least("PUBLIC_URL=https://u:hunter2@a.example/"), []string{"PUBLIC_URL"}},
		"one that would break a header":        {least("PUBLIC_URL=https://a.example/a b>"), []string{"PUBLIC_URL"}},
		"one without a host":                   {least("PUBLIC_URL=https://:8443"), []string{"PUBLIC_URL"}},
		"one with a port that is none":         {least("PUBLIC_URL=https://a.example:99999"), []string{"PUBLIC_URL"}},
		"an operators' address without a port": {least("ADMIN_ADDR=127.0.0.1"), []string{"ADMIN_ADDR"}},
		"an operators' token that is short":    {least("ADMIN_TOKEN=hunter2"), []string{"ADMIN_TOKEN"}},
		"no operators":                         {least("ADMIN_ADDR=off"), nil},
		"a short secret":                       {least("BETTER_AUTH_SECRET=hunter2"), []string{"BETTER_AUTH_SECRET"}},
		"a secret of 32 bytes in few letters":  {least("BETTER_AUTH_SECRET=" + strings.Repeat("ü", 16)), nil},
		"a short one among the secrets":        {least("BETTER_AUTH_SECRETS=2:" + secret + ",1:hunter2"), []string{"BETTER_AUTH_SECRETS"}},
		"any origin beside a named one":        {least("ALLOWED_ORIGINS=*,https://a.example"), []string{"ALLOWED_ORIGINS"}},
		"any origin alone":                     {least("ALLOWED_ORIGINS=*"), nil},
		"an origin with a port of its own":     {least("ALLOWED_ORIGINS=https://a.example:80,http://a.example:443,http://a.example:3000"), nil},
		"one with the port that goes unsaid":   {least("ALLOWED_ORIGINS=https://a.example:443"), []string{"ALLOWED_ORIGINS"}},
		"the same without encryption":          {least("ALLOWED_ORIGINS=http://a.example:80"), []string{"ALLOWED_ORIGINS"}},
		"an origin with a path":                {least("ALLOWED_ORIGINS=https://a.example/"), []string{"ALLOWED_ORIGINS"}},
		"an origin without a scheme":           {least("ALLOWED_ORIGINS=a.example"), []string{"ALLOWED_ORIGINS"}},
		"an address that is none":              {least("BETTER_AUTH_URL=auth.example.com"), []string{"BETTER_AUTH_URL"}},
		"one with a user and a password":       {least("BETTER_AUTH_URL=https://u:hunter2@auth.example.com"), []string{"BETTER_AUTH_URL"}},
		"an issuer with a query":               {least("BETTER_AUTH_URL=https://auth.example.com/?x=hunter2"), []string{"BETTER_AUTH_URL"}},
		"an issuer's port that is none":        {least("BETTER_AUTH_URL=https://auth.example.com:99999"), []string{"BETTER_AUTH_URL"}},
		"keys behind a password":               {least("BETTER_AUTH_JWKS_URL=https://u:hunter2@auth.example.com/jwks"), []string{"BETTER_AUTH_JWKS_URL"}},
		"keys in a file":                       {least("BETTER_AUTH_JWKS_URL=file:///jwks.json"), []string{"BETTER_AUTH_JWKS_URL"}},
		"keys with a query":                    {least("BETTER_AUTH_JWKS_URL=https://auth.example.com/jwks?v=1"), nil},
		"a host in brackets":                   {least("API_HOST=[::1]"), []string{"API_HOST"}},
		"a host with a port":                   {least("API_HOST=127.0.0.1:80"), []string{"API_HOST"}},
		"a host that is none":                  {least("API_HOST=hunter2 or so"), []string{"API_HOST"}},
		"a host by its name":                   {least("API_HOST=localhost"), nil},
		"a host of IPv6":                       {least("API_HOST=fe80::1%eth0"), nil},
		"operators at every address":           {least("ADMIN_ADDR=:8001"), nil},
		"operators at an address that is none": {least("ADMIN_ADDR=hunter2 or so:8001"), []string{"ADMIN_ADDR"}},
		"a token that no header can carry":     {least("ADMIN_TOKEN=" + secret + "\n"), []string{"ADMIN_TOKEN"}},
		"a token of nothing but spaces":        {least("ADMIN_TOKEN=" + strings.Repeat(" ", 32)), []string{"ADMIN_TOKEN"}},
		"the placeholder of .env.example":      {least("BETTER_AUTH_SECRET=" + placeholder(t)), []string{"BETTER_AUTH_SECRET"}},
		"everything at once":                   {[]string{"API_PORT=hunter2", "LOG_LEVEL=loud", "DB_POOL_SIZE=0", "TRUSTED_PROXIES=x", "REQUEST_TIMEOUT=soon", "TASKS_PER_USER=-1", "PUBLIC_URL=x"}, []string{"API_PORT", "TRUSTED_PROXIES", "REQUEST_TIMEOUT", "DATABASE_URL", "BETTER_AUTH_SECRET", "PUBLIC_URL", "DB_POOL_SIZE", "TASKS_PER_USER", "LOG_LEVEL"}},
		"a port that is none":                  {least("API_PORT=65536"), []string{"API_PORT"}},
		"the environment of another program":   {least("LOG.LEVEL=loud", "=x", "NOVALUE"), nil},
		"lower case names another variable":    {least("api_port=hunter2"), nil},
		"postgres with its longer name":        {least("DATABASE_URL=postgresql://h/d"), nil},
		"a delay that outlasts the shutdown":   {least("SHUTDOWN_TIMEOUT=5s", "SHUTDOWN_DELAY=6s"), []string{"SHUTDOWN_DELAY"}},
		"a delay of all the shutdown":          {least("SHUTDOWN_TIMEOUT=0s"), nil},
		"a request time that would never pass": {least("REQUEST_TIMEOUT=1ms"), []string{"REQUEST_TIMEOUT"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bootstrap.ReadConfig(tc.environ, nil)
			var invalid *bootstrap.ConfigError
			if errors.As(err, &invalid) != (len(tc.want) > 0) {
				t.Fatalf("ReadConfig = %v, want faults of %v", err, tc.want)
			}
			if invalid == nil {
				return
			}
			var got []string
			for _, fault := range invalid.Faults {
				name, rest, _ := strings.Cut(fault, " ")
				got = append(got, name)
				if len(rest) < 10 {
					t.Errorf("%q does not help", fault)
				}
			}
			slices.Sort(got)
			slices.Sort(tc.want)
			if !slices.Equal(got, tc.want) {
				t.Errorf("faults of %v, want %v: %v", got, tc.want, err)
			}
			for _, value := range []string{"hunter2", "loud", "soon", secret} {
				if strings.Contains(err.Error(), value) {
					t.Errorf("the error tells the value %q: %v", value, err)
				}
			}
		})
	}
}

// placeholder is the secret that .env.example shows, which everybody knows.
func placeholder(t *testing.T) string {
	_, rest, _ := strings.Cut(read(t, "../.env.example"), "\nBETTER_AUTH_SECRET=")
	secret, _, found := strings.Cut(rest, "\n")
	if !found {
		t.Fatal(".env.example has no secret")
	}
	return secret
}

func TestSecretsAreHidden(t *testing.T) {
	c, err := bootstrap.ReadConfig(least("DATABASE_URL=postgres://u:hunter2@h/d"), nil)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), string(encoded)} {
		if strings.Contains(shown, "hunter2") || strings.Contains(shown, secret) {
			t.Errorf("a secret is shown: %s", shown)
		}
		if !strings.Contains(shown, "[hidden]") {
			t.Errorf("nothing says that a secret is set: %s", shown)
		}
	}
	if c.Secret.Reveal() != secret {
		t.Error("the secret is lost")
	}
}

// TestDocumentsNameEveryVariable keeps the README's table and .env.example in
// step with the program.
func TestDocumentsNameEveryVariable(t *testing.T) {
	readme := read(t, "../README.md")
	example := read(t, "../.env.example")
	var names []string
	for _, v := range bootstrap.Variables() {
		names = append(names, v.Name)
		row := fmt.Sprintf("| `%s` | %s | %s |", v.Name, shown(v.Default), strings.ReplaceAll(v.Doc, "'", "`"))
		if !strings.Contains(readme, row) {
			t.Errorf("README.md lacks the row\n%s", row)
		}
	}
	line := regexp.MustCompile(`(?m)^#? ?([A-Z][A-Z_]+)=(.*)$`)
	var listed []string
	for _, match := range line.FindAllStringSubmatch(example, -1) {
		listed = append(listed, match[1])
	}
	if !slices.Equal(listed, names) {
		t.Errorf(".env.example lists\n%v, want\n%v", listed, names)
	}
}

func shown(value string) string {
	if value == "" {
		return ""
	}
	return "`" + value + "`"
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
