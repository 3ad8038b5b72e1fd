/**
 * Puts into `index.html` the files that each page needs beyond those of every page, and the font of every page, so that
 * the browser requests them before the app's first script runs.
 */

import type { Plugin, Rolldown } from "vite";

/** The first module of each page, by what `index.html` reads in its address. */
const HEADS = {
  home: "src/features/home/home.tsx",
  workspace: "src/features/workspace/workspace.tsx",
  runs: "src/features/runs-table/runs-table-page.tsx",
  "runs/item": "src/features/run-page/run-page.tsx",
  compare: "src/features/compare/compare-page.tsx",
  sweeps: "src/features/sweeps/sweeps-page.tsx",
  "sweeps/item": "src/features/sweeps/sweep-page.tsx",
  artifacts: "src/features/artifacts/artifacts-page.tsx",
  "artifacts/item": "src/features/artifacts/artifacts-page.tsx",
};
const FONT = /^assets\/inter-latin-wght-normal-.*\.woff2$/;

export function earlyLoad(): Plugin {
  return {
    name: "early-load",
    transformIndexHtml: {
      order: "post",
      handler: (html, { bundle }) => (bundle ? fill(html, bundle) : html),
    },
  };
}

function fill(html: string, bundle: Rolldown.OutputBundle) {
  const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
  const ofEvery = new Set(chunks.filter(({ isEntry }) => isEntry).flatMap((entry) => filesOf(entry, bundle)));
  const files = Object.fromEntries(
    Object.entries(HEADS).map(([page, module]) => {
      const chunk = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(module));
      if (!chunk) throw new Error(`no chunk of ${module}`);
      return [page, filesOf(chunk, bundle).filter((file) => !ofEvery.has(file))];
    }),
  );
  const font = Object.keys(bundle).find((file) => FONT.test(file));
  if (!font) throw new Error("no font of every page");
  const href = `/${font}`;
  return {
    html: html.replace("const files = {};", `const files = ${JSON.stringify(files)};`),
    tags: [
      {
        tag: "link",
        attrs: { rel: "preload", as: "font", type: "font/woff2", crossorigin: "", href },
        injectTo: "head" as const,
      },
    ],
  };
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
