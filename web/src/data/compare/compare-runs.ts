/** Runs side by side: which of their values differ, and how. Pure. */

import {
  inResultOrder,
  isBranch,
  numberOf,
  type SummaryDefinition,
  type SummaryValue,
  summaryValues,
} from "../runs/summary";

/** A run as far as a comparison needs it. */
export interface ComparedRun {
  readonly id: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly summary: Readonly<Record<string, unknown>>;
  readonly definitions: readonly SummaryDefinition[];
  /** Facts of the run itself, in order: `state`, `host`, … */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Absent where they are not compared, or not known yet. */
  readonly environment?: ComparedEnvironment;
}

/** The environment of a run; `Unknown` stands for what was not recorded, and counts as no difference. */
export interface ComparedEnvironment {
  /** Versions by package. */
  readonly packages: ComparedPart;
  /** By path the size and the hash of a file of code, as a text. */
  readonly code: ComparedPart;
  /** Commit, command, machine. */
  readonly machine: ComparedPart;
}

/** Values by name. */
export interface ComparedPart {
  readonly values: ReadonlyMap<string, unknown>;
  /** Why a name that other runs have has no value here; null: it is not set. */
  lacks(name: string): Unknown | null;
}

/** A value that is not known. */
export class Unknown {
  /** @param words why: "not recorded". */
  constructor(readonly words: string) {}

  toJSON(): string {
    return this.words;
  }
}

/** In the order of the page. */
export const COMPARE_SECTIONS = ["config", "summary", "packages", "code", "environment", "run"] as const;

export type CompareSection = (typeof COMPARE_SECTIONS)[number];

export interface CompareRow {
  readonly section: CompareSection;
  readonly key: string;
  /** Of a summary value: `min`, `max`; null: the last one. */
  readonly aggregate: string | null;
  /** One for each run; `undefined` where a run has none, `Unknown` where it is not known. */
  readonly values: readonly unknown[];
  readonly differs: boolean;
  readonly goal: "minimize" | "maximize" | null;
}

/** All values of all runs: sections in order, in each what differs first, as the first run that has it names it. */
export function compareRuns(runs: readonly ComparedRun[]): CompareRow[] {
  const config = runs.map((run) => configValues(run.config));
  const facts = runs.map((run) => new Map(Object.entries(run.facts)));
  const summaries = runs.map((run) => summaryValues(run.summary, run.definitions));
  const summary = summaries.map(
    (values) => new Map(values.map(({ key, aggregate, value }) => [summaryName(key, aggregate), value])),
  );
  const named = new Map(
    summaries.flatMap((values) => values.map((value) => [summaryName(value.key, value.aggregate), value])),
  );
  return [
    ...rowsOf("config", config.map(plainPart)),
    ...inRank(
      rowsOf("summary", summary.map(plainPart)).map((row) => {
        const { key, aggregate, goal } = named.get(row.key)!;
        return { ...row, key, aggregate, goal };
      }),
    ),
    ...rowsOf("packages", partsOf(runs, "packages")),
    ...rowsOf("code", partsOf(runs, "code")),
    ...rowsOf("environment", partsOf(runs, "machine")),
    ...rowsOf("run", facts.map(plainPart)),
  ];
}

/** Nothing as long as it is not known of all runs: what is not known yet does not differ. */
function partsOf(runs: readonly ComparedRun[], part: keyof ComparedEnvironment) {
  const environments = runs.flatMap(({ environment }) => environment ?? []);
  return environments.length < runs.length ? [] : environments.map((environment) => environment[part]);
}

/** A name of a summary value that no other one of its run has. */
export function summaryName(key: string, aggregate: string | null): string {
  return JSON.stringify([key, aggregate]);
}

/** A part in which what has no value is not set. */
function plainPart(values: ReadonlyMap<string, unknown>): ComparedPart {
  return { values, lacks: () => null };
}

function rowsOf(section: CompareSection, runs: readonly ComparedPart[]): CompareRow[] {
  const keys = [...new Set(runs.flatMap(({ values }) => [...values.keys()]))];
  const rows = keys.map((key): CompareRow => {
    const values = runs.map(({ values, lacks }) =>
      values.has(key) ? values.get(key) : (lacks(key) ?? undefined),
    );
    const texts = values.filter((value) => !(value instanceof Unknown)).map((value) => JSON.stringify(value));
    const differs = texts.some((text) => text !== texts[0]);
    return { section, key, aggregate: null, values, differs, goal: null };
  });
  return [...rows.filter((row) => row.differs), ...rows.filter((row) => !row.differs)];
}

/** Rows of the summary: what differs, then what is equal, both in the order that a run's own page has. */
function inRank(rows: readonly CompareRow[]): CompareRow[] {
  const ordered = inResultOrder(rows);
  return [...ordered.filter((row) => row.differs), ...ordered.filter((row) => !row.differs)];
}

/** A config's leaves, keys joined by dots; lists are leaves. */
export function configValues(config: Readonly<Record<string, unknown>>): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  const walk = (part: Readonly<Record<string, unknown>>, prefix: string) => {
    for (const [name, value] of Object.entries(part)) {
      const key = prefix === "" ? name : `${prefix}.${name}`;
      if (isBranch(value) && Object.keys(value).length > 0) walk(value, key);
      else leaves.set(key, value);
    }
  };
  walk(config, "");
  return leaves;
}

/** Numbers that only name something. */
const SEED = /(^|[._/])(seed|id)$/i;

/** Comparison of a number with the baseline's: by a factor in a config, else by its difference. */
export type Change =
  | { readonly kind: "factor"; readonly by: number }
  | { readonly kind: "delta"; readonly by: number; readonly isBetter: boolean | null };

/** Null where there is nothing to say: equal, no numbers, or no baseline value. */
export function changeOf(row: CompareRow, at: number): Change | null {
  const [base, value] = [finite(row.values[0]), finite(row.values[at])];
  if (at === 0 || base === null || value === null || base === value) return null;
  if (row.section === "config")
    return SEED.test(row.key) || base === 0 || base * value <= 0
      ? null
      : { kind: "factor", by: value / base };
  if (row.section !== "summary") return null;
  const by = value - base;
  const isBetter = row.goal === null ? null : row.goal === "maximize" ? by > 0 : by < 0;
  return { kind: "delta", by, isBetter };
}

/** Comparison of a summary value with the baseline's of the same metric and figure; null as of `changeOf`. */
export function summaryChange(value: SummaryValue, base: SummaryValue): Change | null {
  const { key, aggregate, goal } = value;
  const values = [base.value, value.value];
  return changeOf({ section: "summary", key, aggregate, values, differs: true, goal }, 1);
}

/** Whether a run has the best value of a row whose goal is known. */
export function isBest(row: CompareRow, at: number): boolean {
  const value = finite(row.values[at]);
  if (row.goal === null || value === null || !row.differs) return false;
  const numbers = row.values.flatMap((v) => finite(v) ?? []);
  return value === (row.goal === "maximize" ? Math.max(...numbers) : Math.min(...numbers));
}

function finite(value: unknown): number | null {
  const number = numberOf(value);
  return number !== null && Number.isFinite(number) ? number : null;
}
