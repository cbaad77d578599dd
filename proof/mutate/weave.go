package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// loom puts all mutants into one program. Each is a copy of the
// function that it breaks; what has the function's name chooses among them. A
// package's variables and constants are chosen once.
type loom struct {
	root      string
	files     []*file
	mutants   []mutant
	functions map[string]int  // numbered, those that have mutants
	fixed     map[string]bool // constants that cannot be variables
}

func newLoom(root string, files []*file, mutants []mutant) *loom {
	l := &loom{root: root, files: files, mutants: mutants, functions: map[string]int{}, fixed: map[string]bool{}}
	for _, m := range mutants {
		if _, known := l.functions[m.function()]; !known && inFunction(m) {
			l.functions[m.function()] = len(l.functions)
		}
	}
	return l
}

// woven reports whether a mutant can be part of the common program. One of a
// type, or of a number that counts others, cannot.
func (l *loom) woven(m mutant) bool {
	spec, ok := m.declared.(*ast.ValueSpec)
	if !ok {
		return inFunction(m)
	}
	return spec.Type == nil && len(spec.Names) == 1 && len(spec.Values) == 1 && !counts(spec.Values[0]) && !l.fixed[m.in]
}

// fix keeps constants that a text of the compiler's names, if there are any.
func (l *loom) fix(text []byte) bool {
	before := len(l.fixed)
	for _, m := range l.mutants {
		if !inFunction(m) && regexp.MustCompile(`\b`+regexp.QuoteMeta(m.in)+`\b`).Match(text) {
			l.fixed[m.in] = true
		}
	}
	return len(l.fixed) > before
}

func inFunction(m mutant) bool {
	_, ok := m.declared.(*ast.FuncDecl)
	return ok
}

func counts(value ast.Expr) (found bool) {
	ast.Inspect(value, func(n ast.Node) bool {
		name, ok := n.(*ast.Ident)
		found = found || ok && name.Name == "iota"
		return !found
	})
	return found
}

// weave returns the files that take the place of the package's own, by path.
func (l *loom) weave(live []mutant) map[string][]byte {
	by := map[ast.Node][]mutant{}
	for _, m := range live {
		if l.woven(m) {
			by[m.declared] = append(by[m.declared], m)
		}
	}
	variables := l.variables(by)
	laid := map[string][]byte{}
	for _, f := range l.files {
		laid[filepath.Join(l.root, path.Dir(f.path), "mutate__.go")] = l.chooser(f.tree.Name.Name)
		w := weaver{file: f, functions: l.functions}
		for _, d := range f.tree.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				w.function(d, by[d])
			case *ast.GenDecl:
				w.values(d, by, variables)
			}
		}
		laid[filepath.Join(l.root, f.path)] = w.done()
	}
	return laid
}

// spoilt is the file of one mutant, by its path.
func (l *loom) spoilt(m mutant) map[string][]byte {
	laid := map[string][]byte{}
	for _, f := range l.files {
		if f.path == m.file {
			laid[filepath.Join(l.root, f.path)] = slices.Concat(f.source[:m.from], []byte(m.text), f.source[m.to:])
		}
	}
	return laid
}

// variables are the constants that must become variables: they have mutants,
// or are made of such.
func (l *loom) variables(by map[ast.Node][]mutant) map[string]bool {
	found := map[string]bool{}
	for before := -1; before < len(found); {
		before = len(found)
		for _, f := range l.files {
			for _, d := range f.tree.Decls {
				if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.CONST {
					constants(f, g, by, found)
				}
			}
		}
	}
	return found
}

func constants(f *file, g *ast.GenDecl, by map[ast.Node][]mutant, found map[string]bool) {
	for _, s := range g.Specs {
		spec := s.(*ast.ValueSpec)
		variable := len(by[spec]) > 0
		for _, value := range spec.Values {
			ast.Inspect(value, func(n ast.Node) bool {
				name, ok := n.(*ast.Ident)
				variable = variable || ok && found[f.named(name)]
				return true
			})
		}
		if variable {
			found[f.named(spec.Names[0])] = true
		}
	}
}

// chooser is the file that reads which mutant is wanted, and notes in a file
// which functions are entered.
func (l *loom) chooser(pkg string) []byte {
	return fmt.Appendf(nil, `package %s

import ("os"; "strconv"; "sync/atomic")

var chosen__, _ = strconv.Atoi(os.Getenv("MUTATE_CHOSEN"))

var trace__ = func() *os.File {
	if f, err := os.OpenFile(os.Getenv("MUTATE_TRACE"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666); err == nil { return f }
	return nil
}()

var entered__ [%d]atomic.Bool

func enter__(function int) {
	if trace__ != nil && !entered__[function].Swap(true) { trace__.WriteString(strconv.Itoa(function) + "\n") }
}

type other__[T any] struct { id int; value T }

func or__[T any](id int, value T) other__[T] { return other__[T]{id, value} }

func pick__[T any](value T, others ...other__[T]) T {
	for _, o := range others { if o.id == chosen__ { return o.value } }
	return value
}
`, pkg, len(l.functions)+1)
}

