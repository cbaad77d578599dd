// Copies Swagger UI from its npm package, at the version that package-lock.json pins, into the served site.
// With --check it writes nothing and fails unless the site holds just that.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";

const site = fileURLToPath(new URL("../../adapters/httpapi/site/swagger-ui/", import.meta.url));
const source = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));

// Served files are kept compressed, as they are sent; the licences stay readable.
const files = {
  "swagger-ui-bundle.js.gz": "swagger-ui-bundle.js",
  "swagger-ui.css.gz": "swagger-ui.css",
  "swagger-ui-bundle.js.LICENSE.txt": "swagger-ui-bundle.js.LICENSE.txt",
  LICENSE: "LICENSE",
  NOTICE: "NOTICE",
};

// Not the compressed bytes are compared, which depend on the version of zlib, but what is in them.
function holds(name, wanted) {
  try {
    const kept = readFileSync(join(site, name));
    return (name.endsWith(".gz") ? gunzipSync(kept) : kept).equals(wanted);
  } catch {
    return false;
  }
}

mkdirSync(site, { recursive: true });
const stray = readdirSync(site).filter((name) => !(name in files));
const stale = Object.keys(files).filter((name) => !holds(name, readFileSync(join(source, files[name]))));
if (process.argv.includes("--check")) {
  for (const name of [...stray, ...stale]) console.error(`${name} is not what the package holds: npm run vendor`);
  process.exit(stray.length + stale.length > 0 ? 1 : 0);
}
for (const name of stale) {
  const content = readFileSync(join(source, files[name]));
  writeFileSync(join(site, name), name.endsWith(".gz") ? gzipSync(content, { level: 9 }) : content);
}
for (const name of stray) console.error(`${name} is none of the vendored files: remove it`);
