// Checks the layer rules, and fails when nothing was read: with a TypeScript that it cannot parse,
// dependency-cruiser reads 0 modules and still passes.
import { spawnSync } from "node:child_process";

const run = spawnSync(
  "npx",
  ["depcruise", "src", "--config", ".dependency-cruiser.cjs", "--output-type", "json"],
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
process.exit(broken.length > 0 ? 1 : 0);
