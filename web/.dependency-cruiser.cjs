// The web app's layers (docs/decisions/0006-web-app.md): imports only go down, siblings stay apart.
const { readdirSync } = require("node:fs");

/** Rules that a folder imports none of those above it. */
function down(folder, order) {
  return order.slice(1).map((low, i) => ({
    name: `${low} imports only below`,
    severity: "error",
    from: { path: `^${folder}/(${low})/` },
    to: { path: `^${folder}/(${order.slice(0, i + 1).join("|")})/` },
  }));
}

/** Rules that folders side by side do not import each other. */
function apart(folder, siblings) {
  return {
    name: `${siblings.replaceAll("|", ", ")} stay apart`,
    severity: "error",
    from: { path: `^${folder}/(${siblings})/` },
    to: { path: `^${folder}/(${siblings})/`, pathNot: `^${folder}/$1/` },
  };
}

const order = ["app", "features", "panels", "charts|api|ui", "data"];
// pages are put together of boards, these of runs, these of the view
const pages =
  "account|activity|artifacts|compare|docs|gallery|home|overview|project-settings|reports|run-page|runs-table|share|sweeps|trash|workspace";
const features = [pages, "board|files|lineage|links|people|shared-runs|view-file", "runs", "view"];
for (const { name } of readdirSync("src/features", { withFileTypes: true }).filter((one) =>
  one.isDirectory(),
))
  if (!features.join("|").split("|").includes(name)) throw new Error(`features/${name} has no layer`);

module.exports = {
  forbidden: [
    ...down("src", order),
    ...down("src/features", features),
    apart("src", "charts|api|ui"),
    apart("src/features", pages),
    {
      name: "what all features share imports none of them",
      severity: "error",
      from: { path: "^src/features/[^/]+$", pathNot: "\\.test\\.ts$" },
      to: { path: "^src/features/[^/]+/" },
    },
    {
      name: "no react in charts and data",
      severity: "error",
      from: { path: "^src/(charts|data)/" },
      to: { path: "node_modules/(react|react-dom|@mantine|@tanstack/react-)" },
    },
    {
      name: "data imports nothing but itself",
      severity: "error",
      from: { path: "^src/data/", pathNot: "\\.test\\.tsx?$" },
      to: { pathNot: "^src/data/" },
    },
    {
      name: "only tests import testing",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/testing/|\\.test\\.tsx?$" },
      to: { path: "^src/testing/" },
    },
    { name: "no cycles", severity: "error", from: {}, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: [".ts", ".tsx", ".js", ".css"], mainFields: ["module", "main"] },
  },
};
