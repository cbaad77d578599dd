package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// pgbench is PostgreSQL's own load generator, running the program's statements
// alone: no server of the API can be faster.
type pgbench struct {
	*cluster
	scripts []string
}

// newPgbench writes a script for each operation of the mix.
func (b *bench) newPgbench(ctx context.Context, c crowd) (*pgbench, error) {
	found, err := b.capture(ctx, c)
	if err != nil {
		return nil, err
	}
	p := &pgbench{cluster: b.cluster}
	for op, parts := range b.mix {
		if parts == 0 {
			continue
		}
		path := b.path(operation(op).String() + ".sql")
		text := c.variables(operation(op)) + script(operation(op), found[operation(op)])
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return nil, err
		}
		p.scripts = append(p.scripts, "-f", path+"@"+strconv.Itoa(parts))
	}
	return p, nil
}

// variables computes the user and the id of a task, as world.taskID does. A
// get and a change are of a task that is kept and a remove of another, which
// may be gone; a create makes an id that comes after all others.
func (c crowd) variables(op operation) string {
	from, to := 2, c.kept()-1
	if op == remove {
		from, to = c.kept(), c.each-2
	}
	at := fmt.Sprintf(":n * %d", apart)
	if op == create {
		at = fmt.Sprintf("%d * %d + random(1, 1000000000000)", int64(c.users)*int64(c.each), apart)
	}
	return strings.Join([]string{
		fmt.Sprintf(`\set u %d + %d * random(0, %d)`, c.first, c.stride, c.size-1),
		fmt.Sprintf(`\set n :u + %d * random(%d, %d)`, c.users, from, to),
		fmt.Sprintf(`\set user %d + :u`, firstUser),
		fmt.Sprintf(`\set at %d + %s`, firstInstant, at),
		`\set high ((:at / 1000) << 16) + 28672 + :at % 1000 * 4096 / 1000`,
		fmt.Sprintf(`\set low -9223372036854775807 - 1 + :n * %d`, scatter),
		"",
	}, "\n")
}

// compared is the version that a statement compares, after the one that it
// sets.
var compared = regexp.MustCompile(`version = (\$\d+).*version = (\$\d+)`)

// script runs the statements of an operation. A change reads the version and
// compares it: pgbench keeps what a row holds in variables.
func script(op operation, statements []statement) string {
	var b strings.Builder
	for i, s := range statements {
		if op == change {
			if found := compared.FindStringSubmatch(s.text); found != nil {
				s.values[found[1]], s.values[found[2]] = ":next", ":version"
			}
		}
		b.WriteString(s.sql())
		if op == change && i == 0 {
			b.WriteString("\n\\gset\n\\set next :version + 1\n")
		} else {
			b.WriteString(";\n")
		}
	}
	return b.String()
}

// run runs pgbench for a time. More clients than the servers have connections
// would only make it slower.
func (p *pgbench) run(ctx context.Context, period time.Duration) (tally, error) {
	path := filepath.Join(p.bin, "pgbench")
	if _, err := os.Stat(path); err != nil {
		if path, err = exec.LookPath("pgbench"); err != nil {
			return tally{}, errors.New("pgbench is not installed; -only names the rest")
		}
	}
	seconds := max(1, int(period.Round(time.Second).Seconds()))
	args := append([]string{
		"--no-vacuum", "--protocol", "prepared", "--client", strconv.Itoa(poolSize), "--jobs", "2",
		"--time", strconv.Itoa(seconds),
	}, p.scripts...)
	cmd := exec.CommandContext(ctx, path, append(args, p.url())...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return tally{}, fmt.Errorf("pgbench: %w\n%s", err, out)
	}
	return readPgbench(string(out))
}

var (
	transactions = regexp.MustCompile(`transactions actually processed: (\d+)`)
	perSecond    = regexp.MustCompile(`tps = ([\d.]+)`)
)

// readPgbench reads what pgbench reports. It knows no latency but the mean.
func readPgbench(report string) (tally, error) {
	processed, rate := transactions.FindStringSubmatch(report), perSecond.FindStringSubmatch(report)
	if processed == nil || rate == nil {
		return tally{}, fmt.Errorf("pgbench reported no rate:\n%s", report)
	}
	n, _ := strconv.Atoi(processed[1])
	tps, err := strconv.ParseFloat(rate[1], 64)
	if err != nil || n == 0 {
		return tally{}, fmt.Errorf("pgbench did nothing: %w\n%s", err, report)
	}
	t := tally{latencies: make([]time.Duration, n)}
	t.elapsed = time.Duration(float64(n) / tps * float64(time.Second))
	return t, nil
}
