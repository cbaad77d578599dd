package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	namedTests = regexp.MustCompile("`((?:Test|Benchmark)[A-Z][A-Za-z0-9]*)(?:/([^`]+))?`")
	testFuncs  = regexp.MustCompile(`(?m)^func ((?:Test|Benchmark)[A-Z]\w*)\(`)
)

// testFiles are the sources of all tests, of every module, by the name of each
// test.
func testFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git"):
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		for _, found := range testFuncs.FindAllStringSubmatch(string(text), -1) {
			files[found[1]] = string(text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestDocumentsNameTestsThatThereAre keeps what the documents say is shown by a
// test from outliving the test, or its row.
func TestDocumentsNameTestsThatThereAre(t *testing.T) {
	files := testFiles(t)
	documents, err := filepath.Glob("docs/*.md")
	if err != nil || len(documents) == 0 {
		t.Fatalf("there are no documents: %v", err)
	}
	named := 0
	for _, document := range documents {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range namedTests.FindAllStringSubmatch(string(text), -1) {
			named++
			source, there := files[found[1]]
			if row := strings.ReplaceAll(found[2], "_", " "); !there || !strings.Contains(source, `"`+row) {
				t.Errorf("%s names %s, which is not there", document, found[0])
			}
		}
	}
	if named < 20 {
		t.Errorf("the documents name %d tests", named)
	}
}

// TestDocumentsNameTheBetterAuthThatIsTested keeps the version that the tests
// install in step with the one that the page speaks of.
func TestDocumentsNameTheBetterAuthThatIsTested(t *testing.T) {
	lock, err := os.ReadFile("e2e/authserver/package.json")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`"better-auth": "([^"]+)"`).FindSubmatch(lock)
	page, err := os.ReadFile("docs/better-auth.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(version) < 2 || !strings.Contains(string(page), "a real Better Auth, version "+string(version[1])+",") {
		t.Errorf("docs/better-auth.md does not say that %s is tested", version)
	}
}
