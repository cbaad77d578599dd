// Reads and tries the /docs page in a browser, as a front-end developer would.
// BASE_URL is a running server, TOKEN an access token that it takes, CHROMIUM the browser.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const base = new URL(process.env.BASE_URL ?? "http://127.0.0.1:8000").origin;
const token = process.env.TOKEN;
assert.ok(token, "set TOKEN to an access token");

const quiet = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const complaints = []; // of the browser: scripts that failed, and what the content security policy stopped
const strangers = []; // requests to other hosts
let browser;
let page;

before(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: quiet });
  page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith("http") && url.origin !== base) strangers.push(request.url());
  });
});

after(() => browser?.close());

const operation = (id) => page.locator(`.opblock[id$="-${id}"]`);

async function open(id) {
  await operation(id).locator(".opblock-summary-control").click();
  return operation(id);
}

async function execute(block) {
  await block.getByRole("button", { name: "Execute", exact: true }).click();
  const live = block.locator(".live-responses-table");
  await live.waitFor();
  return { status: (await live.locator(".response-col_status").nth(1).innerText()).trim(), text: await live.innerText() };
}

test("the page shows every operation of the document", async () => {
  const reply = await page.goto(`${base}/docs`);
  assert.equal(reply.status(), 200);
  const policy = reply.headers()["content-security-policy"] ?? "";
  assert.match(policy, /script-src 'self'(;|$)/, "only scripts of this server may run");
  assert.match(policy, /style-src 'self'(;|$)/, "only styles of this server may apply");
  await page.locator(".opblock").first().waitFor();
  const document = await (await page.request.get(`${base}/openapi.json`)).json();
  const methods = ["get", "head", "put", "post", "patch", "delete"];
  const operations = Object.values(document.paths).flatMap((path) => methods.filter((method) => path[method]));
  assert.equal(await page.locator(".opblock").count(), operations.length);
  assert.equal(await page.locator(".errors-wrapper").count(), 0, "the renderer found errors in the document");
});

test("a task cannot be created before signing in", async () => {
  const { status } = await execute(await open("createTask"));
  assert.equal(status, "401");
  const refused = complaints.splice(0);
  assert.ok(refused.every((text) => text.includes("401")), refused.join("\n"));
});

test("the token signs in", async () => {
  await page.locator(".auth-wrapper .authorize").first().click();
  const dialog = page.locator(".modal-ux");
  await dialog.getByRole("textbox").fill(token);
  await dialog.getByRole("button", { name: "Apply credentials" }).click();
  await dialog.getByRole("button", { name: "Remove authorization" }).waitFor();
  await dialog.locator(".btn-done").click();
});

test("a task is created and shown", async () => {
  const block = operation("createTask");
  await block.locator("textarea.body-param__text").fill('{"title": "Made on the docs page"}');
  await block.getByPlaceholder("Idempotency-Key").fill(crypto.randomUUID());
  const { status, text } = await execute(block);
  assert.equal(status, "201", text);
  assert.match(text, /Made on the docs page/);
});

test("the list shows the new task", async () => {
  const block = await open("listTasks");
  const { status, text } = await execute(block);
  assert.equal(status, "200", text);
  assert.match(text, /Made on the docs page/);
});

test("the page shows no document but its own", async () => {
  await page.goto(`${base}/docs?url=/elsewhere.json&configUrl=/elsewhere.json`);
  await page.locator(".opblock").first().waitFor();
  assert.equal(await page.locator(".info .title").innerText().then((text) => text.includes("Taskhold")), true);
});

test("a problem has a page", async () => {
  await page.goto(`${base}/problems/validation-failed`);
  await page.getByText("VALIDATION_FAILED").first().waitFor();
});

test("nothing failed in the browser and no other host was asked", () => {
  assert.deepEqual(complaints, []);
  assert.deepEqual(strangers, []);
});
