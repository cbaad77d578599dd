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
	served     []time.Duration // from the moment at which each was sent, of those that were answered as they have to be
	turnedAway []time.Duration // the same of the refused
	wrong      int             // answers that were not what they have to be, and broken connections
	refused    int
	unanswered int // what was due, but not begun when the period was long over
	began      time.Time
	elapsed    time.Duration
	first      error // that was wrong
}

// add notes what came of an errand that was due at one moment and sent at
// another.
func (t *tally) add(due, sent time.Time, err error) {
	now := time.Now()
	t.latencies = append(t.latencies, now.Sub(due))
	switch {
	case err == nil:
		t.served = append(t.served, now.Sub(sent))
	case errors.Is(err, errRefused):
		t.turnedAway = append(t.turnedAway, now.Sub(sent))
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
	t.served = append(t.served, other.served...)
	t.turnedAway = append(t.turnedAway, other.turnedAway...)
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
func closedLoop(ctx context.Context, address string, connections int, t traffic, period time.Duration) (tally, error) {
	return crew(ctx, address, connections, func(start time.Time, c *connection, mine *tally) {
		for end := start.Add(period); ctx.Err() == nil; {
			began := time.Now()
			if began.After(end) {
				return
			}
			err := c.carry(t.next(c.random), began.Add(longestAnswer))
			mine.add(began, began, err)
		}
	})
}

// pace is how an open loop begins errands.
type pace struct {
	connections int
	rate        int // a second
	period      time.Duration
	grace       time.Duration // how long after the period one may still begin that was due in it
}

// openLoop begins so many errands a second, whether or not those before are
// over, as users do. Each latency counts from the moment at which the errand
// was due: if all connections wait for answers, those who would have called
// meanwhile wait too.
func openLoop(ctx context.Context, address string, t traffic, p pace) (tally, error) {
	var begun atomic.Int64
	total := int64(float64(p.rate) * p.period.Seconds())
	return crew(ctx, address, p.connections, func(start time.Time, c *connection, mine *tally) {
		last := start.Add(p.period + p.grace)
		for ctx.Err() == nil {
			n := begun.Add(1) - 1
			if n >= total {
				return
			}
			due := start.Add(time.Duration(float64(n) / float64(p.rate) * float64(time.Second)))
			time.Sleep(time.Until(due))
			sent := time.Now()
			if sent.After(last) {
				mine.unanswered++
				mine.latencies = append(mine.latencies, sent.Sub(due))
				continue
			}
			err := c.carry(t.next(c.random), start.Add(p.period+longestAnswer))
			mine.add(due, sent, err)
		}
	})
}

// longestAnswer is how long an answer is waited for.
const longestAnswer = 5 * time.Second

// crew opens the connections, has each work in a goroutine of its own from one
// moment on, and adds up what they met.
func crew(ctx context.Context, address string, connections int, work func(time.Time, *connection, *tally)) (tally, error) {
	all, err := connect(ctx, address, connections)
	defer all.close()
	if err != nil {
		return tally{}, err
	}
	return all.work(ctx, work)
}

// connections are open to one server.
type connections []connection

// connect opens connections, which are to be closed also after an error.
func connect(ctx context.Context, address string, n int) (connections, error) {
	all := make(connections, n)
	for i := range all {
		all[i] = connection{address: address, random: rand.New(rand.NewPCG(uint64(i), rand.Uint64()))}
		if err := all[i].open(ctx); err != nil {
			return all, err
		}
	}
	return all, nil
}

func (all connections) close() {
	for i := range all {
		all[i].close()
	}
}

func (all connections) work(ctx context.Context, work func(time.Time, *connection, *tally)) (tally, error) {
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
	sum.began, sum.elapsed = start, time.Since(start)
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
		return fmt.Errorf("%s: %w", e.op, err)
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
