// Command failover is the clients of the script beside it: they write until
// their input ends, and then say what they saw and what was lost. They exit
// with 1 if anything was, or if writes were away for longer than they may be.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"taskhold/adapters/betterauth"
	"taskhold/domain/identity"
	"taskhold/test/load"
)

func main() {
	url := flag.String("url", "", "where Taskhold is")
	longest := flag.Duration("longest", 45*time.Second, "how long there may be no write")
	flag.Parse()
	if err := run(*url, os.Getenv("BETTER_AUTH_SECRET"), *longest); err != nil {
		fmt.Fprintln(os.Stderr, "failover:", err)
		os.Exit(1)
	}
}

func run(url, secret string, longest time.Duration) error {
	clients, err := load.Start(context.Background(), load.Settings{
		URL: url, Token: tokensBy(secret), Users: 4, Pause: 20 * time.Millisecond, Timeout: 3 * time.Second, Retry: true,
	})
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	report, err := clients.Stop(context.Background())
	fmt.Println(report)
	switch wrong := report.Wrong(); {
	case err != nil:
		return err
	case wrong != "":
		return errors.New(wrong)
	case report.Unknown > 0:
		return fmt.Errorf("%d writes were never answered", report.Unknown)
	case report.Failed() == 0:
		return errors.New("no try has failed: nothing was broken")
	case report.Gap > longest:
		return fmt.Errorf("no write for %s, more than %s", report.Gap, longest)
	}
	return nil
}

// tokensBy makes tokens as Better Auth does with a secret.
func tokensBy(secret string) func(name string) string {
	return func(name string) string {
		user, err := identity.ParseUserID(name)
		if err != nil {
			panic(err) // the names are ours
		}
		token, err := betterauth.Mint(secret, user, time.Now(), time.Hour)
		if err != nil {
			panic(err) // and so is the secret
		}
		return token
	}
}
