package betterauth

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

var (
	errSecretsForm = errors.New(`must be a list of version:secret, such as "2:new,1:old"`)
	errURLForm     = errors.New("must be an http or https address, without credentials or a fragment")
)

// ParseSecrets reads Better Auth's own form of several secrets,
// "2:new,1:old", in the order in which they stand, which is Better Auth's: the
// first signs. Its errors hold nothing of the text.
func ParseSecrets(s string) ([]string, error) {
	var secrets []string
	seen := map[uint64]bool{}
	for entry := range strings.SplitSeq(s, ",") {
		version, secret, _ := strings.Cut(strings.TrimSpace(entry), ":")
		n, err := strconv.ParseUint(version, 10, 32)
		if secret = strings.TrimSpace(secret); err != nil || secret == "" {
			return nil, errSecretsForm
		}
		if seen[n] {
			return nil, fmt.Errorf("has version %d twice", n)
		}
		seen[n] = true
		secrets = append(secrets, secret)
	}
	return secrets, nil
}

// KeysURL returns where Better Auth at base publishes its key set. It reads base
// as Better Auth reads its BETTER_AUTH_URL: one without a path means /api/auth.
func KeysURL(base string) (string, error) {
	u, err := parseURL(base)
	if err != nil {
		return "", err
	}
	if u.RawQuery != "" {
		return "", errURLForm
	}
	path := strings.TrimRight(u.Path, "/")
	if path == "" {
		path = "/api/auth"
	}
	u.Path, u.RawPath = path+"/jwks", ""
	return u.String(), nil
}

// CheckURL reports whether s can be where a key set is published. Its error
// holds nothing of s.
func CheckURL(s string) error {
	_, err := parseURL(s)
	return err
}

func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return nil, errURLForm
	}
	if _, err := strconv.ParseUint(cmp.Or(u.Port(), "0"), 10, 16); err != nil {
		return nil, errURLForm
	}
	return u, nil
}
