package httpapi

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"taskhold/ports"
)

// spending is what a request took from the limiter.
type spending struct {
	bucket  ports.Bucket
	verdict ports.Verdict
}

// spend counts the request against its user's limit.
func (x *exchange) spend() error {
	if x.route.open {
		return nil
	}
	return x.take(ports.Bucket{Policy: x.route.policy, Key: x.user.String()})
}

// deny counts a failed sign-in against its address; past the limit the
// answer is that, and no longer err. A good token is never held up by the bad
// ones of others at the same address.
func (x *exchange) deny(err error) error {
	if refused := x.take(ports.Bucket{Policy: ports.Denials, Key: x.clientKey()}); refused != nil {
		return refused
	}
	return err
}

func (x *exchange) take(b ports.Bucket) error {
	if x.options.Limiter == nil {
		return nil
	}
	v := x.options.Limiter.Take(x.ctx, b)
	x.spent = &spending{b, v}
	if v.Allowed {
		return nil
	}
	wait := seconds(v.Reset)
	return refuse(codeRateLimited, fmt.Sprintf("Try again in %d seconds.", wait)).retryAfter(wait)
}

// refund gives back what the request took: a replay and a 304 cost nothing.
func (x *exchange) refund() {
	if x.spent == nil || x.spent.verdict.Quota == 0 {
		return
	}
	x.options.Limiter.Return(x.ctx, x.spent.bucket)
	x.spent.verdict.Remaining++
}

// setRateHeaders tells what is left (draft-ietf-httpapi-ratelimit-headers).
func (x *exchange) setRateHeaders() {
	if x.spent == nil || x.spent.verdict.Quota == 0 {
		return
	}
	policy, v := x.spent.bucket.Policy, x.spent.verdict
	header := &x.http.Response.Header
	header.Set("RateLimit-Policy", rate(policy, ";q=", v.Quota, ";w=", seconds(v.Window)))
	header.Set("RateLimit", rate(policy, ";r=", max(v.Remaining, 0), ";t=", seconds(v.Reset)))
}

// rate is an item of those headers, with two parameters.
func rate(policy ports.Policy, first string, a int, second string, b int) string {
	return `"` + policy.String() + `"` + first + strconv.Itoa(a) + second + strconv.Itoa(b)
}

// seconds rounds up, so that whoever waits so long has waited long enough.
func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
