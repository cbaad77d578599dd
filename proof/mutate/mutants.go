package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// mutant is a program with one thing broken: the bytes of a file from one
// offset to another are replaced.
type mutant struct {
	id       int // from 1; 0 is the program as it is
	file     string
	in       string // the function, with its receiver's type, or what else is declared
	line     int
	from, to int
	text     string   // instead
	what     string   // was done, told apart from the same in the same function
	declared ast.Node // a FuncDecl or a Spec
}

// key names a mutant however the lines move.
func (m mutant) key() string { return m.file + " " + m.in + ": " + m.what }

// function tells the functions of all packages apart.
func (m mutant) function() string { return path.Dir(m.file) + "." + m.in }

func (m mutant) String() string { return fmt.Sprintf("%s:%d: %s: %s", m.file, m.line, m.in, m.what) }

// file is a source file of the package.
type file struct {
	path   string // relative to the root of the module
	fset   *token.FileSet
	source []byte
	tree   *ast.File
}

func (f *file) offset(p token.Pos) int { return f.fset.Position(p).Offset }

func (f *file) text(from, to token.Pos) string { return string(f.source[f.offset(from):f.offset(to)]) }

// named tells what is declared in one package from what is in another.
func (f *file) named(name *ast.Ident) string { return path.Dir(f.path) + "." + name.Name }

func (f *file) textOf(n ast.Node) string { return f.text(n.Pos(), n.End()) }

// filesOf returns the files of packages that are no tests.
func filesOf(root string, packages []string) ([]*file, error) {
	var all []*file
	for _, pkg := range packages {
		names, err := filepath.Glob(filepath.Join(root, pkg, "*.go"))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := read(name, path.Join(pkg, filepath.Base(name)))
			if err != nil {
				return nil, err
			}
			all = append(all, f)
		}
	}
	return all, nil
}

func read(name, path string) (f *file, err error) {
	f = &file{path: path, fset: token.NewFileSet()}
	if f.source, err = os.ReadFile(name); err != nil {
		return nil, err
	}
	f.tree, err = parser.ParseFile(f.fset, path, f.source, parser.SkipObjectResolution)
	return f, err
}

// mutantsOf returns the mutants of some files, numbered.
func mutantsOf(files []*file) []mutant {
	b, same := &breaker{}, map[string]int{}
	for _, f := range files {
		b.file = f
		for _, d := range f.tree.Decls {
			b.declaration(d)
		}
	}
	for i := range b.found {
		m := &b.found[i]
		m.id = i + 1
		same[m.key()]++
		if n := same[m.key()]; n > 1 {
			m.what += fmt.Sprintf(" (#%d)", n)
		}
	}
	return b.found
}

// breaker collects mutants.
type breaker struct {
	*file
	in       string
	declared ast.Node
	found    []mutant
}

func (b *breaker) declaration(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if b.in, b.declared = nameOf(d), d; d.Body != nil {
			b.inspect(d.Body)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.ValueSpec:
				b.in, b.declared = s.Names[0].Name, s
				b.inspect(s)
			case *ast.TypeSpec:
				b.in, b.declared = s.Name.Name, s
				b.inspect(s)
			}
		}
	}
}

// nameOf is the name of a function after that of its receiver's type.
func nameOf(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return d.Name.Name
	}
	x := d.Recv.List[0].Type
	for {
		switch t := x.(type) {
		case *ast.StarExpr:
			x = t.X
		case *ast.IndexExpr:
			x = t.X
		case *ast.IndexListExpr:
			x = t.X
		case *ast.Ident:
			return t.Name + "." + d.Name.Name
		}
	}
}

func (b *breaker) inspect(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		if field, ok := n.(*ast.Field); ok && field.Tag != nil {
			return false
		}
		b.node(n)
		return true
	})
}

// put adds the mutant that has text in place of what stands from one position
// to another.
func (b *breaker) put(from, to token.Pos, text, what string, args ...any) {
	b.found = append(b.found, mutant{
		file: b.path, in: b.in, line: b.fset.Position(from).Line, from: b.offset(from), to: b.offset(to),
		text: text, what: strings.Join(strings.Fields(fmt.Sprintf(what, args...)), " "), declared: b.declared,
	})
}

func (b *breaker) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		b.binary(n)
	case *ast.IfStmt:
		b.conditional(n)
	case *ast.CaseClause:
		b.caseClause(n)
	case *ast.BlockStmt:
		b.statements(n.List)
	case *ast.ReturnStmt:
		b.results(n.Results)
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			b.put(n.Pos(), n.X.Pos(), "", "drop !")
		}
	case *ast.BasicLit:
		b.literal(n)
	}
}

// swaps is what takes the place of an operator.
var swaps = map[token.Token][]token.Token{
	token.EQL: {token.NEQ}, token.NEQ: {token.EQL},
	token.LSS: {token.LEQ, token.GEQ}, token.LEQ: {token.LSS, token.GTR},
	token.GTR: {token.GEQ, token.LEQ}, token.GEQ: {token.GTR, token.LSS},
	token.ADD: {token.SUB}, token.SUB: {token.ADD}, token.MUL: {token.QUO}, token.QUO: {token.MUL}, token.REM: {token.MUL},
}

