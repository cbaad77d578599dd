package bootstrap

import (
	"taskhold/adapters/betterauth"
	"taskhold/ports"
)

// newVerifier accepts the tokens of the Better Auth that the configuration
// names.
func newVerifier(c Config, clock ports.Clock) (*betterauth.Verifier, error) {
	secrets, err := c.secrets()
	if err != nil {
		return nil, err
	}
	keys, err := c.keysURL()
	if err != nil {
		return nil, err
	}
	return betterauth.New(betterauth.Options{
		Secrets: secrets, KeysURL: keys,
		Issuers: c.Issuers, Audiences: c.Audiences, Clock: clock,
	})
}

// secrets lists the single one first: it is what Better Auth signs with
// where both are set.
func (c Config) secrets() ([]string, error) {
	var all []string
	if c.Secret != "" {
		all = append(all, c.Secret.Reveal())
	}
	if c.Secrets == "" {
		return all, nil
	}
	several, err := betterauth.ParseSecrets(c.Secrets.Reveal())
	return append(all, several...), err
}

func (c Config) keysURL() (string, error) {
	if c.JWKSURL != "" || c.AuthURL == "" {
		return c.JWKSURL, nil
	}
	return betterauth.KeysURL(c.AuthURL)
}
