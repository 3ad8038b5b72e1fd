// Writes .br and .gz beside each built asset of at least 1 KB, for the server to send as they are,
// and prints what a first visit loads.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const OUT = new URL("../../src/weft/server/web/", import.meta.url).pathname;
const SMALLEST_BYTES = 1024;
const TEXT = /\.(js|css|html|svg|json|md|txt|webmanifest)$/;

let gzipBytes = 0;
for (const entry of readdirSync(OUT, { recursive: true })) {
  const path = join(OUT, entry);
  if (!TEXT.test(path) || statSync(path).size < SMALLEST_BYTES) continue;
  const bytes = readFileSync(path);
  const gz = gzipSync(bytes, { level: 9 });
  writeFileSync(`${path}.gz`, gz);
  writeFileSync(
    `${path}.br`,
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  );
  if (path.endsWith(".js")) gzipBytes += gz.length;
}
console.log(`JavaScript, gzip: ${(gzipBytes / 1024).toFixed(0)} KB`);
