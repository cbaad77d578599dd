package gormstore

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
)

// ErrUnguarded is a mistake of the program: a statement that may reach rows of
// more than one user.
var ErrUnguarded = errors.New("a statement was refused")

// guardedTables hold what is a user's. In each, the column user_id says whose.
var guardedTables = []string{"tasks", "users", "replays"}

// exempt are the statements that are for no user's sake.
var exempt = []string{
	ping,
	purgeBegin + purgeEnd,
	purgeBegin + SkipLocked + purgeEnd,
}

var numbered = regexp.MustCompile(`\$[0-9]+`)

// judge returns why a statement may not be run.
//
// A select, update or delete has to say user_id = ?, for each table of users
// that it reads, as a condition of its own in its WHERE: one that holds beside
// all others. An insert has to name the column. A statement that is not read
// with certainty is refused.
func judge(statement string) error {
	if slices.Contains(exempt, numbered.ReplaceAllLiteralString(statement, "?")) {
		return nil
	}
	nodes, err := parse(statement)
	switch {
	case err != nil:
		return err
	case isWordAt(nodes, 0, "savepoint", "release", "rollback"):
		return nil
	case !isWordAt(nodes, 0, "select", "insert", "update", "delete", "with"):
		return errors.New("it is of a kind that no store needs")
	}
	return judgeGroup(nodes)
}

// judgeGroup judges what stands side by side in a pair of parentheses, and what
// stands in parentheses there.
func judgeGroup(nodes []node) error {
	for i, n := range nodes {
		switch {
		case n.isWord("table"):
			return errors.New("it names a whole table")
		case n.isWord("into") && !isWordAt(nodes, i-1, "insert"):
			return errors.New("only a plain INSERT may say INTO")
		case n.kind == group:
			if err := judgeGroup(n.group); err != nil {
				return err
			}
		}
	}
	for _, q := range queries(nodes) {
		if err := q.judge(); err != nil {
			return err
		}
	}
	return nil
}

// query is one select, insert, update or delete, up to the next beside it.
type query struct {
	verb node
	rest []node
}

func queries(nodes []node) []query {
	var found []query
	for i, n := range nodes {
		// FOR UPDATE, FOR NO KEY UPDATE and DO UPDATE begin nothing.
		begins := n.isWord("select", "insert", "update", "delete") && !isWordAt(nodes, i-1, "for", "key", "do")
		switch {
		case begins:
			found = append(found, query{verb: n})
		case len(found) > 0:
			last := &found[len(found)-1]
			last.rest = append(last.rest, n)
		}
	}
	return found
}

func (q query) judge() error {
	if q.verb.isWord("insert") {
		return q.judgeInsert()
	}
	sources, err := q.sources()
	if err != nil {
		return err
	}
	if q.verb.isWord("update") && len(sources) > 0 && q.movesRows() {
		return errors.New("it gives rows to another user")
	}
	where := q.where()
	for _, s := range sources {
		if !s.isBound(where, len(sources) == 1) {
			return fmt.Errorf("it does not say whose %s it means", s.table)
		}
	}
	return nil
}

func (q query) judgeInsert() error {
	if !isWordAt(q.rest, 0, "into") {
		return errUnreadable
	}
	table, next := readName(q.rest, 1)
	switch {
	case !table.isName():
		return errUnreadable
	case !isGuarded(table):
		return nil
	}
	if next == len(q.rest) || !slices.ContainsFunc(q.rest[next].group, isUserID) {
		return fmt.Errorf("it does not say whose %s it inserts", table.text)
	}
	return nil
}

// movesRows reports whether an update sets user_id.
func (q query) movesRows() bool {
	for _, n := range q.rest {
		switch {
		case n.isWord("from", "where"):
			return false
		case isUserID(n):
			return true
		}
	}
	return false
}

// where returns the conditions of a query, without those of what follows it.
func (q query) where() []node {
	_, where, _ := cut(q.rest, func(n node) bool { return n.isWord("where") })
	where, _, _ = cut(where, endsWhere)
	return where
}

// cut returns what stands before and after the first node that is found.
func cut(nodes []node, is func(node) bool) (before, after []node, found bool) {
	i := slices.IndexFunc(nodes, is)
	if i < 0 {
		return nodes, nil, false
	}
	return nodes[:i], nodes[i+1:], true
}

