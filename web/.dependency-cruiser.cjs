// The web app's layers (docs/decisions/0006-web-app.md): imports only go down, siblings stay apart.
const order = ["app", "features", "panels", "charts|api|ui", "data"];
const down = order.slice(1).map((low, i) => ({
  name: `${low} imports only below`,
  severity: "error",
  from: { path: `^src/(${low})/` },
  to: { path: `^src/(${order.slice(0, i + 1).join("|")})/` },
}));
module.exports = {
  forbidden: [
    ...down,
    {
      name: "charts, api and ui stay apart",
      severity: "error",
      from: { path: "^src/(charts|api|ui)/" },
      to: { path: "^src/(charts|api|ui)/", pathNot: "^src/$1/" },
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
    tsConfig: { fileName: "tsconfig.app.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: [".ts", ".tsx", ".js", ".css"], mainFields: ["module", "main"] },
  },
};
