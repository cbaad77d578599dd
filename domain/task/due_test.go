package task_test

import (
	"regexp"
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the tests, whatever the machine has

	"taskhold/domain/fault"
	"taskhold/domain/task"
)

func TestParseDate(t *testing.T) {
	for _, in := range []string{"2026-03-09", "0001-01-01", "9999-12-31", "2024-02-29", "2000-02-29"} {
		if got, err := task.ParseDate(in); err != nil || got.String() != in || got.IsZero() {
			t.Errorf("ParseDate(%q) = %v, %v", in, got, err)
		}
	}
}

func TestWhatIsNoDate(t *testing.T) {
	for _, in := range []string{
		"2026-02-29", "1900-02-29", "2026-02-30", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00", "0000-01-01", "-0001-01-01", "10000-01-01",
		"26-03-09", "2026-3-9", "2026-03-9", "20260309", "2026/03/09", "09-03-2026", "2026-W10-1", "2026-068", "2026-03", "", " 2026-03-09", "2026-03-09\n",
		"2026-03-09Z", "2026-03-09T00:00:00Z", "２０２６-03-09", "2026‑03‑09", "+2026-03-09", "today",
	} {
		if got, err := task.ParseDate(in); !slices.Equal(codes(err), []string{fault.InvalidFormat}) || !got.IsZero() {
			t.Errorf("ParseDate(%q) = %v, %v; want it refused", in, got, err)
		}
	}
}

func TestParseInstant(t *testing.T) {
	for in, want := range map[string]string{
		"2026-11-22T21:00:00Z":             "2026-11-22T21:00:00.000000Z",
		"2026-11-22T21:00:00.1Z":           "2026-11-22T21:00:00.100000Z",
		"2026-11-22T21:00:00.123456Z":      "2026-11-22T21:00:00.123456Z",
		"2026-11-22T21:00:00.000001Z":      "2026-11-22T21:00:00.000001Z",
		"2026-11-22T21:00:00+01:00":        "2026-11-22T20:00:00.000000Z",
		"2026-11-22T21:00:00.999999-03:30": "2026-11-23T00:30:00.999999Z",
		"2026-11-22T21:00:00+00:00":        "2026-11-22T21:00:00.000000Z",
		"2026-11-22T21:00:00-00:00":        "2026-11-22T21:00:00.000000Z",
		"2026-11-22T21:00:00+23:59":        "2026-11-21T21:01:00.000000Z",
		"2024-02-29T23:59:59Z":             "2024-02-29T23:59:59.000000Z",
		"0001-01-01T00:00:00.000001Z":      "0001-01-01T00:00:00.000001Z",
		"0000-12-31T23:30:00-01:00":        "0001-01-01T00:30:00.000000Z",
		"9999-12-31T23:59:59.999999Z":      "9999-12-31T23:59:59.999999Z",
		"9999-12-31T23:30:00+00:30":        "9999-12-31T23:00:00.000000Z",
	} {
		got, err := task.ParseInstant(in)
		if err != nil || got.Format("2006-01-02T15:04:05.000000Z07:00") != want || got.Location() != time.UTC {
			t.Errorf("ParseInstant(%q) = %v, %v; want %s", in, got, err, want)
		}
	}
}

