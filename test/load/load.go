// Package load uses a service as clients do while something breaks, and tells
// what they saw and what was lost. It knows what was acknowledged, and at the
// end compares that with what is stored.
package load

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Settings are who calls what, and how.
type Settings struct {
	URL   string                   // of the service, without a slash at the end
	Token func(user string) string // makes an access token that the service takes for the user

	Users   int           // each of them two clients, who edit one task together
	Pause   time.Duration // of a client, between two requests
	Timeout time.Duration // of one try, after which a client gives up waiting for its reply

	// Retry lets a client send a request that failed again, with the same
	// Idempotency-Key, every tenth of a second until it is answered.
	Retry bool
}

// Load is clients at work.
type Load struct {
	Settings
	name string // of this load; its users are nobody else's
	wg   sync.WaitGroup
	stop context.CancelFunc
	run  context.Context
	log

	users []*user
}

// patience is how long Stop lets clients retry what they have begun.
const patience = 60 * time.Second

// Start makes a task for each user, which has to succeed, and lets the clients
// begin.
func Start(ctx context.Context, s Settings) (*Load, error) {
	l := &Load{Settings: s, name: rand.Text()[:8], log: log{failures: map[string]int{}, last: time.Now()}}
	l.run, l.stop = context.WithCancel(ctx)
	for i := range s.Users {
		u := newUser(l, fmt.Sprintf("load-%s-%d", l.name, i))
		if err := u.prepare(ctx); err != nil {
			l.stop()
			return nil, err
		}
		l.users = append(l.users, u)
	}
	for _, u := range l.users {
		for i := range 2 {
			l.wg.Go(func() { u.work(ctx, fmt.Sprintf("%d", i)) })
		}
	}
	return l, nil
}

// Stop ends the clients once what they have begun is answered, and compares
// what they were told with what is stored.
func (l *Load) Stop(ctx context.Context) (Report, error) {
	l.stop()
	answered := make(chan struct{})
	go func() { l.wg.Wait(); close(answered) }()
	select {
	case <-answered:
	case <-time.After(patience):
		return Report{}, fmt.Errorf("clients wait in vain for an answer, after %v", l.log.report())
	}
	report := l.log.report()
	var (
		mu     sync.Mutex
		errs   []error
		asking sync.WaitGroup
	)
	for _, u := range l.users {
		asking.Go(func() {
			found, err := u.compare(ctx)
			mu.Lock()
			defer mu.Unlock()
			report.add(found)
			errs = append(errs, err)
		})
	}
	asking.Wait()
	return report, errors.Join(errs...)
}
