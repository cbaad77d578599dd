package task

import (
	"strings"
	"time"

	"taskhold/domain/fault"
)

// Due is when a task should be done: on a date, at an instant, or at no set
// time, which is the zero Due. A date is a day of the calendar wherever one
// is; it is never turned into an instant, nor an instant into a date.
type Due struct {
	date Date
	at   time.Time
}

// DueOn is due on a date; on the zero Date it is no due.
func DueOn(d Date) Due { return Due{date: d} }

// DueAt is due at an instant; at the zero time it is no due.
func DueAt(at time.Time) Due { return Due{at: instant(at)} }

// Date returns the date, or the zero Date if d is not one.
func (d Due) Date() Date { return d.date }

// At returns the instant, or the zero time if d is not one.
func (d Due) At() time.Time { return d.at }

// Sort returns the instant by which tasks sort: of a date its start in UTC.
// It is the zero time where there is none; and since the first of all days
// starts then, that one sorts by the microsecond after.
func (d Due) Sort() time.Time {
	if d.date.IsZero() {
		return d.at
	}
	start := d.date.midnight()
	if start.IsZero() {
		return start.Add(time.Microsecond)
	}
	return start
}

// Date is a day of the Gregorian calendar, of the years 1 to 9999. The zero
// Date is none.
type Date struct {
	year  int
	month time.Month
	day   int
}

// ParseDate reads YYYY-MM-DD (RFC 3339, full-date).
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return Date{}, &fault.Violation{Code: fault.InvalidFormat, Message: "must be a date written YYYY-MM-DD"}
	}
	return DateOf(t), nil
}

// DateOf returns the date that t shows in its own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// IsZero reports whether d is none.
func (d Date) IsZero() bool { return d == Date{} }

// String returns YYYY-MM-DD.
func (d Date) String() string { return string(d.AppendTo(nil)) }

// AppendTo appends the date as YYYY-MM-DD.
func (d Date) AppendTo(dst []byte) []byte { return d.midnight().AppendFormat(dst, time.DateOnly) }

// Next returns the day after.
func (d Date) Next() Date { return DateOf(d.midnight().AddDate(0, 0, 1)) }

// Start returns the first instant of the day in a zone, in UTC. Where clocks
// are put forward at midnight, that is not midnight.
func (d Date) Start(zone *time.Location) time.Time {
	const widest = 26 * 60 * 60 // seconds: more than any zone is apart from UTC
	from, to := d.midnight().Unix()-widest, d.midnight().Unix()+widest
	for from < to {
		middle := from + (to-from)/2
		if DateOf(time.Unix(middle, 0).In(zone)).before(d) {
			from = middle + 1
		} else {
			to = middle
		}
	}
	return time.Unix(from, 0).UTC()
}

func (d Date) midnight() time.Time {
	return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC)
}

func (d Date) before(other Date) bool { return d.midnight().Before(other.midnight()) }

// ParseInstant reads an RFC 3339 date-time with its offset and at most six
// digits of fraction, between the years 1 and 9999 in UTC. T and Z are in
// upper case, as section 5.6 lets a format demand.
func ParseInstant(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	t = instant(t)
	if err != nil || !isStrict(s) || t.IsZero() || t.Year() < 1 || t.Year() > 9999 { // the zero time stands for none
		return time.Time{}, &fault.Violation{
			Code:    fault.InvalidFormat,
			Message: "must be an instant written YYYY-MM-DDThh:mm:ssZ (RFC 3339), with an offset or Z and at most six digits of fraction",
		}
	}
	return t, nil
}

// isStrict refuses what [time.Parse] lets pass as RFC 3339: an hour of one
// digit, a comma before the fraction, an offset of a day or of 60 minutes;
// and a fraction of more than six digits.
func isStrict(s string) bool {
	const hour, fraction = len("2006-01-02T15"), len("2006-01-02T15:04:05")
	if s[hour] != ':' {
		return false
	}
	rest := s[fraction:]
	if rest[0] == '.' {
		digits := strings.IndexAny(rest, "Z+-") - 1
		if digits > 6 {
			return false
		}
		rest = rest[1+digits:]
	}
	return rest == "Z" || rest[0] != ',' && rest[1:] <= "23:59" && rest[len("+07:"):] <= "59"
}

// instant brings t to the form in which equal instants are equal by ==: UTC,
// whole microseconds, no monotonic reading.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