// weaver rewrites one file. What it adds to it says by line directives of
// which mutant it is, so that the compiler does.
type weaver struct {
	*file
	functions map[string]int
	edits     []edit
	tail      strings.Builder
}

type edit struct {
	from, to int
	text     string
}

func (w *weaver) edit(from, to token.Pos, text string) {
	w.edits = append(w.edits, edit{w.offset(from), w.offset(to), text})
}

func (w *weaver) done() []byte {
	source := slices.Clone(w.source)
	slices.SortFunc(w.edits, func(a, b edit) int { return b.from - a.from })
	for _, e := range w.edits {
		source = slices.Concat(source[:e.from], []byte(e.text), source[e.to:])
	}
	return append(source, w.tail.String()...)
}

// broken is the text of n as a mutant has it.
func (w *weaver) broken(n ast.Node, m mutant) string {
	begin, text := w.offset(n.Pos()), w.textOf(n)
	return text[:m.from-begin] + m.text + text[m.to-begin:]
}

func directive(m mutant) string { return fmt.Sprintf("\n//line mutant%d.go:1\n", m.id) }

func (w *weaver) function(d *ast.FuncDecl, mutants []mutant) {
	if len(mutants) == 0 {
		return
	}
	w.edit(d.Name.Pos(), d.Name.End(), d.Name.Name+"__0")
	w.dispatch(d, mutants)
	name := w.offset(d.Name.Pos()) - w.offset(d.Pos())
	for _, m := range mutants {
		text := w.broken(d, m)
		w.tail.WriteString(directive(m) + text[:name] + fmt.Sprintf("%s__%d", d.Name.Name, m.id) + text[name+len(d.Name.Name):] + "\n")
	}
}

// dispatch adds the function that has the name and calls a copy.
func (w *weaver) dispatch(d *ast.FuncDecl, mutants []mutant) {
	callee, head := d.Name.Name+"__%d", "func "
	if d.Recv != nil {
		names, parameters := w.parameters(d.Recv)
		callee, head = names[0]+"."+callee, head+"("+parameters+") "
	}
	head += d.Name.Name
	if d.Type.TypeParams != nil {
		names, _ := w.parameters(d.Type.TypeParams)
		callee, head = callee+"["+strings.Join(names, ", ")+"]", head+w.textOf(d.Type.TypeParams)
	}
	names, parameters := w.parameters(d.Type.Params)
	call, end := callee+"("+strings.Join(names, ", ")+")", "; return"
	if d.Type.Results != nil {
		parameters, call, end = parameters+") ("+w.results(d.Type.Results), "return "+call, ""
	}
	fmt.Fprintf(&w.tail, "\n//line dispatch.go:1\n%s(%s) {\nenter__(%d)\nswitch chosen__ {\n", head, parameters, w.functions[mutants[0].function()])
	for _, m := range mutants {
		fmt.Fprintf(&w.tail, "case %d: "+call+end+"\n", m.id, m.id)
	}
	fmt.Fprintf(&w.tail, "default: "+call+end+"\n}\n}\n", 0)
}

// parameters returns the names of a list, also of what has none, as they are
// handed on and as they are declared.
func (w *weaver) parameters(list *ast.FieldList) (names []string, declared string) {
	var all []string
	add := func(name string, t ast.Expr) {
		if name == "" || name == "_" {
			name = fmt.Sprintf("unnamed%d__", len(all))
		}
		all = append(all, name+" "+w.textOf(t))
		if _, variadic := t.(*ast.Ellipsis); variadic {
			name += "..."
		}
		names = append(names, name)
	}
	for _, field := range list.List {
		for _, name := range field.Names {
			add(name.Name, field.Type)
		}
		if len(field.Names) == 0 {
			add("", field.Type)
		}
	}
	return names, strings.Join(all, ", ")
}

func (w *weaver) results(list *ast.FieldList) string {
	if list.Opening.IsValid() {
		return w.text(list.Opening+1, list.Closing)
	}
	return w.textOf(list)
}

// values lets a package's variables, and constants as variables, be picked.
func (w *weaver) values(g *ast.GenDecl, by map[ast.Node][]mutant, variables map[string]bool) {
	for _, s := range g.Specs {
		spec, ok := s.(*ast.ValueSpec)
		if !ok || len(by[spec]) == 0 && !(g.Tok == token.CONST && variables[w.named(spec.Names[0])]) {
			continue
		}
		value := spec.Values[0]
		text := "pick__(" + w.textOf(value)
		for _, m := range by[spec] {
			text += fmt.Sprintf(",%sor__(%d, %s)", directive(m), m.id, w.broken(value, m))
		}
		text += fmt.Sprintf(",\n//line %s:%d\n)", filepath.Base(w.path), w.fset.Position(value.End()).Line)
		text = "var " + w.text(spec.Pos(), value.Pos()) + text
		switch {
		case g.Tok == token.VAR:
			w.edit(spec.Pos(), value.End(), strings.TrimPrefix(text, "var "))
		case g.Lparen.IsValid():
			w.edit(spec.Pos(), value.End(), "); "+text+"; const (")
		default:
			w.edit(g.Pos(), value.End(), text)
		}
	}
}