func (b *breaker) binary(n *ast.BinaryExpr) {
	if n.Op == token.LAND || n.Op == token.LOR {
		b.put(n.Pos(), n.End(), "("+b.textOf(n.X)+")", "drop %s %s", n.Op, b.textOf(n.Y))
		b.put(n.Pos(), n.End(), "("+b.textOf(n.Y)+")", "drop %s %s", b.textOf(n.X), n.Op)
		return
	}
	if isText(n.X) || isText(n.Y) {
		return
	}
	for _, op := range swaps[n.Op] {
		b.put(n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), op.String(), "%s instead of %s in %s", op, n.Op, b.textOf(n))
	}
}

// isText reports whether an expression is seen to be a string at once: of two
// strings the sum is all that compiles.
func isText(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.BasicLit:
		return x.Kind == token.STRING && x.Value != `""`
	case *ast.BinaryExpr:
		return x.Op == token.ADD && (isText(x.X) || isText(x.Y))
	}
	return false
}

// conditional negates a condition that no other mutant negates, and drops what
// is done only sometimes.
func (b *breaker) conditional(n *ast.IfStmt) {
	if compare, ok := n.Cond.(*ast.BinaryExpr); !ok || compare.Op == token.LAND || compare.Op == token.LOR {
		b.put(n.Cond.Pos(), n.Cond.End(), "!("+b.textOf(n.Cond)+")", "negate %s", b.textOf(n.Cond))
	}
	if n.Else == nil {
		b.put(n.Cond.Pos(), n.Cond.End(), "("+b.textOf(n.Cond)+") && len(\"\") > 0", "never when %s", b.textOf(n.Cond))
	}
}

func (b *breaker) caseClause(n *ast.CaseClause) {
	b.statements(n.Body)
	for _, x := range n.List {
		if _, compared := x.(*ast.BinaryExpr); compared {
			b.put(x.Pos(), x.End(), "("+b.textOf(x)+") && len(\"\") > 0", "never in case %s", b.textOf(x))
		}
	}
}

// statements drops one at a time of those without which the rest compiles.
func (b *breaker) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.ExprStmt, *ast.IncDecStmt, *ast.DeferStmt:
			b.drop(s)
		case *ast.AssignStmt:
			if s.Tok != token.DEFINE {
				b.drop(s)
			}
		}
	}
}

func (b *breaker) drop(s ast.Stmt) {
	b.put(s.Pos(), s.End(), "{}", "drop %s", b.textOf(s))
}

func (b *breaker) results(list []ast.Expr) {
	for _, x := range list {
		if name, ok := x.(*ast.Ident); ok {
			switch name.Name {
			case "true":
				b.put(x.Pos(), x.End(), "false", "return false")
			case "false":
				b.put(x.Pos(), x.End(), "true", "return true")
			case "err":
				b.put(x.Pos(), x.End(), "nil", "return no error")
			}
		}
	}
}

var (
	looksLikeSQL = regexp.MustCompile(`\b(SELECT|INSERT|UPDATE|DELETE|WHERE|AND|OR|ORDER|NULLS|COUNT|ASC|DESC|IS|IN)\b|[a-z_]+ ?[<>=]+ ?\?| [<>] `)
	sqlSwaps     = []struct {
		find *regexp.Regexp
		puts []string
	}{
		{regexp.MustCompile(`\buser_id = \?`), []string{"(user_id = ? OR 1 = 1)"}},
		{regexp.MustCompile(` = `), []string{" <> "}},
		{regexp.MustCompile(` < `), []string{" <= ", " > "}},
		{regexp.MustCompile(` > `), []string{" >= ", " < "}},
		{regexp.MustCompile(` <= `), []string{" < "}},
		{regexp.MustCompile(` >= `), []string{" > "}},
		{regexp.MustCompile(` AND `), []string{" OR "}},
		{regexp.MustCompile(` OR `), []string{" AND "}},
		{regexp.MustCompile(` NOT NULL`), []string{" NULL"}},
		{regexp.MustCompile(`IS NULL`), []string{"IS NOT NULL"}},
		{regexp.MustCompile(` NULLS LAST`), []string{" NULLS FIRST"}},
		{regexp.MustCompile(` DESC`), []string{" ASC"}},
		{regexp.MustCompile(` ASC`), []string{" DESC"}},
		{regexp.MustCompile(` \+ 1`), []string{"", " + 2"}},
		{regexp.MustCompile(` - 1`), []string{""}},
		{regexp.MustCompile(` AND [a-z_.]+ (IS NOT NULL|IS NULL)`), []string{""}},
		{regexp.MustCompile(` LIMIT \?`), []string{" LIMIT ? + 1"}},
	}
)

func (b *breaker) literal(n *ast.BasicLit) {
	switch {
	case n.Kind == token.INT:
		if value, err := strconv.ParseInt(n.Value, 0, 64); err == nil {
			b.put(n.Pos(), n.End(), strconv.FormatInt(value+1, 10), "%d instead of %s", value+1, n.Value)
		}
	case n.Kind == token.STRING && looksLikeSQL.MatchString(n.Value):
		b.sql(n)
	}
}

func (b *breaker) sql(n *ast.BasicLit) {
	for _, swap := range sqlSwaps {
		for _, at := range swap.find.FindAllStringIndex(n.Value, -1) {
			for _, text := range swap.puts {
				from := n.Pos() + token.Pos(at[0])
				b.put(from, n.Pos()+token.Pos(at[1]), text, "SQL %q instead of %q", text, n.Value[at[0]:at[1]])
			}
		}
	}
}
