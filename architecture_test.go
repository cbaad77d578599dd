package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// A row says what a package may import. It claims the package in its folder
// and none below.
type row struct {
	pkg        string
	ours       []string // packages of this module, as patterns of path.Match
	testsOurs  []string // what its tests may import beside ours
	std        []string // packages of the standard library; nil is all of them. Tests have all
	world      []string // modules, each with all its packages
	testsWorld []string // what its tests may import beside world
}

var (
	pure            = []string{"cmp", "errors", "fmt", "iter", "maps", "slices", "strconv", "strings", "time", "unicode", "unicode/utf8"}
	pureWithContext = append([]string{"context"}, pure...)

	core         = []string{"domain/*", "ports"}
	everything   = []string{"*", "*/*", "*/*/*"}
	adapterTests = []string{"ports/*test", "application", "adapters/memory"}
)

// table is who may know whom. A package that no row claims is refused, and so
// is a row that claims no package.
var table = []row{
	{pkg: "domain/fault", std: pure, testsWorld: []string{"pgregory.net/rapid"}},
	{pkg: "domain/identity", std: pure, ours: []string{"domain/fault"}, testsWorld: []string{"pgregory.net/rapid"}},
	{pkg: "domain/task", std: pure, ours: []string{"domain/fault", "domain/identity"}, testsWorld: []string{"pgregory.net/rapid"}},
	{pkg: "ports", std: pureWithContext, ours: []string{"domain/*"}},
	{pkg: "ports/storetest", ours: core, testsOurs: []string{"adapters/memory"}},
	{pkg: "ports/authtest", ours: core, testsOurs: []string{"adapters/memory"}},
	{pkg: "ports/limitertest", ours: core, testsOurs: []string{"adapters/memory"}},
	{pkg: "application", std: pureWithContext, ours: core, testsOurs: []string{"adapters/memory", "adapters/system"}},
	{
		pkg:  "adapters/httpapi",
		ours: append([]string{"adapters/httpapi/strictjson"}, core...), testsOurs: append([]string{"adapters/httpapi/apitest", "adapters/system"}, adapterTests...),
		world:      []string{"github.com/gofiber/fiber/v2", "github.com/go-playground/validator/v10", "github.com/valyala/fasthttp"},
		testsWorld: []string{"github.com/pb33f/go-yaml", "github.com/pb33f/libopenapi", "github.com/pb33f/libopenapi-validator"},
	},
	{pkg: "adapters/httpapi/strictjson"},
	{pkg: "adapters/httpapi/apitest", world: []string{"github.com/pb33f/libopenapi", "github.com/pb33f/libopenapi-validator"}},
	{pkg: "adapters/adminapi", ours: core, testsOurs: adapterTests},
	{pkg: "adapters/gormstore", ours: core, testsOurs: adapterTests, world: []string{"gorm.io/gorm"}},
	{pkg: "adapters/gormstore/schematest", ours: append([]string{"adapters/gormstore"}, core...)},
	{
		pkg:  "adapters/postgres",
		ours: append([]string{"adapters/gormstore", "migrations"}, core...), testsOurs: append([]string{"adapters/gormstore/schematest", "adapters/postgres/postgrestest"}, adapterTests...),
		world: []string{"gorm.io/gorm", "gorm.io/driver/postgres", "github.com/jackc/pgx/v5", "github.com/pressly/goose/v3"},
	},
	{pkg: "adapters/postgres/postgrestest", world: []string{"github.com/fergusstrange/embedded-postgres", "github.com/jackc/pgx/v5"}},
	{
		pkg:  "adapters/sqlite",
		ours: append([]string{"adapters/gormstore", "migrations"}, core...), testsOurs: append([]string{"adapters/gormstore/schematest"}, adapterTests...),
		world: []string{"gorm.io/gorm", "modernc.org/sqlite", "github.com/pressly/goose/v3"},
	},
	{pkg: "adapters/memory", ours: core, testsOurs: adapterTests},
	{pkg: "adapters/betterauth", ours: core, testsOurs: adapterTests, world: []string{"github.com/golang-jwt/jwt/v5"}},
	{
		pkg: "adapters/telemetry", ours: core, testsOurs: adapterTests,
		world: []string{"go.uber.org/zap", "github.com/prometheus/client_golang", "go.opentelemetry.io/otel", "github.com/go-logr/logr"},
	},
	{
		pkg: "adapters/limiter", ours: core, testsOurs: adapterTests,
		world: []string{"github.com/gomodule/redigo"}, testsWorld: []string{"github.com/alicebob/miniredis/v2"},
	},
	{pkg: "adapters/system", ours: core, testsOurs: adapterTests},
	{
		pkg: "bootstrap", ours: append([]string{"application", "adapters/*", "migrations"}, core...), testsOurs: everything,
		world: []string{"github.com/spf13/viper", "go.uber.org/zap", "github.com/go-playground/validator/v10"},
	},
	{pkg: "migrations", std: []string{"embed"}},
	{pkg: ".", ours: []string{"bootstrap"}, testsOurs: everything},
}

