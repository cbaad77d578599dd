package postgres

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"taskhold/adapters/postgres/postgrestest"
	"taskhold/domain/task"
	"taskhold/ports"
	"taskhold/ports/storetest"
)

// partitioned prepares a template with tasks in it, converted as operators are
// told to.
func partitioned(ctx context.Context, url string) error {
	script, err := os.ReadFile("../../ops/postgres/partition.sql")
	if err != nil {
		return err
	}
	if err := migrated(ctx, url); err != nil {
		return err
	}
	db, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, before := db.Exec(ctx, many)
	_, partition := db.Exec(ctx, string(script))
	return errors.Join(before, partition, db.Close(ctx))
}

func TestContractOnPartitions(t *testing.T) {
	s := start(t, postgrestest.Open(t, partitioned), Options{PoolSize: 4})
	storetest.Run(t, func(testing.TB) storetest.Subject { return s }, storetest.WithFill(fill))
}

func TestToPartitionKeepsEveryTask(t *testing.T) {
	s := start(t, postgrestest.Open(t, partitioned), Options{})
	must(t, s.Check(t.Context()))
	if page, err := s.List(t.Context(), user(t, "user-7"), ports.Query{Limit: 1000}); err != nil || len(page.Tasks) != 200 {
		t.Errorf("List = %d tasks, %v; want 200", len(page.Tasks), err)
	}
	var parts int
	must(t, s.pool.QueryRow(t.Context(), `SELECT count(DISTINCT tableoid) FROM tasks`).Scan(&parts))
	if parts < 14 {
		t.Errorf("the tasks of 100 users are in %d of 16 partitions", parts)
	}
}

func TestListReachesOnePartition(t *testing.T) {
	config, err := pgxpool.ParseConfig(postgrestest.Open(t, partitioned))
	must(t, err)
	seen := new(last)
	config.ConnConfig.Tracer = seen
	s, err := open(t.Context(), config, Options{PoolSize: 1})
	must(t, err)
	defer s.Close()
	_, err = s.List(t.Context(), user(t, "user-7"), ports.Query{Limit: 50, Order: task.Order{Descending: true}})
	must(t, err)
	plan := s.explain(t, "force_custom_plan", seen.statement, seen.args)
	if scans := strings.Count(plan, "Scan"); scans != 1 || !strings.Contains(plan, "Index Scan Backward using tasks_") || strings.Contains(plan, "Sort") {
		t.Errorf("want one index scan of one partition, got\n%s", plan)
	}
}
