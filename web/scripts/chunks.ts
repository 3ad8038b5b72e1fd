/**
 * The files that the scripts and styles of several pages are in. Each file is a request, through an SSH tunnel a slow
 * one: what pages share is in few.
 */

import { fileURLToPath } from "node:url";
import type { Rolldown } from "vite";

/** Modules by what they import, directly and not, but for what they load later. */
type Graph = Pick<Rolldown.PluginContext, "getModuleInfo">;

const HOME_HEADS = ["app/main.tsx", "features/home/home.tsx"];
const NOT_HOME_HEADS = ["app/main.tsx", "features/workspace/workspace.tsx"];
const WORKSPACE_HEADS = [...HOME_HEADS, "features/workspace/workspace.tsx"];

/** Code of windows over a page, which the index of its package would bring to every page. */
const WINDOW =
  /[\\/](Modal|ModalBase|ScrollArea|react-remove-scroll(-bar)?|use-sidecar|react-style-singleton)[\\/]/;

/** Scripts most of whose functions run before the first paint of Home or of a workspace. */
export const FIRST_CHUNKS: ReadonlySet<string> = new Set([
  "index",
  "frame",
  "first",
  "home",
  "board",
  "workspace",
]);

export const CHUNKS: Rolldown.CodeSplittingGroup[] = [
  {
    // the packages of every page, in a file that most releases leave as it is
    name: (id, graph) => (isPackage(id) && !WINDOW.test(id) && isOf(HOME_HEADS, id, graph) ? "frame" : null),
    debugName: "frame",
  },
  {
    // all else of Home that other pages need too, so that no later group brings it more
    name: (id, graph) =>
      !isPackage(id) && isOf(HOME_HEADS, id, graph) && !isHomeOnly(id, graph) ? "first" : null,
    debugName: "first",
  },
  { name: "window", test: WINDOW },
  {
    // the cards and tables of Home, which no other page shows
    name: (id, graph) => (isHomeOnly(id, graph) ? "home" : null),
    debugName: "home",
  },
  {
    name: (id, graph) => (isOf(WORKSPACE_HEADS, id, graph) ? "board" : null),
    debugName: "board",
    minShareCount: 3,
  },
  {
    name: "shared",
    test: /src[\\/](ui|data|api|charts[\\/](axis|line|raster))[\\/]/,
    minShareCount: 6,
  },
];

/** Whether it is a script of a package: styles come in one file. */
function isPackage(id: string): boolean {
  return id.startsWith("\0rolldown") || (id.includes("node_modules") && !id.endsWith(".css"));
}

const closures = new Map<readonly string[], ReadonlySet<string>>();

function isHomeOnly(id: string, graph: Graph): boolean {
  return id.includes("/features/home/") && isOf(HOME_HEADS, id, graph) && !isOf(NOT_HOME_HEADS, id, graph);
}

/** Whether a module is among those that the heads import. */
function isOf(heads: readonly string[], id: string, graph: Graph): boolean {
  let closure = closures.get(heads);
  if (closure === undefined) {
    const modules = new Set(heads.map((path) => fileURLToPath(new URL(`../src/${path}`, import.meta.url))));
    for (const module of modules)
      for (const imported of graph.getModuleInfo(module)?.importedIds ?? []) modules.add(imported);
    closure = modules;
    closures.set(heads, closure);
  }
  return closure.has(id);
}
