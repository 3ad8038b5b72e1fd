// Writes .br and .gz next to each built asset of at least 1 KB, for the server to send as they are, and fails if the
// scripts that a page loads at first are larger than their budget.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const OUT = new URL("../../src/weft/server/web/", import.meta.url).pathname;
const SMALLEST_BYTES = 1024;
const TEXT = /\.(js|css|html|svg|json|md|txt|webmanifest)$/;

const FIRST_SCRIPTS_KB = 350;

for (const entry of readdirSync(OUT, { recursive: true })) {
  const path = join(OUT, entry);
  if (!TEXT.test(path) || statSync(path).size < SMALLEST_BYTES) continue;
  const bytes = readFileSync(path);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  writeFileSync(
    `${path}.br`,
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  );
}

const page = readFileSync(join(OUT, "index.html"), "utf8");
const ofEvery = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file);
const byPage = Object.entries(JSON.parse(/const files = (\{.*\});/.exec(page)[1]));
for (const [name, files] of byPage) {
  const scripts = [...ofEvery, ...files.filter((file) => file.endsWith(".js"))];
  const kb = scripts.reduce((sum, file) => sum + sentBytes(join(OUT, file)), 0) / 1e3;
  console.log(`first scripts of ${name}: ${kb.toFixed(0)} kB compressed`);
  if (kb > FIRST_SCRIPTS_KB)
    throw new Error(`${name} loads more than ${FIRST_SCRIPTS_KB} kB of scripts at first`);
}

function sentBytes(path) {
  return statSync(existsSync(`${path}.br`) ? `${path}.br` : path).size;
}
