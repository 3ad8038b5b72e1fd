/** A run's summary as rows: nested values under one name each, aggregates next to their metric. Pure. */

import { OBJECT_NOUNS } from "../lists.gen";
import { largeSectionsOf, sectionOf } from "../metrics/sections";
import { formatTick } from "../text/format";
import { inNaturalOrder } from "../text/natural-order";

type Goal = "minimize" | "maximize";

/** Definition of a metric by `define_metric`, as far as the summary needs it. */
export interface SummaryDefinition {
  /** Of a metric, or a glob that ends with `*`. */
  readonly name: string;
  /** Aggregates that were asked for: `min`, `max`, …, as in `AGGREGATES`. */
  readonly summary: readonly string[];
  readonly goal: string | null;
}

export interface SummaryValue {
  /** The metric's name, or the path of a value that the script set. */
  readonly key: string;
  /** Aggregate of the value; null: the last one, or set by the script. */
  readonly aggregate: string | null;
  readonly value: unknown;
  readonly goal: Goal | null;
}

/** Finds what is defined of a metric: by its name, else by the longest glob that fits, as the server does. */
export function definitionFinder<T extends SummaryDefinition>(
  definitions: readonly T[],
): (metric: string) => T | undefined {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  const globs = definitions.flatMap((definition) =>
    definition.name.endsWith("*") ? [{ start: definition.name.slice(0, -1), definition }] : [],
  );
  globs.sort((a, b) => b.start.length - a.start.length);
  return (metric) => {
    const exact = byName.get(metric);
    if (exact || metric === "" || metric.startsWith("_")) return exact;
    return globs.find(({ start }) => metric.startsWith(start))?.definition;
  };
}

/** All values of a summary in the order of `inResultOrder`. */
export function summaryValues(
  summary: Readonly<Record<string, unknown>>,
  definitions: readonly SummaryDefinition[],
): SummaryValue[] {
  const definitionOf = definitionFinder(definitions);
  const values: SummaryValue[] = [];
  const walk = (part: Readonly<Record<string, unknown>>, prefix: string) => {
    const definition = definitionOf(prefix);
    for (const [name, value] of Object.entries(part)) {
      const isAggregate = definition?.summary.includes(name) === true;
      const key = isAggregate ? prefix : prefix === "" ? name : `${prefix}.${name}`;
      if (isBranch(value) && !isAggregate) walk(value, key);
      else
        values.push({
          key,
          aggregate: isAggregate ? name : null,
          value,
          goal: goalOf(definitionOf(key)?.goal),
        });
    }
  };
  walk(summary, "");
  return inResultOrder(values);
}

/**
 * Results in the one order that all pages have: those of metrics with a goal, the others by name, as the workspace has its
 * sections and panels, and behind them those of sections with the metrics of layers or classes.
 */
export function inResultOrder<T extends Pick<SummaryValue, "key" | "goal">>(results: readonly T[]): T[] {
  const keys = inNaturalOrder([...new Set(results.map(({ key }) => key))]);
  const positions = new Map(keys.map((key, i) => [key, i]));
  const large = largeSectionsOf(keys);
  const rank = ({ key, goal }: T) => (goal !== null ? 0 : large.has(sectionOf(key)) ? 2 : 1);
  return results.toSorted((a, b) => rank(a) - rank(b) || positions.get(a.key)! - positions.get(b.key)!);
}

/** Whether a value of a config or summary has values below it, and is not a value that JSON has no word for. */
export function isBranch(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !("_type" in value);
}

/** Words of the server for numbers that JSON lacks, outside of lists. */
const NONFINITE = new Set<unknown>(["NaN", "Infinity", "-Infinity"]);

/** The number that a value of JSON stands for, also one of those that JSON has no word for; else null. */
export function numberOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (NONFINITE.has(value)) return Number(value);
  if (value === null || typeof value !== "object" || !("_type" in value) || !("value" in value)) return null;
  return value._type === "float" || value._type === "int"
    ? Number(String(value.value).replace(/^([+-]?)inf(inity)?$/i, "$1Infinity"))
    : null;
}

/** A logged object in words: `image: a cat`, `table: 40 rows`; null for other values. */
export function objectText(value: unknown): string | null {
  if (value === null || typeof value !== "object") return null;
  const { _type, caption, count, nrows, bins } = value as Readonly<Record<string, unknown>>;
  if (typeof _type !== "string" || !Object.hasOwn(OBJECT_NOUNS, _type)) return null;
  const noun = OBJECT_NOUNS[_type as keyof typeof OBJECT_NOUNS];
  if (typeof caption === "string" && caption !== "") return `${noun}: ${caption}`;
  if (typeof count === "number") return `${count} ${noun}`;
  if (_type === "histogram") return `${noun}${rangeOf(bins)}`;
  if (typeof nrows === "number") return `${noun}: ${nrows} ${nrows === 1 ? "row" : "rows"}`;
  return noun;
}

/** The range of a histogram's edges, behind its noun. */
function rangeOf(edges: unknown): string {
  if (!Array.isArray(edges)) return "";
  const [first, last] = [edges[0], edges.at(-1)];
  return typeof first === "number" && typeof last === "number"
    ? `: ${formatTick(first)} to ${formatTick(last)}`
    : "";
}

function goalOf(goal: string | null | undefined): Goal | null {
  return goal === "minimize" || goal === "maximize" ? goal : null;
}
