// Drives every operation of /v1 with a client whose types come from the OpenAPI document: where the two disagree it
// does not compile, and where the server disagrees with them it fails. BASE_URL is a running server, TOKEN an access
// token of a user without tasks.
import assert from "node:assert/strict";
import { test } from "node:test";
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "../build/api.js";

type Task = components["schemas"]["Task"];

const { BASE_URL, TOKEN } = process.env;
assert.ok(BASE_URL && TOKEN, "set BASE_URL and TOKEN");

const used = new Set<string>();
const noting: Middleware = {
  onRequest({ request, schemaPath }) {
    used.add(`${request.method} ${schemaPath}`);
  },
};
const api = createClient<paths>({ baseUrl: BASE_URL, headers: { Authorization: `Bearer ${TOKEN}` } });
api.use(noting);

interface Reply<Data, Fault> {
  data?: Data;
  error?: Fault;
  response: Response;
}

/** The body of a reply that has to be a success. */
function body<Data>({ data, error, response }: Reply<Data, unknown>, status: number): NonNullable<Data> {
  assert.equal(response.status, status, JSON.stringify(error));
  assert.ok(data);
  return data;
}

/** The problem of a reply that has to be none. */
function problem<Fault>({ error, response }: Reply<unknown, Fault>, status: number): NonNullable<Fault> {
  assert.equal(response.status, status);
  assert.ok(error);
  return error;
}

const newKey = () => ({ "Idempotency-Key": crypto.randomUUID() });

async function create(task: components["schemas"]["NewTask"]): Promise<Task> {
  return body(await api.POST("/v1/tasks", { body: task, params: { header: newKey() } }), 201);
}

const at = (task: Task) => ({ path: { id: task.id } });

test("the limits are data", async () => {
  const limits = body(await api.GET("/v1/limits"), 200);
  assert.equal(limits.task.title_max, 200);
  assert.equal(limits.page.limit_max, 200);
});

test("a user without tasks has an empty list", async () => {
  const page = body(await api.GET("/v1/tasks"), 200);
  assert.deepEqual(page, { items: [], next_cursor: null, limit: 50 });
});

test("a task is created as it was sent, and its Location leads to it", async () => {
  const sent = { title: "File the tax return", priority: "high", due_date: "2026-12-31", tags: ["home", "money"] } as const;
  const reply = await api.POST("/v1/tasks", { body: { ...sent, tags: [...sent.tags] }, params: { header: newKey() } });
  const task = body(reply, 201);
  assert.deepEqual({ title: task.title, priority: task.priority, due_date: task.due_date, tags: task.tags }, sent);
  assert.equal(reply.response.headers.get("ETag"), `"${task.version}"`);
  const location = new URL(reply.response.headers.get("Location") ?? "", BASE_URL);
  assert.equal(location.pathname, `/v1/tasks/${task.id}`);
  assert.deepEqual(body(await api.GET("/v1/tasks/{id}", { params: at(task) }), 200), task);
});

test("a retry with the same key makes no second task", async () => {
  const request = { body: { title: "Only once" }, params: { header: newKey() } };
  const first = await api.POST("/v1/tasks", request);
  const again = await api.POST("/v1/tasks", request);
  assert.deepEqual(body(again, 201), body(first, 201));
  assert.equal(first.response.headers.get("Idempotent-Replayed"), null);
  assert.equal(again.response.headers.get("Idempotent-Replayed"), "true");
  const found = body(await api.GET("/v1/tasks", { params: { query: { q: "only ONCE" } } }), 200);
  assert.equal(found.items.length, 1);
  const other = await api.POST("/v1/tasks", { ...request, body: { title: "Another" } });
  assert.equal(problem(other, 422).code, "IDEMPOTENCY_KEY_REUSED");
});

test("every broken rule of a body is named at once", async () => {
  const reply = await api.POST("/v1/tasks", { body: { title: " ", tags: ["a", "a"] }, params: { header: newKey() } });
  const fault = problem(reply, 422);
  assert.equal(fault.code, "VALIDATION_FAILED");
  const broken = fault.errors?.map((rule) => [rule.pointer, rule.code]);
  assert.deepEqual(broken?.sort(), [["/tags/1", "DUPLICATE"], ["/title", "BLANK"]]);
});