func endsWhere(n node) bool {
	return n.isWord("group", "having", "window", "order", "limit", "offset", "fetch", "for",
		"union", "intersect", "except", "returning", "on", "where", "from")
}

// source is a table of users that a query reads, by the name that it has there.
type source struct{ table, alias string }

// isBound reports whether the rows of s are those of one user by a condition
// that holds beside all others. An OR, a CASE or a BETWEEN beside it is
// refused: what they do to it takes a grammar to tell.
func (s source) isBound(where []node, alone bool) bool {
	if slices.ContainsFunc(where, func(n node) bool { return n.isWord("or", "case", "between") }) {
		return false
	}
	for more := true; more; {
		var condition []node
		condition, where, more = cut(where, func(n node) bool { return n.isWord("and") })
		if s.isBoundBy(condition, alone) {
			return true
		}
	}
	return false
}

func (s source) isBoundBy(condition []node, alone bool) bool {
	if len(condition) == 5 && condition[0].named(s.alias) && condition[1].isPunctuation(".") {
		condition, alone = condition[2:], true
	}
	return alone && len(condition) == 3 &&
		isUserID(condition[0]) && condition[1].isPunctuation("=") && condition[2].kind == mark
}

func isUserID(n node) bool { return n.named("user_id") }

func isGuarded(n node) bool { return slices.ContainsFunc(guardedTables, n.named) }

// sources returns the tables of users that a query reads.
func (q query) sources() ([]source, error) {
	var (
		found  []source
		inFrom bool
		next   = 0
	)
	add := func(i int) (err error) {
		var s source
		if s, next, err = readSource(q.rest, i); s.table != "" {
			found = append(found, s)
		}
		return err
	}
	if q.verb.isWord("update") {
		if err := add(0); err != nil {
			return nil, err
		}
	}
	for next < len(q.rest) {
		n := q.rest[next]
		next++
		switch {
		case n.isWord("from", "using"):
			inFrom = true
		case n.isWord("join"), inFrom && n.isPunctuation(","):
		case endsWhere(n), n.isWord("set"):
			inFrom = inFrom && n.isWord("on") // of a join
			continue
		default:
			continue
		}
		if err := add(next); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// readSource reads what a query selects from, at i, and where it ends. Its
// table is empty if that is no table of users.
func readSource(nodes []node, i int) (source, int, error) {
	for isWordAt(nodes, i, "only", "lateral") {
		i++
	}
	switch {
	case i == len(nodes) || nodes[i].isWord("or"): // UPDATE OR IGNORE
		return source{}, i, errUnreadable
	case nodes[i].kind == group:
		if len(queries(nodes[i].group)) == 0 && mentions(nodes[i].group) {
			return source{}, i, errUnreadable // a join in parentheses
		}
		return source{}, i + 1, nil
	}
	table, next := readName(nodes, i)
	switch {
	case !table.isName(): // SQLite takes [tasks] and 'tasks' too
		return source{}, next, errUnreadable
	case !isGuarded(table):
		return source{}, next, nil
	}
	s := source{table: table.text, alias: table.text}
	if isWordAt(nodes, next, "as") {
		next++
	}
	if next < len(nodes) && nodes[next].isName() && !followsSource(nodes[next]) {
		s.alias = nodes[next].text
		next++
	}
	if next < len(nodes) && nodes[next].kind == group {
		return source{}, next, errUnreadable // names columns anew
	}
	return s, next, nil
}

// followsSource tells a keyword from an alias.
func followsSource(n node) bool {
	return endsWhere(n) || n.isWord("set", "join", "inner", "left", "right", "full", "outer", "cross", "natural", "using")
}

// readName reads a name that may be qualified, at i, and where it ends.
func readName(nodes []node, i int) (node, int) {
	for i+1 < len(nodes) && nodes[i+1].isPunctuation(".") {
		i += 2
	}
	if i >= len(nodes) {
		return node{}, i
	}
	return nodes[i], i + 1
}

// mentions reports whether a table of users is named anywhere in nodes.
func mentions(nodes []node) bool {
	return slices.ContainsFunc(nodes, func(n node) bool { return isGuarded(n) || mentions(n.group) })
}
