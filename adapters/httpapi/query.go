package httpapi

import (
	"errors"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones are the same wherever the program runs
	"unicode"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"

	"taskhold/domain/task"
)

// What a page of tasks may be.
const (
	defaultLimit = 50
	maxLimit     = 200
	maxText      = 100 // code points of q
)

// listQuery is the query of a list. The tags are the one place that names a
// parameter and its rule. A list of strings may be repeated, nothing else.
type listQuery struct {
	Completed    *string  `query:"completed" validate:"omitnil,oneof=true false" must:"must be true or false"`
	Priority     []string `query:"priority" validate:"max=4,dive,oneof=none low medium high" must:"must be one of none, low, medium, high"`
	Tag          []string `query:"tag" validate:"max=20,dive,tag" must:"must be a tag of 1 to 50 characters, at most 20 of them"`
	Text         *string  `query:"q" validate:"omitnil,max=100,line" must:"must have at most 100 characters, none of them a control character"`
	DueFrom      *string  `query:"due_from" validate:"omitnil,date" must:"must be a date written YYYY-MM-DD"`
	DueTo        *string  `query:"due_to" validate:"omitnil,date" must:"must be a date written YYYY-MM-DD"`
	Zone         *string  `query:"tz" validate:"omitnil,zone" must:"must be an IANA time zone such as Europe/Berlin"`
	UpdatedSince *string  `query:"updated_since" validate:"omitnil,instant" must:"must be an instant such as 2026-11-22T21:00:00Z, a plus sign escaped as %2B"`
	Sort         *string  `query:"sort" validate:"omitnil,oneof=created_at -created_at updated_at -updated_at due -due priority -priority title -title" must:"must be one of created_at, updated_at, due, priority, title, with - before it for descending"`
	Limit        *string  `query:"limit" validate:"omitnil,number,limit" must:"must be a whole number from 1 to 200"`
	Cursor       *string  `query:"cursor"`
}

// parameters are the fields of listQuery by the names of their parameters.
var parameters = func() map[string]reflect.StructField {
	byName := map[string]reflect.StructField{}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[listQuery]()) {
		byName[field.Tag.Get("query")] = field
	}
	return byName
}()

var validate = newValidator()

func newValidator() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(field reflect.StructField) string { return field.Tag.Get("query") })
	for tag, ok := range map[string]func(string) bool{
		"date":    func(s string) bool { _, err := task.ParseDate(s); return err == nil },
		"instant": func(s string) bool { _, err := task.ParseInstant(s); return err == nil },
		"tag":     func(s string) bool { _, err := task.ParseTags([]string{s}); return err == nil },
		"line":    func(s string) bool { return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl) },
		"zone":    isZone,
		"limit":   func(s string) bool { n, err := strconv.Atoi(s); return err == nil && n >= 1 && n <= maxLimit },
	} {
		if err := v.RegisterValidation(tag, func(f validator.FieldLevel) bool { return ok(f.Field().String()) }); err != nil {
			panic(err) // cannot be: the tags are written above
		}
	}
	return v
}

// isZone wants a name of the IANA database, the same on every machine. Names in
// lower case are what a machine keeps beside it, such as its own zone as
// localtime, and right/UTC, which counts leap seconds.
func isZone(name string) bool {
	if name == "" || name[0] < 'A' || name[0] > 'Z' || name == "Local" {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

// readQuery reads the query of a list, or refuses every parameter that is
// unknown, repeated or not as it must be.
func readQuery(values url.Values) (listQuery, error) {
	var q listQuery
	findings := q.fill(values)
	var broken validator.ValidationErrors
	if errors.As(validate.Struct(q), &broken) {
		for _, field := range broken {
			name, _, _ := strings.Cut(field.Field(), "[")
			findings = append(findings, badParameter(name, parameters[name].Tag.Get("must")))
		}
	}
	if len(findings) == 0 {
		return q, nil
	}
	findings = slices.CompactFunc(findings, func(a, b finding) bool { return a == b })
	r := refuse(codeParameter, findings[0].at+" "+findings[0].detail+".")
	r.findings = findings[:min(len(findings), maxFindings)]
	return q, r
}

func badParameter(name, must string) finding {
	return finding{where: "parameter", at: name, detail: must}
}

// fill sets the fields and reports the parameters that have none, or more
// values than one where one is all.
func (q *listQuery) fill(values url.Values) (findings []finding) {
	fields := reflect.ValueOf(q).Elem()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		field, known := parameters[name]
		switch given := values[name]; {
		case !known:
			findings = append(findings, badParameter(tame(name), "is not known here"))
		case field.Type.Kind() == reflect.Slice:
			fields.FieldByIndex(field.Index).Set(reflect.ValueOf(given))
		case len(given) > 1:
			findings = append(findings, badParameter(name, "must be given once"))
		default:
			fields.FieldByIndex(field.Index).Set(reflect.ValueOf(&given[0]))
		}
	}
	return findings
}

// tame makes a name that a client chose fit to be told back.
func tame(name string) string {
	visible := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(name, "\uFFFD"))
	runes := []rune(visible)
	return string(runes[:min(len(runes), 100)])
}

// filter is the filter that a valid query asks for.
func (q listQuery) filter() task.Filter {
	var f task.Filter
	if q.Completed != nil {
		f.Completed = task.Some(*q.Completed == "true")
	}
	for _, name := range q.Priority {
		priority, _ := task.ParsePriority(name)
		f.Priorities = append(f.Priorities, priority)
	}
	for _, tag := range q.Tag {
		tags, _ := task.ParseTags([]string{tag})
		f.Tags = append(f.Tags, tags.List()...)
	}
	if q.Text != nil {
		f.Text = *q.Text
	}
	f.DueFrom = given(q.DueFrom, task.ParseDate)
	f.DueTo = given(q.DueTo, task.ParseDate)
	if f.Zone = time.UTC; q.Zone != nil {
		f.Zone = given(q.Zone, time.LoadLocation)
	}
	f.UpdatedSince = given(q.UpdatedSince, task.ParseInstant)
	return f
}

// order is the order that a valid query asks for.
func (q listQuery) order() task.Order {
	if q.Sort == nil {
		return task.Order{By: task.ByCreated, Descending: true}
	}
	name, descending := strings.CutPrefix(*q.Sort, "-")
	return task.Order{By: sortKeys[name], Descending: descending}
}

var sortKeys = map[string]task.SortKey{
	"created_at": task.ByCreated, "updated_at": task.ByUpdated, "due": task.ByDue,
	"priority": task.ByPriority, "title": task.ByTitle,
}

func (q listQuery) limit() int {
	if q.Limit == nil {
		return defaultLimit
	}
	limit, _ := strconv.Atoi(*q.Limit)
	return limit
}

// given is what a parameter means, or the zero value if it was not given.
func given[T any](s *string, parse func(string) (T, error)) (meant T) {
	if s != nil {
		meant, _ = parse(*s)
	}
	return meant
}
