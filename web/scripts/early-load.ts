/**
 * Puts into `index.html` the script that sends a page's first requests, with the files that each page needs beyond those
 * of every page, and the font of every page: the browser requests all of them before the app's first script runs.
 */

import { build, type HtmlTagDescriptor, type Plugin, type ResolvedConfig, type Rolldown } from "vite";

/** The first module of each page, by `pageKind` of its address. */
const HEADS = {
  home: "src/features/home/home.tsx",
  workspace: "src/features/workspace/workspace.tsx",
  runs: "src/features/runs-table/runs-table-page.tsx",
  "runs/item": "src/features/run-page/run-page.tsx",
  compare: "src/features/compare/compare-page.tsx",
  sweeps: "src/features/sweeps/sweeps-page.tsx",
  "sweeps/item": "src/features/sweeps/sweep-page.tsx",
  reports: "src/features/reports/reports-page.tsx",
  "reports/item": "src/features/reports/report-page.tsx",
  artifacts: "src/features/artifacts/artifacts-page.tsx",
  "artifacts/item": "src/features/artifacts/artifacts-page.tsx",
};
const FONT = /^assets\/inter-latin-wght-normal-.*\.woff2$/;
const MODULE = "src/app/early-page.ts";
const MARK = "<!-- first requests -->";

export function earlyLoad(): Plugin {
  let config: ResolvedConfig;
  return {
    name: "early-load",
    configResolved: (resolved) => {
      config = resolved;
    },
    transformIndexHtml: {
      order: "post",
      handler: async (html, { bundle }) => {
        const files = bundle ? filesByPage(bundle) : {};
        const script = `<script>const files = ${JSON.stringify(files)};\n${await inlineScript(config)}</script>`;
        return { html: html.replace(MARK, () => script), tags: bundle ? [fontTag(bundle)] : [] };
      },
    },
  };
}

/** The module of first requests and all that it imports, as one script. */
async function inlineScript({ root, resolve: { alias } }: ResolvedConfig): Promise<string> {
  const result = await build({
    root,
    configFile: false,
    logLevel: "warn",
    resolve: { alias },
    publicDir: false,
    build: {
      write: false,
      target: "es2022",
      minify: true,
      lib: { entry: MODULE, formats: ["iife"], name: "early" },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  const chunk = output && "output" in output ? output.output[0] : undefined;
  if (chunk?.type !== "chunk") throw new Error(`no script of ${MODULE}`);
  return chunk.code;
}

function filesByPage(bundle: Rolldown.OutputBundle): Record<string, string[]> {
  const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
  const ofEvery = new Set(chunks.filter(({ isEntry }) => isEntry).flatMap((entry) => filesOf(entry, bundle)));
  return Object.fromEntries(
    Object.entries(HEADS).map(([page, module]) => {
      const chunk = chunks.find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(module)));
      if (!chunk) throw new Error(`no chunk of ${module}`);
      return [page, filesOf(chunk, bundle).filter((file) => !ofEvery.has(file))];
    }),
  );
}

function fontTag(bundle: Rolldown.OutputBundle): HtmlTagDescriptor {
  const font = Object.keys(bundle).find((file) => FONT.test(file));
  if (!font) throw new Error("no font of every page");
  const attrs = { rel: "preload", as: "font", type: "font/woff2", crossorigin: "", href: `/${font}` };
  return { tag: "link", attrs, injectTo: "head" };
}

/** The addresses of a chunk's styles and scripts, after those of the chunks that it imports. */
function filesOf(
  chunk: Rolldown.OutputChunk,
  bundle: Rolldown.OutputBundle,
  visited = new Set<Rolldown.OutputChunk>(),
): string[] {
  if (visited.has(chunk)) return [];
  visited.add(chunk);
  const imported = chunk.imports.flatMap((name) => {
    const file = bundle[name];
    return file?.type === "chunk" ? filesOf(file, bundle, visited) : [];
  });
  const styles = [...(chunk.viteMetadata?.importedCss ?? [])].map((file) => `/${file}`);
  return [...new Set([...imported, ...styles, `/${chunk.fileName}`])];
}
