package httpapi

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"taskhold/adapters/httpapi/strictjson"
	"taskhold/domain/identity"
	"taskhold/domain/task"
	"taskhold/ports"
)

var (
	takesJSON  = []string{typeJSON}
	takesPatch = []string{typePatch, typeJSON}
	givesJSON  = []string{typeJSON, typeProblem}
)

// taskRoutes are the routes of a user's tasks.
func (s *Server) taskRoutes() []route {
	reading := func(path string, handle func(*exchange) error) route {
		return route{method: fiber.MethodGet, path: path, policy: ports.Reads, gives: givesJSON, handle: handle}
	}
	writing := func(method, path string, takes []string, handle func(*exchange) error) route {
		return route{method: method, path: path, policy: ports.Writes, limit: maxBody, takes: takes, gives: givesJSON, handle: handle}
	}
	batch := writing(fiber.MethodPost, "/v1/tasks/batch", takesJSON, runBatch)
	batch.limit = maxBatchBody
	return []route{
		reading("/v1/tasks", listTasks),
		writing(fiber.MethodPost, "/v1/tasks", takesJSON, createTask),
		batch,
		reading("/v1/tasks/:id", getTask),
		writing(fiber.MethodPut, "/v1/tasks/:id", takesJSON, replaceTask),
		writing(fiber.MethodPatch, "/v1/tasks/:id", takesPatch, patchTask),
		writing(fiber.MethodDelete, "/v1/tasks/:id", nil, deleteTask),
		writing(fiber.MethodPost, "/v1/tasks/:id/complete", nil, setTask(ports.Tasks.Complete)),
		writing(fiber.MethodPost, "/v1/tasks/:id/reopen", nil, setTask(ports.Tasks.Reopen)),
	}
}

func createTask(x *exchange) error {
	if err := x.unconditional(); err != nil {
		return err
	}
	document, err := x.document()
	if err != nil {
		return err
	}
	change, err := readChange(document, "")
	if err != nil {
		return err
	}
	return x.write(document, func(ctx context.Context, tasks ports.Tasks, out *reply) error {
		t, err := tasks.Create(ctx, x.user, change)
		if err != nil {
			return err
		}
		out.task(fiber.StatusCreated, t)
		out.location = x.link("/v1/tasks/" + t.ID().String())
		return nil
	})
}

func getTask(x *exchange) error {
	known, err := x.ifNoneMatch()
	if err != nil {
		return err
	}
	return x.answer(func(ctx context.Context, tasks ports.Tasks, out *reply) error {
		t, err := tasks.Get(ctx, x.user, x.taskID())
		switch {
		case err != nil:
			return err
		case known.names(etagOf(t.Version())):
			out.status, out.etag = fiber.StatusNotModified, etagOf(t.Version())
			x.refund()
		default:
			out.task(fiber.StatusOK, t)
		}
		return nil
	})
}

func replaceTask(x *exchange) error {
	return editTask(x, ports.Tasks.Replace, (*reply).replaced)
}

func patchTask(x *exchange) error {
	return editTask(x, ports.Tasks.Edit, func(out *reply, t task.Task) { out.task(fiber.StatusOK, t) })
}

// edit is the form of those methods of the port that change a task.
type edit func(ports.Tasks, context.Context, identity.UserID, task.ID, task.Match, task.Change) (task.Task, error)

func editTask(x *exchange, edit edit, render func(*reply, task.Task)) error {
	match, err := x.ifMatch()
	if err != nil {
		return err
	}
	document, err := x.document()
	if err != nil {
		return err
	}
	change, version, err := readEdit(document, "")
	if err != nil {
		return err
	}
	match, agree := both(match, version)
	if !agree {
		return unreadable("If-Match and version name different versions.", atPointer("/version", "is not among those of If-Match"))
	}
	return x.write(document, func(ctx context.Context, tasks ports.Tasks, out *reply) error {
		t, err := edit(tasks, ctx, x.user, x.taskID(), match, change)
		if err == nil {
			render(out, t)
		}
		return err
	})
}

func deleteTask(x *exchange) error {
	return bodiless(x, func(match task.Match) act {
		return func(ctx context.Context, tasks ports.Tasks, out *reply) error {
			out.status = fiber.StatusNoContent
			return tasks.Delete(ctx, x.user, x.taskID(), match)
		}
	})
}

// set is the form of the verbs of the port.
type set func(ports.Tasks, context.Context, identity.UserID, task.ID, task.Match) (task.Task, error)

func setTask(set set) func(*exchange) error {
	return func(x *exchange) error {
		return bodiless(x, func(match task.Match) act {
			return func(ctx context.Context, tasks ports.Tasks, out *reply) error {
				t, err := set(tasks, ctx, x.user, x.taskID(), match)
				if err == nil {
					out.task(fiber.StatusOK, t)
				}
				return err
			}
		})
	}
}

// bodiless carries out a write that has a condition and no body.
func bodiless(x *exchange, under func(task.Match) act) error {
	match, err := x.ifMatch()
	if err != nil {
		return err
	}
	if err := x.noBody(); err != nil {
		return err
	}
	return x.write(strictjson.Value{}, under(match))
}
