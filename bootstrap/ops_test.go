package bootstrap_test

import (
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	typed  = regexp.MustCompile(`(?m)^# TYPE (\S+) `)
	metric = regexp.MustCompile(`\b(?:taskhold|http_server|db_client|go|process)_[a-z_]+\b`)
	parts  = regexp.MustCompile(`_(bucket|count|sum)$`)
	labels = []string{
		"db_client_connection_pool_name", "db_client_connection_state",
	}
)

// everyMetric is what a server shows of which every part is in use.
func everyMetric(t *testing.T) []string {
	t.Helper()
	issuer := keySetServer(t, true, func(*http.Request) {})
	environ := append(environOf("sqlite:"+filepath.Join(t.TempDir(), "tasks.db")),
		"BETTER_AUTH_URL="+issuer, "REDIS_URL=redis://127.0.0.1:1", "ADMIN_ADDR=127.0.0.1:0", "TASKS_PER_USER=2")
	server := start(t, environ, "serve")
	use(t, server.base)
	eventually(t, func() bool { return strings.Contains(scrape(t, server), "taskhold_key_set_ignored_keys_total{") })
	var names []string
	for _, found := range typed.FindAllStringSubmatch(scrape(t, server), -1) {
		names = append(names, found[1])
	}
	return names
}

// TestOperatorsAreToldOfMetricsThatAreThere holds what Prometheus and Grafana
// ask for, and what the manual explains, against what the program shows.
func TestOperatorsAreToldOfMetricsThatAreThere(t *testing.T) {
	names := everyMetric(t)
	for _, file := range []string{"../ops/prometheus/rules.yml", "../ops/grafana/dashboard.json", "../docs/operate.md"} {
		for _, name := range metric.FindAllString(read(t, file), -1) {
			if !slices.Contains(names, name) && !slices.Contains(names, parts.ReplaceAllString(name, "")) && !slices.Contains(labels, name) {
				t.Errorf("%s asks for %s, which is not there", file, name)
			}
		}
	}
	manual := read(t, "../docs/operate.md")
	for _, name := range names {
		if ours := regexp.MustCompile(`^(taskhold|http|db)_`); ours.MatchString(name) && !strings.Contains(manual, "`"+name+"`") {
			t.Errorf("docs/operate.md does not tell of %s", name)
		}
	}
}

func TestEveryAlertSaysWhatToDo(t *testing.T) {
	rules, manual := read(t, "../ops/prometheus/rules.yml"), read(t, "../docs/operate.md")
	alerts := strings.Split(rules, "- alert: ")[1:]
	if len(alerts) < 11 {
		t.Fatalf("only %d alerts are found", len(alerts))
	}
	for _, alert := range alerts {
		name, rest, _ := strings.Cut(alert, "\n")
		section := regexp.MustCompile(`runbook_url: docs/operate\.md#(\S+)`).FindStringSubmatch(rest)
		if section == nil || !strings.Contains(rest, "summary: ") || !strings.Contains(rest, "description: ") {
			t.Errorf("%s lacks a summary, a description or the address of what to do", name)
			continue
		}
		text, there := sections(manual)[section[1]]
		if !there || !strings.Contains(text, name) {
			t.Errorf("%s sends to #%s, where docs/operate.md does not speak of it", name, section[1])
		}
	}
}

// sections returns the text below each heading, by the heading's anchor.
func sections(manual string) map[string]string {
	found := map[string]string{}
	for part := range strings.SplitSeq(manual, "\n### ") {
		heading, text, _ := strings.Cut(part, "\n")
		found[strings.ReplaceAll(strings.ToLower(heading), " ", "-")] = text
	}
	return found
}
