/**
 * The languages whose code is drawn in colours, by the name of a file. Each is loaded with the first file in it.
 */

import { StreamLanguage, type StreamParser } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { baseName } from "@/data/files/base-name";

type Loader = () => Promise<Extension>;

function stream(load: () => Promise<StreamParser<unknown>>): Loader {
  return async () => StreamLanguage.define(await load());
}

const python: Loader = async () => (await import("@codemirror/lang-python")).python();
const json: Loader = async () => (await import("@codemirror/lang-json")).json();
const yaml: Loader = async () => (await import("@codemirror/lang-yaml")).yaml();
const markdown: Loader = async () => (await import("@codemirror/lang-markdown")).markdown();
const html: Loader = async () => (await import("@codemirror/lang-html")).html();
const css: Loader = async () => (await import("@codemirror/lang-css")).css();
const cpp: Loader = async () => (await import("@codemirror/lang-cpp")).cpp();
const script =
  (options: { jsx?: boolean; typescript?: boolean }): Loader =>
  async () =>
    (await import("@codemirror/lang-javascript")).javascript(options);
const shell = stream(async () => (await import("@codemirror/legacy-modes/mode/shell")).shell);
const toml = stream(async () => (await import("@codemirror/legacy-modes/mode/toml")).toml);
const settings = stream(async () => (await import("@codemirror/legacy-modes/mode/properties")).properties);
const docker = stream(async () => (await import("@codemirror/legacy-modes/mode/dockerfile")).dockerFile);
const diff = stream(async () => (await import("@codemirror/legacy-modes/mode/diff")).diff);
const julia = stream(async () => (await import("@codemirror/legacy-modes/mode/julia")).julia);
const r = stream(async () => (await import("@codemirror/legacy-modes/mode/r")).r);

const BY_END: Readonly<Record<string, Loader>> = {
  py: python,
  pyi: python,
  ipynb: python,
  json,
  jsonl: json,
  yaml,
  yml: yaml,
  md: markdown,
  markdown,
  html,
  htm: html,
  svg: html,
  xml: html,
  css,
  js: script({ jsx: true }),
  mjs: script({}),
  jsx: script({ jsx: true }),
  ts: script({ typescript: true }),
  tsx: script({ jsx: true, typescript: true }),
  c: cpp,
  h: cpp,
  cc: cpp,
  cpp,
  hpp: cpp,
  cu: cpp,
  cuh: cpp,
  sh: shell,
  bash: shell,
  zsh: shell,
  slurm: shell,
  sbatch: shell,
  toml,
  ini: settings,
  cfg: settings,
  conf: settings,
  env: settings,
  patch: diff,
  diff,
  jl: julia,
  r,
};

/** Null: the file is drawn as it is. */
export async function languageOf(path: string): Promise<Extension | null> {
  const name = baseName(path).toLowerCase();
  const load = name.startsWith("dockerfile") ? docker : BY_END[name.slice(name.lastIndexOf(".") + 1)];
  return load ? load() : null;
}