test("paging shows every task exactly once, newest first", async () => {
  const operations = Array.from({ length: 23 }, (_, i) => ({
    op: "create" as const, task: { title: `Page ${i}`, tags: ["paging"] },
  }));
  body(await api.POST("/v1/tasks/batch", { body: { operations }, params: { header: newKey() } }), 200);
  const query = { tag: ["paging"], limit: 5 };
  const first = body(await api.GET("/v1/tasks", { params: { query, header: { Prefer: "count=exact" } } }), 200);
  assert.equal(first.total, 23);
  const sizes = [first.items.length];
  const titles = first.items.map((task) => task.title);
  for (let cursor = first.next_cursor; cursor !== null; ) {
    const page = body(await api.GET("/v1/tasks", { params: { query: { ...query, cursor } } }), 200);
    sizes.push(page.items.length);
    titles.push(...page.items.map((task) => task.title));
    cursor = page.next_cursor;
  }
  assert.deepEqual(sizes, [5, 5, 5, 5, 3]);
  assert.deepEqual(titles, operations.map(({ task }) => task.title).reverse());
});

test("a list is filtered and sorted", async () => {
  await create({ title: "Sorted B", priority: "low", due_date: "2027-03-02", tags: ["sorted"] });
  await create({ title: "Sorted a", priority: "high", due_at: "2027-03-01T23:30:00Z", tags: ["sorted", "late"] });
  const done = await create({ title: "Sorted c", completed: true, tags: ["sorted"] });
  const titles = async (query: NonNullable<paths["/v1/tasks"]["get"]["parameters"]["query"]>) => {
    const page = body(await api.GET("/v1/tasks", { params: { query: { tag: ["sorted"], ...query } } }), 200);
    return page.items.map((task) => task.title);
  };
  assert.deepEqual(await titles({ sort: "title" }), ["Sorted a", "Sorted B", "Sorted c"]);
  assert.deepEqual(await titles({ sort: "-priority" }), ["Sorted a", "Sorted B", "Sorted c"]);
  assert.deepEqual(await titles({ sort: "due", completed: false }), ["Sorted a", "Sorted B"]);
  assert.deepEqual(await titles({ priority: ["low", "none"], sort: "-title" }), ["Sorted c", "Sorted B"]);
  assert.deepEqual(await titles({ tag: ["sorted", "late"] }), ["Sorted a"]);
  assert.deepEqual(await titles({ due_from: "2027-03-02", due_to: "2027-03-02", tz: "Europe/Berlin", sort: "title" }), ["Sorted a", "Sorted B"]);
  assert.deepEqual(await titles({ updated_since: done.updated_at }), ["Sorted c"]);
});

test("a task that has not changed is not sent again", async () => {
  const task = await create({ title: "Cached" });
  const cached = { ...at(task), header: { "If-None-Match": `"${task.version}"` } };
  assert.equal((await api.GET("/v1/tasks/{id}", { params: cached })).response.status, 304);
  assert.equal((await api.HEAD("/v1/tasks/{id}", { params: cached })).response.status, 304);
  const head = await api.HEAD("/v1/tasks/{id}", { params: at(task) });
  assert.equal(head.response.status, 200);
  assert.equal(head.response.headers.get("ETag"), `"${task.version}"`);
});

test("a patch changes what it names, in either media type", async () => {
  const task = await create({ title: "Patched", due_date: "2026-12-31", tags: ["kept"] });
  const patch = { due_date: null, due_at: "2026-12-31T23:00:00+01:00" };
  const merge = { "Content-Type": "application/merge-patch+json" };
  const changed = body(await api.PATCH("/v1/tasks/{id}", { params: at(task), body: patch, headers: merge }), 200);
  assert.deepEqual(changed, { ...task, due_date: null, due_at: "2026-12-31T22:00:00.000000Z", version: 2, updated_at: changed.updated_at });
  const again = body(await api.PATCH("/v1/tasks/{id}", { params: at(task), body: { priority: "low" } }), 200);
  assert.deepEqual(again, { ...changed, priority: "low", version: 3, updated_at: again.updated_at });
});

test("whoever comes second is told what the task is now", async () => {
  const task = await create({ title: "Contested" });
  const ifMatch = { ...at(task), header: { "If-Match": `"${task.version}"` } };
  const winner = body(await api.PATCH("/v1/tasks/{id}", { params: ifMatch, body: { title: "Won" } }), 200);
  const loser = problem(await api.PATCH("/v1/tasks/{id}", { params: ifMatch, body: { title: "Lost" } }), 412);
  assert.equal(loser.code, "PRECONDITION_FAILED");
  assert.deepEqual(loser.current, winner);
  for (const reply of [
    await api.PUT("/v1/tasks/{id}", { params: at(task), body: { ...task, title: "Lost by its version" } }),
    await api.POST("/v1/tasks/{id}/complete", { params: ifMatch }),
    await api.DELETE("/v1/tasks/{id}", { params: ifMatch }),
  ]) assert.deepEqual(problem(reply, 412).current, winner);
});

