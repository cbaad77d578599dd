package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"taskhold/adapters/gormstore"
	"taskhold/ports/storetest"
)

// ofUser is how every statement says whose rows it means.
const ofUser = "user_id = ?"

// TestEveryUserConditionIsNeeded takes the user out of one WHERE after the
// other, beneath the guard, which sees the statement as it was. Some rule of
// the contract has to object each time.
func TestEveryUserConditionIsNeeded(t *testing.T) {
	t.Parallel()
	conditions := recorded(t)
	if len(conditions) < 15 {
		t.Fatalf("only %d conditions were seen: %q", len(conditions), conditions)
	}
	for _, c := range conditions {
		t.Run(c, func(t *testing.T) {
			t.Parallel()
			objections := objectionsTo(t, without(c), 1)
			if len(objections) == 0 {
				t.Errorf("no rule objects to a store without the last condition of\n%s", c)
			}
			t.Logf("%s\nobjecting: %s", c, strings.Join(objections, "; "))
		})
	}
}

// recorded returns each condition on a user that the contract makes the store
// send.
func recorded(t *testing.T) []string {
	var (
		mu   sync.Mutex
		seen = map[string]bool{}
	)
	objections := objectionsTo(t, func(query string) string {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range conditionsOf(query) {
			seen[c.name] = true
		}
		return query
	}, 1)
	if len(objections) > 0 {
		t.Fatalf("a rule objects to the store as it is: %s", objections)
	}
	return slices.Sorted(maps.Keys(seen))
}

// condition is one place in a statement that says whose rows it means.
type condition struct {
	name  string // the statement up to it, and what tells it from its like
	begin int
}

// filters are what a list is asked for; it says whose tasks in one place.
var filters = regexp.MustCompile(`(COUNT\(\*\) FROM tasks WHERE user_id = \?).*\) FROM tasks`)

func conditionsOf(query string) (found []condition) {
	for from := 0; ; {
		i := strings.Index(query[from:], ofUser)
		if i < 0 {
			return found
		}
		begin, end := from+i, from+i+len(ofUser)
		name := query[:end]
		for _, next := range []string{" AND id = ?", " AND key = ?"} { // one row, not many
			if strings.HasPrefix(query[end:], next) {
				name += next
			}
		}
		found = append(found, condition{filters.ReplaceAllString(name, "$1 …) FROM tasks"), begin})
		from = end
	}
}

// without makes a condition one that the rows of every user meet.
func without(name string) func(string) string {
	return func(query string) string {
		for _, c := range conditionsOf(query) {
			if c.name == name {
				return query[:c.begin] + "? IS NOT NULL" + query[c.begin+len(ofUser):]
			}
		}
		return query
	}
}

// objectionsTo returns the first rules that object to a store whose statements
// are rewritten on their way to SQLite.
func objectionsTo(t *testing.T, rewrite func(string) string, most int) (objections []string) {
	t.Helper()
	address := fresh(t)
	start(t, address)
	s := rewritten(t, address, rewrite)
	for _, rule := range storetest.Rules(storetest.WithFill(fill)) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		err := rule.Check(ctx, s)
		cancel()
		if err != nil {
			objections = append(objections, rule.Name)
		}
		if len(objections) == most {
			break
		}
	}
	return objections
}

func rewritten(t *testing.T, address string, rewrite func(string) string) *Store {
	t.Helper()
	path, err := Path(address)
	must(t, err)
	open := func(size int, settings url.Values) *sql.DB {
		to, err := connector(path, settings)
		must(t, err)
		db := sql.OpenDB(rewriter{to, rewrite})
		db.SetMaxOpenConns(size)
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	s := &Store{writer: open(1, url.Values{"_txlock": {"immediate"}}), readers: open(4, url.Values{"_query_only": {"on"}})}
	writer, err := gormstore.Open(s.writer, dialect)
	must(t, err)
	reader, err := gormstore.Open(s.readers, dialect)
	must(t, err)
	s.Store = gormstore.New(engine(reader, writer))
	return s
}

// rewriter connects to what changes statements.
type rewriter struct {
	driver.Connector
	rewrite func(string) string
}

func (r rewriter) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := r.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return rewriting{conn.(connection), r.rewrite}, nil
}

// connection is what the driver's connections can do, and database/sql asks of
// them.
type connection interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
}

type rewriting struct {
	connection
	rewrite func(string) string
}

func (c rewriting) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.connection.ExecContext(ctx, c.rewrite(query), args)
}

func (c rewriting) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.connection.QueryContext(ctx, c.rewrite(query), args)
}
