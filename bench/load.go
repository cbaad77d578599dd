package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// tally is what came of the errands of one period.
type tally struct {
	latencies  []time.Duration // of all errands, the failed too
	wrong      int             // answers that were not what they have to be, and broken connections
	refused    int
	unanswered int // what was due, but not begun when the period was long over
	elapsed    time.Duration
	first      error // that was wrong
}

func (t *tally) add(latency time.Duration, err error) {
	t.latencies = append(t.latencies, latency)
	switch {
	case err == nil:
	case errors.Is(err, errRefused):
		t.refused++
	default:
		t.wrong++
		if t.first == nil {
			t.first = err
		}
	}
}

// merge adds what another has met, but for the time that it took.
func (t *tally) merge(other tally) {
	t.latencies = append(t.latencies, other.latencies...)
	t.wrong += other.wrong
	t.refused += other.refused
	t.unanswered += other.unanswered
	if t.first == nil {
		t.first = other.first
	}
}

// good is how many errands were answered as they have to be.
func (t *tally) good() int { return len(t.latencies) - t.wrong - t.refused - t.unanswered }

// closedLoop has each connection carry one errand after the other.
func closedLoop(ctx context.Context, address string, connections int, users []*caller, period time.Duration) (tally, error) {
	return crew(ctx, address, connections, func(start time.Time, c *connection, mine *tally) {
		for end := start.Add(period); ctx.Err() == nil; {
			began := time.Now()
			if began.After(end) {
				return
			}
			err := c.carry(next(users, c.random), began.Add(longestAnswer))
			mine.add(time.Since(began), err)
		}
	})
}

// openLoop begins so many errands a second, whether or not those before are
// over, as users do. Each latency counts from the moment at which the errand
// was due: if all connections wait for answers, those who would have called
// meanwhile wait too.
func openLoop(ctx context.Context, address string, connections, rate int, users []*caller, period time.Duration) (tally, error) {
	var begun atomic.Int64
	total := int64(float64(rate) * period.Seconds())
	return crew(ctx, address, connections, func(start time.Time, c *connection, mine *tally) {
		deadline := start.Add(period + longestAnswer)
		for ctx.Err() == nil {
			n := begun.Add(1) - 1
			if n >= total {
				return
			}
			due := start.Add(time.Duration(float64(n) / float64(rate) * float64(time.Second)))
			time.Sleep(time.Until(due))
			if time.Now().After(deadline) {
				mine.unanswered++
				mine.latencies = append(mine.latencies, time.Since(due))
				continue
			}
			err := c.carry(next(users, c.random), deadline)
			mine.add(time.Since(due), err)
		}
	})
}

// longestAnswer is how long an answer is waited for.
const longestAnswer = 5 * time.Second

// crew opens the connections, has each work in a goroutine of its own from one
// moment on, and adds up what they met.
func crew(ctx context.Context, address string, connections int, work func(time.Time, *connection, *tally)) (tally, error) {
	all := make([]connection, connections)
	defer func() {
		for i := range all {
			all[i].close()
		}
	}()
	for i := range all {
		all[i] = connection{address: address, random: rand.New(rand.NewPCG(uint64(i), rand.Uint64()))}
		if err := all[i].open(ctx); err != nil {
			return tally{}, err
		}
	}
	var (
		mu    sync.Mutex
		sum   tally
		wait  sync.WaitGroup
		start = time.Now()
	)
	for i := range all {
		wait.Go(func() {
			var mine tally
			work(start, &all[i], &mine)
			mu.Lock()
			defer mu.Unlock()
			sum.merge(mine)
		})
	}
	wait.Wait()
	sum.elapsed = time.Since(start)
	return sum, ctx.Err()
}

// connection carries one errand at a time.
type connection struct {
	address string
	random  *rand.Rand
	conn    net.Conn // nil after it broke
	reader  *bufio.Reader
	request []byte
	answer  fasthttp.Response
}

func (c *connection) open(ctx context.Context) (err error) {
	dialer := net.Dialer{Timeout: longestAnswer}
	if c.conn, err = dialer.DialContext(ctx, "tcp", c.address); err != nil {
		c.conn = nil
		return err
	}
	c.reader = bufio.NewReader(c.conn)
	return nil
}

func (c *connection) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

// carry sends an errand and checks the answer, which has to come before the
// deadline.
func (c *connection) carry(e errand, deadline time.Time) error {
	defer e.over()
	if c.conn == nil {
		if err := c.open(context.Background()); err != nil {
			return err
		}
	}
	if err := c.exchange(&e, deadline); err != nil {
		c.close()
		return fmt.Errorf("%s: %w", operations[e.op].name, err)
	}
	if c.answer.ConnectionClose() {
		c.close()
	}
	return e.check(c.answer.StatusCode(), c.answer.Body())
}

func (c *connection) exchange(e *errand, deadline time.Time) error {
	c.request = e.appendRequest(c.request[:0])
	if err := c.conn.SetDeadline(deadline); err != nil {
		return err
	}
	if _, err := c.conn.Write(c.request); err != nil {
		return err
	}
	return c.answer.Read(c.reader)
}