func TestWhatIsNoInstant(t *testing.T) {
	for name, in := range map[string]string{
		"no offset":                              "2026-11-22T21:00:00",
		"a date":                                 "2026-11-22",
		"no seconds":                             "2026-11-22T21:00Z",
		"seven digits":                           "2026-11-22T21:00:00.1234567Z",
		"seven digits of which the last is 0":    "2026-11-22T21:00:00.1234560Z",
		"seven digits and an offset":             "2026-11-22T21:00:00.1234567+01:00",
		"twenty digits":                          "2026-11-22T21:00:00.12345678901234567890Z",
		"a point and no digit":                   "2026-11-22T21:00:00.Z",
		"a comma":                                "2026-11-22T21:00:00,5Z",
		"a comma and seven digits":               "2026-11-22T21:00:00,1234567Z",
		"an hour of one digit":                   "2026-11-22T9:00:00Z",
		"an hour of one digit and seven digits":  "2026-11-22T9:00:00.1234567Z",
		"an hour of one digit and an offset":     "2026-11-22T9:00:00+01:00",
		"hour 24":                                "2026-11-22T24:00:00Z",
		"minute 60":                              "2026-11-22T21:60:00Z",
		"a leap second, which cannot be kept":    "2016-12-31T23:59:60Z",
		"an offset of 24 hours":                  "2026-11-22T21:00:00+24:00",
		"an offset of 99 hours":                  "2026-11-22T21:00:00-99:00",
		"an offset of 60 minutes":                "2026-11-22T21:00:00+14:60",
		"an offset without minutes":              "2026-11-22T21:00:00+01",
		"an offset without a colon":              "2026-11-22T21:00:00+0100",
		"an offset with a minus that is no sign": "2026-11-22T21:00:00\u221201:00",
		"a plus that became a space":             "2026-11-22T21:00:00 01:00",
		"a lower-case t":                         "2026-11-22t21:00:00Z",
		"a lower-case z":                         "2026-11-22T21:00:00z",
		"a space for the T":                      "2026-11-22 21:00:00Z",
		"29 February of a common year":           "2026-02-29T00:00:00Z",
		"31 April":                               "2026-04-31T00:00:00Z",
		"year 0 in UTC":                          "0000-12-31T23:59:59Z",
		"year 0 after its offset":                "0001-01-01T00:30:00+01:00",
		"the zero time":                          "0001-01-01T00:00:00Z",
		"year 10000 after its offset":            "9999-12-31T23:30:00-00:30",
		"a year of five digits":                  "10000-01-01T00:00:00Z",
		"seconds since 1970":                     "1766437200",
		"white space before":                     " 2026-11-22T21:00:00Z",
		"a line feed after":                      "2026-11-22T21:00:00Z\n",
		"two zones":                              "2026-11-22T21:00:00Z+01:00",
		"a named zone":                           "2026-11-22T21:00:00+01:00[Europe/Berlin]",
		"digits that are not ASCII":              "２０２６-11-22T21:00:00Z",
		"nothing":                                "",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := task.ParseInstant(in)
			if !slices.Equal(codes(err), []string{fault.InvalidFormat}) || !got.IsZero() {
				t.Errorf("ParseInstant(%q) = %v, %v; want it refused", in, got, err)
			}
		})
	}
}

func TestEqualInstantsAreEqualWhateverTheirOffset(t *testing.T) {
	a, _ := task.ParseInstant("2026-11-22T21:00:00Z")
	b, _ := task.ParseInstant("2026-11-22T22:00:00.000+01:00")
	if a != b || task.DueAt(a) != task.DueAt(b) || task.DueAt(a.Local()) != task.DueAt(b) {
		t.Errorf("%v and %v differ", a, b)
	}
}

func TestADueIsADateOrAnInstantOrNone(t *testing.T) {
	day, at := date(t, "2026-03-09"), time.Date(2026, 3, 9, 10, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		due  task.Due
		date task.Date
		at   time.Time
		sort time.Time
	}{
		"none":            {due: task.Due{}},
		"a date":          {due: task.DueOn(day), date: day, sort: time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)},
		"an instant":      {due: task.DueAt(at), at: at, sort: at},
		"the zero date":   {due: task.DueOn(task.Date{})},
		"the zero time":   {due: task.DueAt(time.Time{})},
		"the first day":   {due: task.DueOn(date(t, "0001-01-01")), date: date(t, "0001-01-01"), sort: time.Time{}.Add(time.Microsecond)},
		"the last day":    {due: task.DueOn(date(t, "9999-12-31")), date: date(t, "9999-12-31"), sort: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)},
		"before the year": {due: task.DueOn(date(t, "1969-12-31")), date: date(t, "1969-12-31"), sort: time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC)},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.due.Date() != tc.date || tc.due.At() != tc.at || !tc.due.Sort().Equal(tc.sort) {
				t.Errorf("got %v, %v, sorted by %v", tc.due.Date(), tc.due.At(), tc.due.Sort())
			}
			if none := tc.due == (task.Due{}); none != tc.due.Sort().IsZero() {
				t.Errorf("due is none: %v, but it sorts by %v", none, tc.due.Sort())
			}
		})
	}
}

func TestNextDay(t *testing.T) {
	for in, want := range map[string]string{
		"2026-03-09": "2026-03-10", "2026-02-28": "2026-03-01", "2024-02-28": "2024-02-29", "2026-12-31": "2027-01-01", "1582-10-04": "1582-10-05", "9999-12-31": "10000-01-01",
	} {
		if got := date(t, in).Next().String(); got != want {
			t.Errorf("after %s comes %s, want %s", in, got, want)
		}
	}
}