test("what GET gave can be put back with a member changed", async () => {
  const task = await create({ title: "Put back", description: "Line one\nline two" });
  const reply = await api.PUT("/v1/tasks/{id}", { params: at(task), body: { ...task, description: "" } });
  const replaced = body(reply, 200);
  assert.deepEqual(replaced, { ...task, description: "", version: 2, updated_at: replaced.updated_at });
  assert.equal(reply.response.headers.get("ETag"), null);
});

test("a task is completed and reopened, and a repetition changes nothing", async () => {
  const task = await create({ title: "Done and undone" });
  const done = body(await api.POST("/v1/tasks/{id}/complete", { params: at(task) }), 200);
  assert.equal(done.completed, true);
  assert.notEqual(done.completed_at, null);
  assert.deepEqual(body(await api.POST("/v1/tasks/{id}/complete", { params: at(task) }), 200), done);
  const open = body(await api.POST("/v1/tasks/{id}/reopen", { params: at(task) }), 200);
  assert.deepEqual(open, { ...task, version: 3, updated_at: open.updated_at });
  assert.deepEqual(body(await api.POST("/v1/tasks/{id}/reopen", { params: at(task) }), 200), open);
});

test("an atomic batch is carried out whole or not at all", async () => {
  const task = await create({ title: "In a batch" });
  const gone = await create({ title: "To be deleted" });
  const request = (ifMatch: string) => ({
    body: {
      operations: [
        { op: "create" as const, task: { title: "Made by a batch", tags: ["batch"] } },
        { op: "patch" as const, id: task.id, if_match: ifMatch, patch: { completed: true } },
        { op: "delete" as const, id: gone.id },
      ],
    },
    params: { header: newKey() },
  });
  const failed = problem(await api.POST("/v1/tasks/batch", request('"7"')), 412);
  assert.equal(failed.index, 1);
  assert.deepEqual(failed.current, task);
  const made = async () => body(await api.GET("/v1/tasks", { params: { query: { tag: ["batch"] } } }), 200).items.length;
  assert.equal(await made(), 0);
  const { results } = body(await api.POST("/v1/tasks/batch", request('"1"')), 200);
  assert.deepEqual(results.map(({ status }) => status), [201, 200, 204]);
  assert.equal(await made(), 1);
  const [, patched] = results;
  assert.ok(patched && "task" in patched);
  assert.equal(patched.task.completed, true);
});

test("in another batch each operation stands by itself", async () => {
  const gone = await create({ title: "Already gone" });
  await api.DELETE("/v1/tasks/{id}", { params: at(gone) });
  const operations = [
    { op: "delete" as const, id: gone.id },
    { op: "create" as const, task: { title: "Made all the same" } },
  ];
  const { results } = body(await api.POST("/v1/tasks/batch", { body: { atomic: false, operations }, params: { header: newKey() } }), 207);
  const [missing, created] = results;
  assert.ok(missing && "problem" in missing && missing.problem.code === "NOT_FOUND");
  assert.ok(created && "task" in created && created.task.title === "Made all the same");
});

test("a deletion is for good, and a retry of it is told the same", async () => {
  const task = await create({ title: "Deleted" });
  const request = { params: { ...at(task), header: newKey() } };
  assert.equal((await api.DELETE("/v1/tasks/{id}", request)).response.status, 204);
  const again = await api.DELETE("/v1/tasks/{id}", request);
  assert.equal(again.response.status, 204);
  assert.equal(again.response.headers.get("Idempotent-Replayed"), "true");
  assert.equal(problem(await api.DELETE("/v1/tasks/{id}", { params: at(task) }), 404).code, "NOT_FOUND");
  assert.equal(problem(await api.GET("/v1/tasks/{id}", { params: at(task) }), 404).code, "NOT_FOUND");
});

test("every operation of /v1 was driven", async () => {
  const document = (await (await fetch(new URL("/openapi.json", BASE_URL))).json()) as { paths: Record<string, object> };
  const methods = ["get", "head", "put", "post", "patch", "delete"];
  const all = Object.entries(document.paths)
    .filter(([path]) => path.startsWith("/v1/"))
    .flatMap(([path, item]) => methods.filter((method) => method in item).map((method) => `${method.toUpperCase()} ${path}`));
  assert.ok(all.length >= 11, all.join(", "));
  assert.deepEqual([...used].sort(), all.sort());
});
