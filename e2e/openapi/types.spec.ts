// What a client in TypeScript may write with the types that are generated from the document. It is compiled, not run;
// each line under @ts-expect-error would be a mistake that the types must catch.
import type { components, operations } from "./api";

type Schemas = components["schemas"];

export const shortest: Schemas["NewTask"] = { title: "Buy milk" };

// @ts-expect-error a task needs a title
export const untitled: Schemas["NewTask"] = { priority: "high" };

// @ts-expect-error no such priority
export const urgent: Schemas["NewTask"] = { title: "Buy milk", priority: "urgent" };

export const nothing: Schemas["TaskPatch"] = {};

export const cleared: Schemas["TaskPatch"] = { due_date: null, due_at: "2026-12-31T22:00:00Z" };

// @ts-expect-error only a due can be null
export const nameless: Schemas["TaskPatch"] = { title: null };

export function sentBack(task: Schemas["Task"]): Schemas["TaskReplacement"] {
  return { ...task, completed: !task.completed };
}

// @ts-expect-error a replacement names every writable member
export const partial: Schemas["TaskReplacement"] = { title: "Buy milk" };

export const batch: Schemas["Batch"] = {
  operations: [
    { op: "create", task: shortest },
    { op: "patch", id: "01a2050f-04fb-774b-9c4e-5b1f0a7d3e62", if_match: '"3"', patch: cleared },
    { op: "delete", id: "01a1f805-f38f-7e08-8f3d-0c7be1a2945f" },
  ],
};

export function titles(result: Schemas["BatchResult"]): string[] {
  return result.results.map((one) => {
    if ("task" in one) return one.task.title;
    if ("problem" in one) return one.problem.code;
    return String(one.status satisfies 204);
  });
}

export function explain(problem: Schemas["Problem"]): string {
  switch (problem.code) {
    case "VALIDATION_FAILED":
      return (problem.errors ?? []).map((error) => `${error.pointer}: ${error.detail}`).join("\n");
    case "PRECONDITION_FAILED":
      return problem.current?.title ?? problem.detail;
    default:
      return problem.detail;
  }
}

type Stale = operations["patchTask"]["responses"][412]["content"]["application/problem+json"];

export function asItIs(problem: Stale): Schemas["Task"] {
  return problem.current;
}

export const filters: operations["listTasks"]["parameters"]["query"] = { completed: false, tag: ["home", "money"], sort: "-due", limit: 20 };

// @ts-expect-error no such order
export const unordered: operations["listTasks"]["parameters"]["query"] = { sort: "colour" };
