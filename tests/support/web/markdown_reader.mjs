// Reads Markdown as the report editor does: a JSON text a line in, the content of the editor a line out.
// Run in `web/`.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { createServer } = await import(pathToFileURL(`${process.cwd()}/node_modules/vite/dist/node/index.js`));
const server = await createServer({
  configFile: false,
  root: process.cwd(),
  logLevel: "error",
  appType: "custom",
  resolve: { alias: { "@": `${process.cwd()}/src` } },
  server: { middlewareMode: true, hmr: false, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
});
const { contentOfMarkdown } = await server.ssrLoadModule("/src/features/reports/editor/paste/markdown.ts");
const objectOf = (kind, members) => ({ type: "block", attrs: { kind, ...members } });
for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(contentOfMarkdown(JSON.parse(line), objectOf))}\n`);
await server.close();