func TestStartOfADay(t *testing.T) {
	for _, tc := range []struct{ zone, date, want string }{
		{"UTC", "2026-03-09", "2026-03-09T00:00:00Z"},
		{"Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z"},
		{"America/Havana", "2026-03-08", "2026-03-08T05:00:00Z"}, // 00:00 is put forward to 01:00
		{"Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z"},    // likewise
		{"Asia/Beirut", "2026-10-25", "2026-10-24T22:00:00Z"},    // 00:00 is put back to 23:00
		{"America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z"},
		{"Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z"},
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"}, // never was: the day after starts
		{"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"},
		{"Pacific/Kiritimati", "2026-01-01", "2025-12-31T10:00:00Z"},
		{"Pacific/Pago_Pago", "2026-01-01", "2026-01-01T11:00:00Z"},
		{"Asia/Kathmandu", "2026-01-01", "2025-12-31T18:15:00Z"},
		{"America/New_York", "1883-01-01", "1883-01-01T04:56:02Z"},
		{"Pacific/Auckland", "0001-01-01", "0000-12-31T12:20:56Z"},
		{"Pacific/Pago_Pago", "9999-12-31", "9999-12-31T11:00:00Z"},
	} {
		t.Run(tc.zone+" "+tc.date, func(t *testing.T) {
			if got := date(t, tc.date).Start(zone(t, tc.zone)).Format(time.RFC3339); got != tc.want {
				t.Errorf("starts at %s, want %s", got, tc.want)
			}
		})
	}
}

// TestEveryDayStartsWhereAnEarlierEnds goes through days on which zones
// changed their clocks.
func TestEveryDayStartsWhereAnEarlierEnds(t *testing.T) {
	for _, name := range []string{"America/Havana", "Asia/Beirut", "Pacific/Apia", "Europe/London", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Tehran", "Australia/Lord_Howe", "America/Asuncion"} {
		in := zone(t, name)
		for day := date(t, "2009-12-31"); day != date(t, "2019-01-01"); day = day.Next() {
			start := day.Start(in)
			before, from := task.DateOf(start.Add(-time.Second).In(in)), task.DateOf(start.In(in))
			if before.String() >= day.String() || from.String() < day.String() {
				t.Errorf("%s: %s starts at %v, where %s turns into %s", name, day, start, before, from)
			}
		}
	}
}

func date(t testing.TB, s string) task.Date {
	t.Helper()
	d, err := task.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-03-09", "0001-01-01", "9999-12-31", "2026-02-30", "2026-3-9"} {
		f.Add(s)
	}
	form := regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	f.Fuzz(func(t *testing.T, s string) {
		d, err := task.ParseDate(s)
		if err != nil {
			if !d.IsZero() {
				t.Fatalf("ParseDate(%q) = %v, %v", s, d, err)
			}
			refusedWell(t, s, err, "")
			return
		}
		if d.String() != s || !form.MatchString(s) || d.IsZero() || task.DueOn(d).Sort().IsZero() {
			t.Fatalf("ParseDate(%q) = %v", s, d)
		}
	})
}

func FuzzParseInstant(f *testing.F) {
	for _, s := range []string{"2026-11-22T21:00:00Z", "2026-11-22T21:00:00.123456+01:00", "2026-11-22T9:00:00,1234567Z", "2026-11-22T21:00:00+24:00", "9999-12-31T23:59:60-01:00"} {
		f.Add(s)
	}
	form := regexp.MustCompile(`^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-][0-2][0-9]:[0-5][0-9])$`)
	f.Fuzz(func(t *testing.T, s string) {
		at, err := task.ParseInstant(s)
		if err != nil {
			if !at.IsZero() {
				t.Fatalf("ParseInstant(%q) = %v, %v", s, at, err)
			}
			refusedWell(t, s, err, "")
			return
		}
		if want, err := time.Parse(time.RFC3339Nano, s); err != nil || !at.Equal(want) || !form.MatchString(s) || at.IsZero() {
			t.Fatalf("ParseInstant(%q) = %v", s, at)
		}
		if again, err := task.ParseInstant(at.Format("2006-01-02T15:04:05.000000Z")); err != nil || again != at {
			t.Fatalf("ParseInstant(%q) = %v, which comes back as %v, %v", s, at, again, err)
		}
	})
}
