// Checks the layer rules, and fails when nothing was read: with a TypeScript that it cannot parse,
// dependency-cruiser reads 0 modules and still passes. Folders stay small enough to be read as a list.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";

const MOST_FILES = 20;
const MOST_WITHOUT_README = 8;

/** Folders with too many files, or with so many that they need a README. */
function fullFolders(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  const faults = entries
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => fullFolders(`${folder}/${name}`));
  if (files.length > MOST_FILES) faults.push(`${folder}: ${files.length} files, more than ${MOST_FILES}`);
  if (files.length > MOST_WITHOUT_README && !files.includes("README.md"))
    faults.push(`${folder}: ${files.length} files and no README.md that maps them`);
  return faults;
}

const run = spawnSync(
  "node_modules/.bin/depcruise",
  ["src", "--config", ".dependency-cruiser.cjs", "--output-type", "json"],
  {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  },
);
if (!run.stdout) {
  console.error(run.stderr);
  process.exit(1);
}
const { summary, modules } = JSON.parse(run.stdout);
const own = modules.filter((m) => m.source.startsWith("src/"));
const layers = new Set(own.map((m) => m.source.split("/")[1]));
const broken = summary.violations.filter((v) => v.rule.severity === "error");
for (const v of broken) console.error(`${v.rule.name}: ${v.from} -> ${v.to}`);
console.log(`layers: ${own.length} modules in ${layers.size} folders, ${broken.length} violations`);
if (own.length < 20 || summary.totalDependenciesCruised === 0) {
  console.error("layers: too few modules were read; the rules were not checked");
  process.exit(1);
}
const full = fullFolders("src");
for (const fault of full) console.error(fault);
process.exit(broken.length + full.length > 0 ? 1 : 0);
