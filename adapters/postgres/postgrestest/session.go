package postgrestest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Session is a connection beside those of who is tested.
type Session struct {
	t    testing.TB
	conn *pgx.Conn
}

// Connect opens a session that ends with the test.
func Connect(t testing.TB, url string) Session {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatalf("connect to PostgreSQL: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return Session{t, conn}
}

// Exec runs statements.
func (s Session) Exec(statements string) {
	s.t.Helper()
	if _, err := s.conn.Exec(s.t.Context(), statements); err != nil {
		s.t.Fatalf("%s: %v", statements, err)
	}
}

// Count returns the number that a statement selects.
func (s Session) Count(statement string) (n int) {
	s.t.Helper()
	if err := s.conn.QueryRow(s.t.Context(), statement).Scan(&n); err != nil {
		s.t.Fatalf("%s: %v", statement, err)
	}
	return n
}