func TestArchitecture(t *testing.T) {
	findings, err := inspect(os.DirFS("."), table)
	if err != nil {
		t.Fatal(err)
	}
	for _, finding := range findings {
		t.Error(finding)
	}
}

// inspect returns what in the tree the table does not allow. It passes by what
// is no part of this module: modules of their own and what the go command
// ignores.
func inspect(tree fs.FS, table []row) ([]string, error) {
	var findings []string
	claimed := map[string]bool{}
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return enter(tree, name)
		case path.Ext(name) != ".go":
			return nil
		}
		pkg := path.Dir(name)
		i := slices.IndexFunc(table, func(r row) bool { return r.pkg == pkg })
		if i < 0 {
			findings = append(findings, fmt.Sprintf("no row claims %s, the package of %s", pkg, name))
			return nil
		}
		claimed[pkg] = true
		refused, err := table[i].refused(tree, name)
		findings = append(findings, refused...)
		return err
	})
	for _, r := range table {
		if !claimed[r.pkg] {
			findings = append(findings, fmt.Sprintf("the row %s claims nothing", r.pkg))
		}
	}
	return findings, err
}

func enter(tree fs.FS, folder string) error {
	if folder == "." {
		return nil
	}
	base := path.Base(folder)
	_, err := fs.Stat(tree, path.Join(folder, "go.mod"))
	if err == nil || base == "testdata" || base == "node_modules" || base[0] == '.' || base[0] == '_' {
		return fs.SkipDir
	}
	return nil
}

// refused names the imports of a file that the row does not allow.
func (r row) refused(tree fs.FS, name string) ([]string, error) {
	source, err := fs.ReadFile(tree, name)
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var refused []string
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		if !r.allows(imported, strings.HasSuffix(name, "_test.go")) {
			refused = append(refused, fmt.Sprintf("%s may not import %s", name, imported))
		}
	}
	return refused, nil
}

func (r row) allows(imported string, test bool) bool {
	first, rest, _ := strings.Cut(imported, "/")
	switch {
	case first == "taskhold":
		return matches(r.ours, rest) || test && (rest == r.pkg || matches(r.testsOurs, rest))
	case strings.Contains(first, "."):
		return holds(r.world, imported) || test && holds(r.testsWorld, imported)
	}
	return test || r.std == nil || slices.Contains(r.std, imported)
}

func matches(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		matched, err := path.Match(pattern, pkg)
		return err == nil && matched
	})
}

func holds(modules []string, pkg string) bool {
	return slices.ContainsFunc(modules, func(module string) bool {
		return pkg == module || strings.HasPrefix(pkg, module+"/")
	})
}

