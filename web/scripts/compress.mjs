// Writes .br and .gz of each text of at least 1 KB, for the server to send as they are. Scripts and styles of the app
// are kept in these forms alone. Fails if the scripts that a page loads at first, or all files, are larger than their
// budget.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const OUT = new URL("../../src/weft/server/web/", import.meta.url).pathname;
const SMALLEST_BYTES = 1024;
const TEXT = /\.(m?js|css|html|svg|json|md|txt|webmanifest)$/;
/** Files that only programs on this machine read, and the page, which the server sends with headers of its own. */
const UNSERVED = new Set(["licenses.json", "index.html", "static/report.html"]);
const PACKED_ONLY = /^(assets|frames)\/.*\.(m?js|css)$/;

/** By the form in which they are sent: over plain HTTP from another machine browsers take gzip alone. */
const FIRST_SCRIPTS_KB = {
  br: { home: 250, others: 350 },
  gz: { home: 250, workspace: 350, artifacts: 370, "artifacts/item": 370, others: 400 },
};
const ALL_MB = 20;

for (const entry of readdirSync(OUT, { recursive: true })) {
  const path = join(OUT, entry);
  if (!TEXT.test(path) || UNSERVED.has(entry) || statSync(path).size < SMALLEST_BYTES) continue;
  const bytes = readFileSync(path);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  writeFileSync(
    `${path}.br`,
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  );
  if (PACKED_ONLY.test(entry)) rmSync(path);
}

const mb =
  readdirSync(OUT, { recursive: true }).reduce((sum, entry) => sum + bytesOf(join(OUT, entry)), 0) / 1e6;
console.log(`all files: ${mb.toFixed(1)} MB`);
if (mb > ALL_MB) throw new Error(`the web app is larger than ${ALL_MB} MB`);

const page = readFileSync(join(OUT, "index.html"), "utf8");
const ofEvery = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file);
const byPage = Object.entries(JSON.parse(/const files = (\{.*\});/.exec(page)[1]));
for (const [name, files] of byPage) {
  const scripts = [...ofEvery, ...files.filter((file) => file.endsWith(".js"))];
  for (const [form, limits] of Object.entries(FIRST_SCRIPTS_KB)) {
    const kb = scripts.reduce((sum, file) => sum + sentBytes(join(OUT, file), form), 0) / 1e3;
    console.log(`first scripts of ${name}: ${kb.toFixed(0)} kB as ${form}`);
    const limit = limits[name] ?? limits.others;
    if (kb > limit) throw new Error(`${name} loads more than ${limit} kB of scripts at first, as ${form}`);
  }
}

function sentBytes(path, form) {
  return bytesOf(`${path}.${form}`) || bytesOf(path);
}

function bytesOf(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() ? stat.size : 0;
}
