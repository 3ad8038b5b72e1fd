/**
 * Edits of selected runs: new names by a pattern, typed values of the config, and the request for all of it. Pure.
 */

import { typedNumber } from "../text/format";
import { valueText } from "../text/value-text";

/** The server takes no longer names. */
const MAX_NAME_CHARS = 200;

export type Naming =
  | { readonly kind: "keep" }
  | { readonly kind: "replace"; readonly find: string; readonly isPattern: boolean; readonly by: string }
  /** `{name} lr{config.lr}`; `{n}` counts from the oldest run. */
  | { readonly kind: "pattern"; readonly text: string };

export interface ConfigLine {
  /** As columns have it after `config.`: `opt.lr`; `\.` is a dot in a name. */
  readonly path: string;
  /** Null: the value is removed. */
  readonly text: string | null;
}

/** A form over some runs. Null: left as it is. */
export interface BulkForm {
  readonly naming: Naming;
  /** Empty: cleared. */
  readonly group: string | null;
  readonly jobType: string | null;
  readonly addTags: readonly string[];
  readonly removeTags: readonly string[];
  readonly notes: { readonly text: string; readonly isAdded: boolean } | null;
  readonly config: readonly ConfigLine[];
}

export const EMPTY_FORM: BulkForm = {
  naming: { kind: "keep" },
  group: null,
  jobType: null,
  addTags: [],
  removeTags: [],
  notes: null,
  config: [],
};

/** A run whose name may change. */
export interface Renamed {
  readonly id: string;
  readonly name: string;
  /** Columns that the naming names. */
  readonly values: Readonly<Record<string, unknown>>;
}

const PART = /\{([^{}]+)\}/g;

/** The columns that a naming needs, and words in braces that are not columns. */
export function columnsOfNaming(naming: Naming): {
  readonly columns: readonly string[];
  readonly unknown: readonly string[];
} {
  const words = naming.kind === "pattern" ? [...naming.text.matchAll(PART)].map(([, word]) => word!) : [];
  const rest = [...new Set(words)].filter((word) => word !== "name" && word !== "n" && word !== "id");
  const isColumn = (word: string) => /^(config|summary)\.|^(group|job_type|user|host|sweep)$/.test(word);
  return { columns: rest.filter(isColumn), unknown: rest.filter((word) => !isColumn(word)) };
}

/** The new names; why there are none. */
export interface NewNames {
  /** By id, those that differ. */
  readonly names: ReadonlyMap<string, string>;
  readonly error: string | null;
  /** Runs that lack a value which the pattern names; they keep theirs. */
  readonly nLacking: number;
  /** New names that another of these runs has, too. */
  readonly nAlike: number;
}

const NO_NAMES: NewNames = { names: new Map(), error: null, nLacking: 0, nAlike: 0 };

/** @param runs newest first */
export function newNames(naming: Naming, runs: readonly Renamed[]): NewNames {
  let nLacking = 0;
  let renamed: (run: Renamed, i: number) => string | null;
  if (naming.kind === "keep") return NO_NAMES;
  if (naming.kind === "replace") {
    if (naming.find === "") return NO_NAMES;
    let find: RegExp | string = naming.find;
    try {
      if (naming.isPattern) find = new RegExp(naming.find, "gu");
    } catch (error) {
      return { ...NO_NAMES, error: `Not a pattern: ${(error as Error).message.split(": ").at(-1)}` };
    }
    const by = naming.isPattern ? naming.by : naming.by.replaceAll("$", "$$$$");
    renamed = ({ name }) => name.replaceAll(find, by);
  } else {
    if (naming.text.trim() === "") return NO_NAMES;
    const { unknown } = columnsOfNaming(naming);
    if (unknown.length > 0) return { ...NO_NAMES, error: `{${unknown[0]}} is not a column: {config.…}` };
    renamed = ({ id, name, values }, i) => {
      let isLacking = false;
      const text = naming.text.replaceAll(PART, (_, word: string) => {
        if (word === "name") return name;
        if (word === "id") return id;
        if (word === "n") return String(runs.length - i);
        const value = values[word];
        if (value === null || value === undefined) isLacking = true;
        return typeof value === "number" ? plainNumber(value) : valueText(value);
      });
      if (isLacking) nLacking += 1;
      return isLacking ? null : text;
    };
  }
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const [i, run] of runs.entries()) {
    const name = (renamed(run, i) ?? run.name).trim();
    if (name === "") return { ...NO_NAMES, error: `${run.name} would have no name` };
    if (name.length > MAX_NAME_CHARS)
      return { ...NO_NAMES, error: `Longer than ${MAX_NAME_CHARS} letters: ${name.slice(0, 40)}…` };
    if (name !== run.name) names.set(run.id, name);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const nAlike = [...names.values()].filter((name) => counts.get(name)! > 1).length;
  return { names, error: null, nLacking, nAlike };
}