// TestArchitectureObjects lays each offence alone into a tree that keeps the
// table, where it must be the only finding.
func TestArchitectureObjects(t *testing.T) {
	for _, c := range []struct {
		name, file, imports string
		finding             string
	}{
		{
			"the domain does not speak HTTP", "domain/task/http.go", "net/http",
			"domain/task/http.go may not import net/http",
		},
		{
			"the domain knows no context", "domain/task/find.go", "context",
			"domain/task/find.go may not import context",
		},
		{
			"one part of the domain knows only those below it", "domain/fault/user.go", "taskhold/domain/identity",
			"domain/fault/user.go may not import taskhold/domain/identity",
		},
		{
			"a port knows no adapter", "ports/tasks.go", "taskhold/adapters/memory",
			"ports/tasks.go may not import taskhold/adapters/memory",
		},
		{
			"the application is not tested on a database", "application/edit_test.go", "taskhold/adapters/gormstore",
			"application/edit_test.go may not import taskhold/adapters/gormstore",
		},
		{
			"an adapter knows no other adapter", "adapters/httpapi/routes.go", "taskhold/adapters/betterauth",
			"adapters/httpapi/routes.go may not import taskhold/adapters/betterauth",
		},
		{
			"what tests may import is not for the program", "adapters/memory/store.go", "taskhold/ports/storetest",
			"adapters/memory/store.go may not import taskhold/ports/storetest",
		},
		{
			"the program starts no throwaway database", "bootstrap/dev.go", "taskhold/adapters/postgres/postgrestest",
			"bootstrap/dev.go may not import taskhold/adapters/postgres/postgrestest",
		},
		{
			"an adapter imports only its own modules", "adapters/httpapi/sql.go", "gorm.io/gorm",
			"adapters/httpapi/sql.go may not import gorm.io/gorm",
		},
		{
			"a module is not another one whose name begins alike", "adapters/httpapi/next.go", "github.com/gofiber/fiber/v22",
			"adapters/httpapi/next.go may not import github.com/gofiber/fiber/v22",
		},
		{
			"a library of the tests is not for the program", "domain/task/dice.go", "pgregory.net/rapid",
			"domain/task/dice.go may not import pgregory.net/rapid",
		},
		{
			"main only calls bootstrap", "main.go", "taskhold/application",
			"main.go may not import taskhold/application",
		},
		{
			"every package has a row", "adapters/mail/mail.go", "net/smtp",
			"no row claims adapters/mail, the package of adapters/mail/mail.go",
		},
		{
			"a row does not reach below its package", "domain/task/recurring/rule.go", "time",
			"no row claims domain/task/recurring, the package of domain/task/recurring/rule.go",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := obedient()
			tree[c.file] = imports(c.imports)
			if got := mustInspect(t, tree); !slices.Equal(got, []string{c.finding}) {
				t.Errorf("got %q, want only %q", got, c.finding)
			}
		})
	}
	t.Run("every row has a package", func(t *testing.T) {
		tree := obedient()
		delete(tree, "migrations/code.go")
		if got, want := mustInspect(t, tree), []string{"the row migrations claims nothing"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestArchitectureLetsPass(t *testing.T) {
	for _, c := range []struct{ name, file, imports string }{
		{"a port may speak of a context", "ports/tasks.go", "context"},
		{"any test may use the whole standard library", "domain/task/task_test.go", "net/http"},
		{"a test may import the package it tests", "domain/fault/fault_test.go", "taskhold/domain/fault"},
		{"a module comes with all its packages", "adapters/gormstore/save.go", "gorm.io/gorm/clause"},
		{"a store's tests may run the store's contract", "adapters/memory/store_test.go", "taskhold/ports/storetest"},
		{"the tests of bootstrap may know everything", "bootstrap/app_test.go", "taskhold/adapters/postgres/postgrestest"},
		{"testdata is no code", "domain/task/testdata/x.go", "net/http"},
		{"packages of Node.js are not ours", "node_modules/flatted/golang/flatted.go", "net/http"},
		{"a dot hides a folder", ".cache/x.go", "net/http"},
		{"an underscore hides a folder", "_old/x.go", "net/http"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := obedient()
			tree[c.file] = imports(c.imports)
			if got := mustInspect(t, tree); len(got) > 0 {
				t.Errorf("got %q, want no finding", got)
			}
		})
	}
	t.Run("a module of its own keeps its own rules", func(t *testing.T) {
		tree := obedient()
		tree["bench/go.mod"] = &fstest.MapFile{Data: []byte("module taskhold/bench\n")}
		tree["bench/load/load.go"] = imports("net/http")
		if got := mustInspect(t, tree); len(got) > 0 {
			t.Errorf("got %q, want no finding", got)
		}
	})
}

// obedient is a tree with one file for each row, and no finding.
func obedient() fstest.MapFS {
	tree := fstest.MapFS{}
	for _, r := range table {
		tree[path.Join(r.pkg, "code.go")] = &fstest.MapFile{Data: []byte("package x\n")}
	}
	return tree
}

func imports(pkg string) *fstest.MapFile {
	return &fstest.MapFile{Data: fmt.Appendf(nil, "package x\n\nimport _ %q\n", pkg)}
}

func mustInspect(t *testing.T, tree fs.FS) []string {
	t.Helper()
	findings, err := inspect(tree, table)
	if err != nil {
		t.Fatal(err)
	}
	return findings
}
