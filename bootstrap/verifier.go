package bootstrap

import (
	"taskhold/adapters/betterauth"
	"taskhold/ports"
)

// newVerifier accepts the tokens of the Better Auth that the configuration
// names.
func newVerifier(c Config, clock ports.Clock, w watch) (*betterauth.Verifier, error) {
	secrets, err := c.secrets()
	if err != nil {
		return nil, err
	}
	keys, err := c.keysURL()
	if err != nil {
		return nil, err
	}
	if keys != "" {
		w.metrics.ExpectKeySet()
	}
	return betterauth.New(betterauth.Options{
		Secrets: secrets, KeysURL: keys,
		Issuers: c.Issuers, Audiences: c.Audiences, Clock: clock,
		Observe: w.signIns(), Transport: w.tracer.Transport(betterauth.NewTransport()),
	})
}

// secrets lists them in the order of likelihood: where both variables are set,
// Better Auth signs with the first of several.
func (c Config) secrets() (all []string, err error) {
	if c.Secrets != "" {
		if all, err = betterauth.ParseSecrets(c.Secrets.Reveal()); err != nil {
			return nil, err
		}
	}
	if c.Secret != "" {
		all = append(all, c.Secret.Reveal())
	}
	return all, nil
}

func (c Config) keysURL() (string, error) {
	if c.JWKSURL != "" || c.AuthURL == "" {
		return c.JWKSURL, nil
	}
	return betterauth.KeysURL(c.AuthURL)
}
