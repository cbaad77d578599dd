package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// workshop builds programs with files laid over those of the work tree.
type workshop struct{ root, dir string }

// overlay writes files and what tells the go command to take them.
func (w *workshop) overlay(name string, laid map[string][]byte) (string, error) {
	folder := filepath.Join(w.dir, name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	replace, i := map[string]string{}, 0
	for path, source := range laid {
		i++
		file := filepath.Join(folder, strconv.Itoa(i)+"-"+filepath.Base(path))
		if err := os.WriteFile(file, source, 0o600); err != nil {
			return "", err
		}
		replace[path] = file
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	overlay := filepath.Join(folder, "overlay.json")
	if err := errors.Join(err, os.WriteFile(overlay, text, 0o600)); err != nil {
		return "", fmt.Errorf("write the overlay: %w", err)
	}
	return overlay, nil
}

var namesMutant = regexp.MustCompile(`\bmutant(\d+)\.go:\d+`)

// settle returns the mutants that do not compile.
func (w *workshop) settle(ctx context.Context, packages []string, l *loom) (unviable map[int]bool, err error) {
	unviable = map[int]bool{}
	for {
		live := slices.DeleteFunc(slices.Clone(l.mutants), func(m mutant) bool { return unviable[m.id] })
		overlay, err := w.overlay("settled", l.weave(live))
		if err != nil {
			return nil, err
		}
		out, err := w.goes(ctx, ".", slices.Concat([]string{"build", "-gcflags=-e", "-overlay", overlay}, packages)...)
		if err == nil {
			return unviable, nil
		}
		named := namesMutant.FindAllSubmatch(out, -1)
		if named == nil && !l.fix(out) {
			return nil, fmt.Errorf("build the mutants: %w\n%s", err, out)
		}
		for _, n := range named {
			id, _ := strconv.Atoi(string(n[1]))
			unviable[id] = true
		}
	}
}

// link builds the tests of a package, which may be of the module of the proofs.
func (w *workshop) link(ctx context.Context, overlay, pkg string) (*binary, error) {
	module, path := ".", "./"+pkg
	if rest, ok := strings.CutPrefix(pkg, "proof/"); ok {
		module, path = "proof", "./"+rest
	}
	b := &binary{pkg: pkg, dir: filepath.Join(w.root, pkg), program: filepath.Join(filepath.Dir(overlay), strings.ReplaceAll(pkg, "/", "-")+".test")}
	if out, err := w.goes(ctx, module, "test", "-c", "-vet=off", "-overlay", overlay, "-o", b.program, path); err != nil {
		return nil, fmt.Errorf("build the tests of %s: %w\n%s", pkg, err, out)
	}
	if exec.CommandContext(ctx, b.program, noFailFile, "-test.list=^$").Run() == nil {
		b.flags = []string{noFailFile}
	}
	return b, nil
}

// noFailFile keeps rapid, where a package uses it, from leaving a file beside
// the tests for each mutant that it finds out.
const noFailFile = "-rapid.nofailfile"

// goes runs the go command in a module.
func (w *workshop) goes(ctx context.Context, module string, args ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir = filepath.Join(w.root, module)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	err := command.Run()
	return out.Bytes(), err
}
