package storetest

import (
	"context"
	"time"
	_ "time/tzdata" // the rules need the zones, whatever the machine has

	"taskhold/domain/task"
)

func dueRules() []Rule {
	return []Rule{
		rule("a filter by due is inclusive at both days", filterByDue),
		rule("a filter by due counts an instant on its day in the zone", filterByDueInZone),
		rule("a filter by due lets nothing through that is not due", filterByDueOmitsTheRest),
		rule("a filter by due reaches from the first day to the last", filterByDueAtTheEnds),
	}
}

func date(text string) task.Date {
	if text == "" {
		return task.Date{}
	}
	d, err := task.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// dueFilters tries each pair of dates as bounds, and each as the only one.
func (w *world) dueFilters(ctx context.Context, zone *time.Location, tasks []task.Task, dates ...string) {
	for _, from := range append(dates, "") {
		for _, to := range append(dates, "") {
			w.filtered(ctx, task.Filter{DueFrom: date(from), DueTo: date(to), Zone: zone}, tasks)
		}
	}
}

func filterByDue(ctx context.Context, w *world) {
	tasks := w.changed(ctx,
		task.Change{DueDate: task.Some("2026-03-08")}, task.Change{DueDate: task.Some("2026-03-09")}, task.Change{DueDate: task.Some("2026-03-10")},
		task.Change{DueAt: task.Some("2026-03-08T23:59:59.999999Z")}, task.Change{DueAt: task.Some("2026-03-09T00:00:00Z")},
		task.Change{DueAt: task.Some("2026-03-09T23:59:59.999999Z")}, task.Change{DueAt: task.Some("2026-03-10T00:00:00Z")}, task.Change{},
	)
	w.dueFilters(ctx, nil, tasks, "2026-03-08", "2026-03-09", "2026-03-10", "2026-03-11")
}

// days are where a day does not begin at midnight, or does not exist, or is
// longer or shorter than 24 hours.
var days = []struct {
	zone  string
	dates []string
}{
	{"America/Havana", []string{"2026-03-07", "2026-03-08", "2026-10-31", "2026-11-01"}}, // forward at midnight
	{"Asia/Beirut", []string{"2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"}},    // and back to the day before
	{"Pacific/Apia", []string{"2011-12-29", "2011-12-30", "2011-12-31"}},                 // the 30th never was
	{"Pacific/Kiritimati", []string{"2026-01-01", "2026-01-02"}},                         // 14 hours ahead
	{"Pacific/Pago_Pago", []string{"2026-01-01", "2026-01-02"}},                          // 11 behind
	{"Asia/Kathmandu", []string{"2026-01-01", "2026-01-02"}},                             // by quarters of an hour
	{"America/New_York", []string{"1883-11-17", "1883-11-18", "1883-11-19"}},             // and by seconds
}

func filterByDueInZone(ctx context.Context, w *world) {
	for _, day := range days {
		w.ann = someone("ann")
		zone, err := time.LoadLocation(day.zone)
		w.fine("LoadLocation", err)
		changes := []task.Change{{}}
		for _, text := range day.dates {
			changes = append(changes, task.Change{DueDate: task.Some(text)})
			for _, begin := range []time.Time{date(text).Start(zone), date(text).Start(time.UTC)} {
				for _, off := range []time.Duration{-time.Hour, -time.Microsecond, 0, time.Hour} {
					changes = append(changes, task.Change{DueAt: task.Some(begin.Add(off).Format(time.RFC3339Nano))})
				}
			}
		}
		w.dueFilters(ctx, zone, w.changed(ctx, changes...), day.dates...)
	}
}

func filterByDueOmitsTheRest(ctx context.Context, w *world) {
	tasks := w.changed(ctx, task.Change{}, task.Change{DueDate: task.Some("2026-03-09")}, task.Change{DueAt: task.Some("2026-03-09T12:00:00Z")}, task.Change{})
	for _, f := range []task.Filter{
		{DueFrom: date("0001-01-01")},
		{DueTo: date("9999-12-31")},
		{DueFrom: date("0001-01-01"), DueTo: date("9999-12-31")},
		{DueFrom: date("2026-03-10"), DueTo: date("2026-03-08")},
	} {
		w.filtered(ctx, f, tasks)
	}
}

func filterByDueAtTheEnds(ctx context.Context, w *world) {
	tasks := w.changed(ctx,
		task.Change{DueDate: task.Some("0001-01-01")}, task.Change{DueDate: task.Some("9999-12-31")},
		task.Change{DueAt: task.Some("0001-01-01T00:00:00.000001Z")}, task.Change{DueAt: task.Some("9999-12-31T23:59:59.999999Z")},
		task.Change{DueAt: task.Some("2026-03-09T12:00:00Z")},
	)
	for _, name := range []string{"UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"} {
		zone, err := time.LoadLocation(name)
		w.fine("LoadLocation", err)
		w.dueFilters(ctx, zone, tasks, "0001-01-01", "0001-01-02", "9999-12-30", "9999-12-31")
	}
}