/** As a script would write it, in at most 6 digits: `3e-4`. */
function plainNumber(value: number): string {
  return typedNumber(Number.isInteger(value) ? value : Number(value.toPrecision(6)));
}

const WORDS: Readonly<Record<string, unknown>> = {
  True: true,
  False: false,
  None: null,
  nan: { _type: "float", value: "NaN" },
  NaN: { _type: "float", value: "NaN" },
  inf: { _type: "float", value: "Infinity" },
  "-inf": { _type: "float", value: "-Infinity" },
};

/** A value as one types it: JSON, a word of Python's, or else a text. */
export function typedValue(text: string): { readonly value: unknown; readonly kind: string } {
  const trimmed = text.trim();
  if (Object.hasOwn(WORDS, trimmed)) return { value: WORDS[trimmed], kind: kindOf(WORDS[trimmed]) };
  if (/^[-+]?(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(trimmed)) {
    const number = Number(trimmed.replaceAll("_", ""));
    if (Number.isFinite(number) && (Number.isSafeInteger(number) || !/^[-+]?\d+$/.test(trimmed)))
      return { value: number, kind: "number" };
  }
  try {
    const value: unknown = JSON.parse(trimmed);
    if (typeof value !== "number") return { value, kind: kindOf(value) };
  } catch {
    // a text
  }
  return { value: trimmed, kind: "text" };
}

function kindOf(value: unknown): string {
  if (value === null) return "none";
  if (Array.isArray(value)) return "list";
  if (typeof value === "object") return "_type" in value ? "number" : "object";
  return typeof value === "boolean" ? "true or false" : typeof value === "number" ? "number" : "text";
}

/** The parts of a config path, of which `\.` is a dot in a name. */
export function configPath(path: string): string[] {
  const parts = path.trim().match(/(?:\\.|[^.\\])+/gs) ?? [];
  return parts.map((part) => part.replaceAll(/\\(.)/gs, "$1"));
}

/** Fields that all runs get. */
interface SharedEdit {
  group?: string | null;
  job_type?: string | null;
  add_tags?: readonly string[];
  remove_tags?: readonly string[];
  notes?: string | null;
  add_notes?: string;
  config?: { readonly set: readonly [string[], unknown][]; readonly removed: readonly string[][] };
}

/** The edit of a form that is the same for all runs; null if it changes nothing. */
export function sharedEdit(form: BulkForm): SharedEdit | null {
  const edit: SharedEdit = {};
  if (form.group !== null) edit.group = form.group.trim() || null;
  if (form.jobType !== null) edit.job_type = form.jobType.trim() || null;
  if (form.addTags.length > 0) edit.add_tags = form.addTags;
  if (form.removeTags.length > 0) edit.remove_tags = form.removeTags;
  if (form.notes?.isAdded === false) edit.notes = form.notes.text || null;
  if (form.notes?.isAdded && form.notes.text.trim() !== "") edit.add_notes = form.notes.text;
  const lines = form.config.filter(({ path, text }) => configPath(path).length > 0 && text !== "");
  if (lines.length > 0)
    edit.config = {
      set: lines.flatMap(({ path, text }) =>
        text === null ? [] : [[configPath(path), typedValue(text).value] as [string[], unknown]],
      ),
      removed: lines.filter(({ text }) => text === null).map(({ path }) => configPath(path)),
    };
  return Object.keys(edit).length > 0 ? edit : null;
}

/** A value that runs share, as a field shows it: the value, or how many there are. */
export function presentText(values: readonly unknown[], noun: string): string {
  const distinct = [...new Set(values.map((value) => value ?? ""))];
  if (distinct.length === 1) return String(distinct[0]) || "none";
  return distinct.length === 0 ? "" : `${distinct.length} ${noun}`;
}
