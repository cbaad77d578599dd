// What no linter knows of the document: that it agrees with itself and with the pages beside it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";

const read = (path) => readFileSync(new URL(`../../adapters/httpapi/${path}`, import.meta.url), "utf8");
const document = parse(read("openapi.yaml"));
const pages = JSON.parse(read("site/problems.json"));
const { responses, schemas } = document.components;

const follow = (node) => (node.$ref ? node.$ref.slice(2).split("/").reduce((at, name) => at[name], document) : node);
const slug = (code) => code.toLowerCase().replaceAll("_", "-");

const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  ["get", "head", "put", "post", "patch", "delete"].filter((method) => item[method]).map((method) => ({ path, method, ...item[method] })));

const faults = Object.entries(responses).flatMap(([name, response]) => {
  const content = response.content?.["application/problem+json"];
  if (!content) return [];
  const { status, code } = content.schema.allOf[1].properties;
  const examples = content.example ? [content.example] : Object.values(content.examples).map((example) => example.value);
  return [{ name, status: status.const, codes: code.enum ?? [code.const], examples }];
});

test("every problem has a page and every page a problem", () => {
  assert.deepEqual(pages.map((page) => page.code).toSorted(), schemas.ProblemCode.enum.toSorted());
});

test("every page says what happened and what to do", () => {
  for (const page of pages) {
    assert.deepEqual(Object.keys(page), ["code", "status", "title", "happened", "do"]);
    for (const sentences of [page.happened, page.do]) assert.match(sentences, /^[^\s].*\.$/, page.code);
  }
});

test("every problem is the answer of some operation, with the status of its page", () => {
  const answered = new Map(faults.flatMap(({ status, codes }) => codes.map((code) => [code, status])));
  answered.set("METHOD_NOT_ALLOWED", 405); // the answer to what is no operation
  for (const page of pages) assert.equal(answered.get(page.code), page.status, page.code);
});

test("only what can change something is forbidden without an origin", () => {
  for (const { path, method, responses: answers } of operations) {
    assert.equal("403" in answers, ["put", "post", "patch", "delete"].includes(method), `${method} ${path}`);
  }
});

test("every example of a problem has the title, the status and the address of its page", () => {
  const mixed = responses.BatchMixed.content["application/json"].example.results.flatMap((one) => one.problem ?? []);
  for (const example of [...faults.flatMap((fault) => fault.examples), ...mixed]) {
    const page = pages.find((one) => one.code === example.code);
    assert.equal(example.title, page.title);
    assert.equal(example.status, page.status);
    assert.ok(example.type.endsWith(`/problems/${slug(page.code)}`), example.type);
  }
});

test("every status of a problem stands under its own number", () => {
  for (const { path, method, responses: answers } of operations) {
    for (const [status, response] of Object.entries(answers)) {
      const fault = faults.find(({ name }) => follow(response) === responses[name]);
      if (fault) assert.equal(String(fault.status), status, `${method} ${path}`);
    }
  }
});

test("an operation that needs a token says how it refuses one, and no other does", () => {
  for (const { path, method, security = document.security, responses: answers } of operations) {
    assert.equal("401" in answers, security.length > 0, `${method} ${path}`);
  }
});

test("every write can be retried under a key", () => {
  for (const { path, method, parameters = [] } of operations) {
    const keyed = parameters.some((one) => follow(one).name === "Idempotency-Key");
    assert.equal(keyed, ["put", "post", "patch", "delete"].includes(method), `${method} ${path}`);
  }
});

test("every reply names its request", () => {
  for (const [name, { headers }] of Object.entries(responses)) {
    for (const header of ["X-Request-Id", "Cache-Control"]) assert.ok(headers[header], `${name}: ${header}`);
  }
});

test("every object of a body is closed", () => {
  for (const [name, schema] of Object.entries(schemas)) {
    if (schema.type === "object") assert.equal(schema.additionalProperties, false, name);
  }
});

test("our pages load nothing from another host and run nothing inline", () => {
  for (const file of ["index.html", "problem.html", "init.js", "page.css"]) {
    const content = read(`site/${file}`);
    assert.doesNotMatch(content, /https?:\/\/|["'(]\/\//, file);
    assert.doesNotMatch(content, /<script(?![^>]* src=)|<style| style=| on[a-z]+=/, file);
  }
});
