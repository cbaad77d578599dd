package strictjson

import (
	"strconv"
	"strings"
)

// decimal is a number by its value: digits without leading and trailing zeros, times ten to the power of
// exponent. Zero has neither digits nor sign.
type decimal struct {
	negative bool
	digits   string
	exponent int64
}

// maxMagnitude bounds the power of ten of a number's first digit (RFC 8259, section 9, lets a reader set
// limits), so that exponents can be reckoned with exactly. No number without an exponent comes near.
const maxMagnitude = 1_000_000_000_000_000

// parseDecimal expects a literal of RFC 8259's grammar. It never writes the exponent's zeros out.
func parseDecimal(literal string) decimal {
	unsigned, negative := strings.CutPrefix(literal, "-")
	mantissa, exponent := unsigned, int64(0)
	if at := strings.IndexAny(unsigned, "eE"); at >= 0 {
		mantissa = unsigned[:at]
		// Beyond int64 it is the nearest one, out of bounds even if the digits below wrap it around.
		exponent, _ = strconv.ParseInt(unsigned[at+1:], 10, 64)
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	padded := strings.TrimLeft(whole+fraction, "0")
	digits := strings.TrimRight(padded, "0")
	if digits == "" {
		return decimal{}
	}
	return decimal{negative, digits, exponent - int64(len(fraction)) + int64(len(padded)-len(digits))}
}

func (d decimal) withinBounds() bool {
	magnitude := d.exponent + int64(len(d.digits)) - 1
	return -maxMagnitude < magnitude && magnitude < maxMagnitude
}

func (d decimal) int() (int64, bool) {
	const mostDigits = 19 // of an int64
	if d.digits == "" {
		return 0, true
	}
	if d.exponent < 0 || d.exponent > mostDigits || len(d.digits) > mostDigits {
		return 0, false
	}
	literal := d.digits + strings.Repeat("0", int(d.exponent))
	if d.negative {
		literal = "-" + literal
	}
	n, err := strconv.ParseInt(literal, 10, 64)
	return n, err == nil
}
