package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// statement is one that Taskhold sent to PostgreSQL.
type statement struct {
	text   string
	values map[string]string // what stood for $1, $2 and so on, as literals
}

// capture has Taskhold carry out each operation once, and returns by which
// statements it did. So pgbench runs what the program runs, whatever that is.
func (b *bench) capture(ctx context.Context, c crowd) (_ map[operation][]statement, err error) {
	const logged = "ALTER DATABASE postgres SET log_statement = 'all'"
	if err := b.cluster.do(ctx, logged); err != nil {
		return nil, err
	}
	server, err := b.startTaskhold(ctx, "captured", b.cluster.url())
	if err != nil {
		return nil, err
	}
	defer server.stop()
	if err := b.cluster.do(ctx, "ALTER DATABASE postgres RESET log_statement"); err != nil {
		return nil, err
	}
	users, err := callers(c, b.secret)
	if err != nil {
		return nil, err
	}
	conn := &connection{address: server.address}
	if err := conn.open(ctx); err != nil {
		return nil, err
	}
	defer conn.close()
	found := map[operation][]statement{}
	for op := range operations {
		if found[operation(op)], err = b.captureOne(conn, users[0], operation(op)); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// captureOne carries out an operation on the user's first task, but a remove
// on the last. Neither is one that pgbench will use, or is completed.
func (b *bench) captureOne(conn *connection, user *caller, op operation) ([]statement, error) {
	begin := int64(len(b.cluster.said(0)))
	e := errand{op: op, user: user, id: user.kept[1].id}
	switch op {
	case change:
		e.task = user.kept[1]
		e.task.mu.Lock()
	case remove:
		e.id, _ = user.takeSpare()
	}
	if err := conn.carry(e, time.Now().Add(longestAnswer)); err != nil {
		return nil, fmt.Errorf("capture: %w", err)
	}
	if op == create {
		e.id = idIn(conn.answer.Body())
	}
	found := statementsIn(b.cluster.said(begin))
	if len(found) == 0 {
		return nil, errors.New("PostgreSQL logged no statement of " + op.String())
	}
	for i := range found {
		found[i].name(user.id, e.id)
	}
	return found, nil
}

var (
	executed  = regexp.MustCompile(`LOG:  execute [^:]+: (.+)\n(?:.* DETAIL:  [pP]arameters: (.+)\n)?`)
	parameter = regexp.MustCompile(`(\$\d+) = (NULL|'(?:[^']|'')*')`)
)

// statementsIn returns those with parameters in PostgreSQL's log.
func statementsIn(log string) []statement {
	var all []statement
	for _, found := range executed.FindAllStringSubmatch(log, -1) {
		s := statement{text: found[1], values: map[string]string{}}
		for _, p := range parameter.FindAllStringSubmatch(found[2], -1) {
			s.values[p[1]] = p[2]
		}
		if len(s.values) > 0 {
			all = append(all, s)
		}
	}
	return all
}

// name puts the variables of pgbench in the place of what changes from one
// call to the next.
func (s *statement) name(user, id string) {
	for mark, value := range s.values {
		switch value {
		case "'" + user + "'":
			s.values[mark] = ":user"
		case "'" + id + "'":
			s.values[mark] = "CAST('0' || to_hex(CAST(:high AS bigint)) || to_hex(CAST(:low AS bigint)) AS uuid)"
		default:
			s.values[mark] = guarded(value)
		}
	}
}

// guarded writes a literal so that pgbench sees no variable in it.
func guarded(literal string) string {
	if !strings.Contains(literal, ":") {
		return literal
	}
	return "E" + strings.NewReplacer(`\`, `\\`, ":", `\x3A`).Replace(literal)
}

var mark = regexp.MustCompile(`\$\d+`)

// sql returns the statement for pgbench.
func (s statement) sql() string {
	return mark.ReplaceAllStringFunc(s.text, func(m string) string { return s.values[m] })
}
