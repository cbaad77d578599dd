// Uses the front end of ../frontend in a browser, from another origin than the
// server's. BASE_URL is the running server, ISSUER its Better Auth, PORT where the
// page is to be, CHROMIUM the browser.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { after, before, describe, test } from "node:test";
import { chromium } from "playwright-core";

const { BASE_URL, ISSUER, PORT, CHROMIUM } = process.env;
const quiet = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const kinds = { "/": ["index.html", "text/html"], "/app.js": ["app.js", "text/javascript"] };

// The page's own server passes on what is for Better Auth, as that of a real
// front end does; to Better Auth it is of its own origin.
const site = createServer(async (asked, reply) => {
  const path = new URL(asked.url, "http://localhost").pathname;
  if (path.startsWith("/api/auth/")) {
    const issuer = new URL(ISSUER);
    const headers = { ...asked.headers, host: issuer.host, ...(asked.headers.origin && { origin: issuer.origin }) };
    asked.pipe(request(issuer.origin + asked.url, { method: asked.method, headers }, (answer) => {
      reply.writeHead(answer.statusCode, answer.headers);
      answer.pipe(reply);
    }));
    return;
  }
  const [file, kind] = kinds[path] ?? [];
  if (!file) return reply.writeHead(404).end();
  reply.writeHead(200, { "Content-Type": kind }).end(await readFile(new URL(`../frontend/${file}`, import.meta.url)));
});

let browser;
before(async () => {
  await new Promise((listening) => site.listen(PORT, "localhost", listening));
  browser = await chromium.launch({ executablePath: CHROMIUM, args: quiet });
});
after(async () => {
  await browser?.close();
  site.closeAllConnections();
  site.close();
});

for (const credentials of ["omit", "include"]) {
  describe(`with credentials: ${credentials}`, () => {
    let page;
    const rows = () => page.locator("#tasks li");
    const row = (title) => rows().filter({ hasText: title });
    const add = async (title) => {
      await page.getByLabel("Title").fill(title);
      await page.getByRole("button", { name: "Add" }).click();
    };

    before(async () => {
      page = await (await browser.newContext()).newPage();
      page.setDefaultTimeout(15_000);
      const settings = new URLSearchParams({ api: BASE_URL, credentials, email: `${credentials}@example.test` });
      await page.goto(`http://localhost:${PORT}/?${settings}`);
    });

    test("a task is added with an empty due date", async () => {
      await add("Buy milk");
      await row("Buy milk").waitFor();
      assert.equal(await rows().count(), 1);
    });

    test("a click completes it and another takes that back", async () => {
      const changed = () => page.waitForResponse((r) => r.request().method() === "GET" && r.url().endsWith("/tasks"));
      for (const done of [true, false, true]) {
        await Promise.all([changed(), row("Buy milk").getByRole("checkbox").click()]);
        await page.waitForFunction((want) => document.querySelector("#tasks input").checked === want, done);
      }
    });

    test("a rename keeps what it does not name", async () => {
      await row("Buy milk").getByRole("button", { name: "Rename" }).click();
      await row("Buy milk, renamed").waitFor();
      assert.equal(await row("Buy milk, renamed").getByRole("checkbox").isChecked(), true);
    });

    test("everything is there after a reload", async () => {
      await page.reload();
      await row("Buy milk, renamed").waitFor();
      assert.equal(await row("Buy milk, renamed").getByRole("checkbox").isChecked(), true);
    });

    test("what is wrong is shown as a sentence", async () => {
      await add("   ");
      await page.waitForFunction(() => document.querySelector("#error").textContent !== "");
      assert.match(await page.locator("#error").innerText(), /^title must not be blank/);
    });

    test("a deleted task is gone", async () => {
      await row("Buy milk").getByRole("button", { name: "Delete" }).click();
      await row("Buy milk").waitFor({ state: "detached" });
      assert.equal(await page.locator("#error").innerText(), "");
    });
  });
}
