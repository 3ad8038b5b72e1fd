// Adds to licenses.json what the bundler does not see in the app's own chunks: fonts, the modules of workers, Bokeh.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = new URL("../", import.meta.url).pathname;
const FILE = join(ROOT, "../src/weft/server/web/licenses.json");
const BUILD_TOOLS = new Set(["vite", "@vitejs/plugin-react"]);

const notices = JSON.parse(readFileSync(FILE, "utf8"));
const listed = new Set(notices.map(idOf));
const folders = Object.keys(packageOf("").dependencies)
  .filter((name) => !BUILD_TOOLS.has(name) && !notices.some((notice) => notice.name === name))
  .map((name) => folderOf(name, ""));
for (const folder of folders) {
  const { name, version, license, dependencies } = packageOf(folder);
  const notice = { name, version, identifier: license ?? null, text: textOf(folder) };
  if (listed.has(idOf(notice))) continue;
  if (!license && !notice.text) throw new Error(`${name} has neither a license nor its name`);
  listed.add(idOf(notice));
  notices.push(notice);
  folders.push(...Object.keys(dependencies ?? {}).map((needed) => folderOf(needed, folder)));
}
notices.sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
writeFileSync(FILE, JSON.stringify(notices, null, 1));
console.log(`notices: ${notices.length} packages`);

function idOf({ name, version }) {
  return `${name}@${version}`;
}

function packageOf(folder) {
  return JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
}

// Where Node finds a package that the one in a folder needs: next to it, or above.
function folderOf(name, folder) {
  const path = join(folder, "node_modules", name);
  if (existsSync(join(ROOT, path))) return path;
  if (folder === "") throw new Error(`${name} is not installed`);
  return folderOf(name, folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules") - 1)));
}

function textOf(folder) {
  const file = readdirSync(join(ROOT, folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  return file === undefined ? "" : readFileSync(join(ROOT, folder, file), "utf8");
}
