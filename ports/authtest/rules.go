package authtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"taskhold/domain/identity"
	"taskhold/ports"
)

// ids are user ids that a careless reading would take for each other, or mend.
var ids = []string{
	"ann", "Ann", "ann ", "a\u200bnn", "\u0430nn", "u\u0308", "\u00fc", "1", "01",
	"org|usr/ü 1?%2F:0.44", strings.Repeat("x", identity.MaxUserIDLen),
}

func goodNames(ctx context.Context, h Harness) error {
	for _, id := range ids {
		if err := names(ctx, h.Verifier, h.Mint(id, time.Hour), id); err != nil {
			return err
		}
	}
	return nil
}

func goodStaysGood(ctx context.Context, h Harness) error {
	token := h.Mint("ann", time.Hour)
	for range 3 {
		if err := names(ctx, h.Verifier, token, "ann"); err != nil {
			return err
		}
		if err := refuses(ctx, h.Verifier, change(token, len(token)/2), ports.ErrTokenInvalid); err != nil {
			return err
		}
	}
	return nil
}

func idsAreParsed(ctx context.Context, h Harness) error {
	for _, id := range []string{"", "a\x00b", "a\nb", "a\u0085b", strings.Repeat("x", identity.MaxUserIDLen+1)} {
		if err := refuses(ctx, h.Verifier, h.Mint(id, time.Hour), ports.ErrTokenInvalid); err != nil {
			return fmt.Errorf("the id %.20q: %w", id, err)
		}
	}
	return nil
}

func expiredIsSaid(ctx context.Context, h Harness) error {
	token := h.Mint("ann", -time.Hour)
	for range 2 {
		if err := refuses(ctx, h.Verifier, token, ports.ErrTokenExpired); err != nil {
			return err
		}
	}
	return nil
}

func changedIsInvalid(ctx context.Context, h Harness) error {
	token := h.Mint("ann", time.Hour)
	if err := names(ctx, h.Verifier, token, "ann"); err != nil {
		return err
	}
	const places = 40
	step := max(1, len(token)/places)
	for at := 0; at < len(token); at += step {
		if err := refuses(ctx, h.Verifier, change(token, at), ports.ErrTokenInvalid); err != nil {
			return fmt.Errorf("with byte %d of %d changed: %w", at, len(token), err)
		}
	}
	for _, other := range []string{token[:len(token)-1], token[1:], token + "A", token + "=", token + "\n", " " + token, token + "." + token} {
		if err := refuses(ctx, h.Verifier, other, ports.ErrTokenInvalid); err != nil {
			return fmt.Errorf("with %d bytes instead of %d: %w", len(other), len(token), err)
		}
	}
	return nil
}

func nonsenseIsInvalid(ctx context.Context, h Harness) error {
	for _, token := range []string{"", ".", "..", "...", "ann", "null", "{}.{}.", "e30.e30.", "\x00", strings.Repeat("A", 100_000)} {
		if err := refuses(ctx, h.Verifier, token, ports.ErrTokenInvalid); err != nil {
			return fmt.Errorf("%.20q: %w", token, err)
		}
	}
	return nil
}

func changedIsNotExpired(ctx context.Context, h Harness) error {
	token := h.Mint("ann", -time.Hour)
	for _, at := range []int{len(token) / 2, len(token) - 10} {
		if err := refuses(ctx, h.Verifier, change(token, at), ports.ErrTokenInvalid); err != nil {
			return err
		}
	}
	return nil
}

// callersAreApart releases its callers together, again and again, since a user
// kept where two callers meet shows only now and then.
func callersAreApart(ctx context.Context, h Harness) error {
	const callers, calls = 16, 50
	start := make(chan struct{})
	faults := make([]error, callers)
	var done sync.WaitGroup
	for i := range callers {
		id := fmt.Sprintf("user-%d", i)
		token := h.Mint(id, time.Hour)
		done.Go(func() {
			<-start
			for range calls {
				faults[i] = errors.Join(faults[i], names(ctx, h.Verifier, token, id))
			}
		})
	}
	close(start)
	done.Wait()
	return errors.Join(faults...)
}

func contextCondemnsNothing(ctx context.Context, h Harness) error {
	over, cancel := context.WithCancel(ctx)
	cancel()
	for _, v := range h.verifiers() {
		_, err := v.Verify(over, h.Mint("ann", time.Hour))
		if errors.Is(err, ports.ErrTokenInvalid) || errors.Is(err, ports.ErrTokenExpired) {
			return fmt.Errorf("a good token is refused with %w", err)
		}
	}
	return nil
}

func keylessIsSaid(ctx context.Context, h Harness) error {
	if h.Keyless == nil {
		return nil
	}
	for _, life := range []time.Duration{time.Hour, -time.Hour} {
		if err := refuses(ctx, h.Keyless, h.Mint("ann", life), ports.ErrKeysUnavailable); err != nil {
			return err
		}
	}
	return nil
}

func errorsTellNothing(ctx context.Context, h Harness) error {
	const user = "a-user-to-keep-secret"
	good := h.Mint(user, time.Hour)
	for _, token := range []string{change(good, len(good)/2), change(good, len(good)-10), h.Mint(user, -time.Hour), good + ".x", good + "="} {
		for _, v := range h.verifiers() {
			_, err := v.Verify(ctx, token)
			if err == nil {
				return errors.New("a bad token is accepted")
			}
			if part := found(err.Error(), append(strings.Split(token, "."), user)); part != "" {
				return fmt.Errorf("an error of %d bytes tells %d of them", len(err.Error()), len(part))
			}
		}
	}
	return nil
}

func (h Harness) verifiers() []ports.TokenVerifier {
	if h.Keyless == nil {
		return []ports.TokenVerifier{h.Verifier}
	}
	return []ports.TokenVerifier{h.Verifier, h.Keyless}
}

// found returns the first of parts that text holds, if it is long enough to mean
// anything.
func found(text string, parts []string) string {
	const meaningful = 8
	for _, part := range parts {
		if len(part) >= meaningful && strings.Contains(text, part) {
			return part
		}
	}
	return ""
}

func names(ctx context.Context, v ports.TokenVerifier, token, want string) error {
	user, err := v.Verify(ctx, token)
	if err != nil || user.String() != want {
		return fmt.Errorf("a good token of %q names %q, with error %v", want, user, err)
	}
	return nil
}

func refuses(ctx context.Context, v ports.TokenVerifier, token string, want error) error {
	user, err := v.Verify(ctx, token)
	if !errors.Is(err, want) || !user.IsZero() {
		return fmt.Errorf("got user %q and error %v, want nobody and %v", user, err, want)
	}
	for _, other := range []error{ports.ErrTokenInvalid, ports.ErrTokenExpired, ports.ErrKeysUnavailable} {
		if !errors.Is(other, want) && errors.Is(err, other) {
			return fmt.Errorf("error %v is also %v", err, other)
		}
	}
	return nil
}

// change returns token with the byte at a place replaced by another letter.
func change(token string, at int) string {
	letter := "A"
	if token[at] == 'A' {
		letter = "B"
	}
	return token[:at] + letter + token[at+1:]
}
