package httpapi

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"taskhold/adapters/httpapi/strictjson"
	"taskhold/domain/task"
	"taskhold/ports"
)

const headerTotal = "X-Total-Count"

// addFront registers what is asked under /api. The first path that matches
// counts: what cannot be a user's id comes before the user's ids.
func (s *Server) addFront() error {
	documents, err := frontDocuments()
	s.add(documents)
	for _, base := range bases {
		s.add(frontRoutes(base))
	}
	for _, name := range reserved {
		s.app.All("/api/"+name+"/tasks/*", func(*fiber.Ctx) error { return fiber.ErrNotFound }) // without the slash too
	}
	s.add(frontRoutes(userBase))
	return err
}

// frontDocuments are the routes of the document that describes this door.
func frontDocuments() ([]route, error) {
	yaml, yamlErr := readFile("openapi-api.yaml", "application/yaml")
	json, jsonErr := readFile("openapi-api.json", typeJSON)
	return []route{
		open("/openapi-api.yaml", func(x *exchange) error { return x.sendFile(yaml) }),
		open("/openapi-api.json", func(x *exchange) error { return x.sendFile(json) }),
	}, errors.Join(yamlErr, jsonErr)
}

func frontRoutes(base string) []route {
	var routes []route
	for _, slash := range []string{"", "/"} {
		for _, r := range requests {
			one := route{method: r.method, path: base + r.below + slash, gives: takesJSON, handle: r.handle, policy: ports.Reads}
			if r.method != fiber.MethodGet {
				one.policy, one.limit = ports.Writes, maxBody
			}
			if r.method != fiber.MethodGet && r.method != fiber.MethodDelete {
				one.takes = takesJSON
			}
			routes = append(routes, one)
		}
	}
	return routes
}

// isFront reports whether an address is one of front ends, be there something
// or not.
func isFront(path []byte) bool { return bytes.HasPrefix(path, []byte("/api/")) }

func listForFront(x *exchange) error {
	values, _ := url.ParseQuery(string(x.http.URI().QueryString())) // what is malformed is left out
	query := readFrontQuery(values)
	return x.answer(x.own(func(ctx context.Context, tasks ports.Tasks, out *reply) error {
		page, err := tasks.List(ctx, x.user, query)
		if err != nil {
			return err
		}
		size := sizeOf(page.Tasks)
		if err := x.bear(size); err != nil {
			return err
		}
		x.http.Response.Header.Set(headerTotal, strconv.Itoa(page.Total))
		out.status, out.body = fiber.StatusOK, x.dialect.appendList(slices.Grow(out.body, size), page, query)
		return nil
	}))
}

func createForFront(x *exchange) error {
	if err := x.unconditional(); err != nil {
		return err
	}
	document, err := x.document()
	if err != nil {
		return err
	}
	change := readRevision(document)
	return x.write(document, x.own(func(ctx context.Context, tasks ports.Tasks, out *reply) error {
		t, err := tasks.Create(ctx, x.user, change(task.Snapshot{}))
		if err != nil {
			return err
		}
		x.show(out, fiber.StatusCreated, t)
		out.location = x.link(strings.TrimSuffix(x.path, "/") + "/" + t.ID().String())
		return nil
	}))
}

func getForFront(x *exchange) error {
	return x.answer(x.own(func(ctx context.Context, tasks ports.Tasks, out *reply) error {
		t, err := tasks.Get(ctx, x.user, x.taskID())
		if err == nil {
			x.show(out, fiber.StatusOK, t)
		}
		return err
	}))
}

// revise changes a task by what a body says.
func revise(read func(strictjson.Value) revision) func(*exchange) error {
	return func(x *exchange) error {
		match, err := x.ifMatch()
		if err != nil {
			return err
		}
		document, err := x.document()
		if err != nil {
			return err
		}
		change := read(document)
		return x.write(document, x.own(func(ctx context.Context, tasks ports.Tasks, out *reply) error {
			t, err := tasks.Revise(ctx, x.user, x.taskID(), match, change)
			if err == nil {
				x.show(out, fiber.StatusOK, t)
			}
			return err
		}))
	}
}

// reviseOrNothing takes no body for an empty one.
func reviseOrNothing(read func(strictjson.Value) revision) func(*exchange) error {
	withBody := revise(read)
	return func(x *exchange) error {
		if len(x.body) == 0 {
			x.body = []byte("{}")
		}
		return withBody(x)
	}
}

func deleteForFront(x *exchange) error {
	match, err := x.ifMatch()
	if err != nil {
		return err
	}
	return x.write(strictjson.Value{}, x.own(func(ctx context.Context, tasks ports.Tasks, out *reply) error {
		out.status, out.body = x.dialect.deleted.status, append(out.body, x.dialect.deleted.body...)
		return tasks.Delete(ctx, x.user, x.taskID(), match)
	}))
}

// show answers with a task. It has no validator: the same version looks
// another way in another dialect.
func (x *exchange) show(out *reply, status int, t task.Task) {
	out.status, out.body = status, x.dialect.appendTask(out.body, t.Snapshot())
}

// own makes an act one that finds nothing if the address names another user
// than the token does.
func (x *exchange) own(do act) act {
	return func(ctx context.Context, tasks ports.Tasks, out *reply) error {
		if name, err := url.PathUnescape(x.owner); x.owner != "" && (err != nil || name != x.user.String()) {
			return task.ErrNotFound
		}
		return do(ctx, tasks, out)
	}
}
