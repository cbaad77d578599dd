package ports

import (
	"context"
	"time"
)

// Limiter is the outbound port to what bounds how often somebody may do
// something.
type Limiter interface {
	// Take spends one of the bucket if there is one left, at once for all
	// replicas that share the limiter. A refusal spends nothing. Whoever hangs up
	// has called: a ctx that is over is counted too. A limiter that cannot judge
	// allows, as if the policy were off.
	Take(ctx context.Context, b Bucket) Verdict

	// Return gives back what a Take spent on something that costs nothing. No
	// bucket comes to hold more than its quota.
	Return(ctx context.Context, b Bucket)
}

// Bucket is what is counted together.
type Bucket struct {
	Policy Policy
	Key    string // a user's id, or an address for Denials
}

// Policy says which limit counts.
type Policy uint8

// The policies.
const (
	Reads   Policy = iota + 1 // of one user
	Writes                    // of one user
	Denials                   // failed sign-ins of one address
)

// String returns the name that clients see.
func (p Policy) String() string {
	switch p {
	case Reads:
		return "read"
	case Writes:
		return "write"
	case Denials:
		return "denied"
	}
	return "unknown"
}

// Verdict is what a Limiter says. The Verdict of a policy that is off is
// allowed and has no Quota.
type Verdict struct {
	Allowed   bool
	Quota     int           // how many a Window grants
	Remaining int           // how many are left
	Window    time.Duration // how long a quota lasts
	Reset     time.Duration // until more is granted; of a refusal, until the next Take is allowed
}
