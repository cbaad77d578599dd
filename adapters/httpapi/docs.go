package httpapi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"html/template"
	"io"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// policy lets a page have what this server sent, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const typeHTML = "text/html; charset=utf-8"

// file is a file that is served as it is.
type file struct {
	kind    string // media type
	plain   []byte
	gzipped []byte // nil if it is kept plain
	etag    string // of the parts of a page, which are large and change with the program alone
}

// documents are the files by their paths: the document, and the page to read
// it with all that the page needs.
func documents(front bool) (map[string]file, error) {
	found := map[string]file{}
	var errs []error
	add := func(path, name, kind string, cached bool) {
		f, err := readFile(name, kind)
		if cached {
			sum := sha256.Sum256(f.plain)
			f.etag = `W/"` + hex.EncodeToString(sum[:16]) + `"` // weak: the same for both codings
		}
		found[path], errs = f, append(errs, err)
	}
	add("/openapi.yaml", "openapi.yaml", "application/yaml", false)
	add("/openapi.json", "openapi.json", typeJSON, false)
	add("/docs/init.js", "site/init.js", "text/javascript; charset=utf-8", true)
	add("/docs/page.css", "site/page.css", "text/css; charset=utf-8", true)
	add("/docs/swagger-ui-bundle.js", "site/swagger-ui/swagger-ui-bundle.js.gz", "text/javascript; charset=utf-8", true)
	add("/docs/swagger-ui.css", "site/swagger-ui/swagger-ui.css.gz", "text/css; charset=utf-8", true)
	page, err := render("site/index.html", struct{ Front bool }{front})
	found["/docs"] = page
	return found, errors.Join(append(errs, err)...)
}

// render makes a page of a template.
func render(name string, data any) (file, error) {
	page, err := template.ParseFS(files, name)
	if err != nil {
		return file{}, err
	}
	var text bytes.Buffer
	err = page.Execute(&text, data)
	return file{kind: typeHTML, plain: text.Bytes()}, err
}

func readFile(name, kind string) (file, error) {
	content, err := files.ReadFile(name)
	if err != nil || !strings.HasSuffix(name, ".gz") {
		return file{kind: kind, plain: content}, err
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return file{}, err
	}
	plain, err := io.ReadAll(unzipped)
	return file{kind: kind, plain: plain, gzipped: content}, err
}

// problemPages are the pages that the types of problems point to, by slug.
func problemPages() (map[string]file, error) {
	pages := map[string]file{}
	for _, kind := range catalogue {
		page, err := render("site/problem.html", kind)
		if err != nil {
			return nil, err
		}
		pages[kind.slug()] = page
	}
	return pages, nil
}

// docsRoutes are the routes of all that explains the service.
func docsRoutes(front bool) ([]route, error) {
	files, err := documents(front)
	pages, pagesErr := problemPages()
	if err := errors.Join(err, pagesErr); err != nil {
		return nil, err
	}
	routes := []route{open("/problems/:slug", func(x *exchange) error {
		page, ok := pages[x.param]
		if !ok {
			return refuse(codeNotFound, "There is no such problem.")
		}
		return x.sendFile(page)
	})}
	for path, f := range files {
		routes = append(routes, open(path, func(x *exchange) error { return x.sendFile(f) }))
	}
	return routes, nil
}

func (x *exchange) sendFile(f file) error {
	header := &x.http.Response.Header
	header.Set(fiber.HeaderContentSecurityPolicy, policy)
	header.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	known, err := x.ifNoneMatch()
	switch {
	case err != nil:
		return err
	case f.etag != "" && known.names(f.etag):
		x.send(reply{status: fiber.StatusNotModified, etag: f.etag})
		return nil
	}
	content := f.plain
	if f.gzipped != nil {
		header.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	}
	if f.gzipped != nil && x.http.Request.Header.HasAcceptEncoding("gzip") {
		header.Set(fiber.HeaderContentEncoding, "gzip")
		content = f.gzipped
	}
	x.send(reply{status: fiber.StatusOK, kind: f.kind, etag: f.etag, body: append(x.buffer(), content...)})
	return nil
}
