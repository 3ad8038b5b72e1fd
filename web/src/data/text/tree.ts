/** A nested config as the rows of a tree that folds and is searched. Pure. */

import { isBranch } from "../runs/summary";
import { formatExactly, typedNumber } from "./format";
import { findWords, type Span } from "./words";

export interface TreeRow {
  /** The keys to it, as JSON: keys may hold any sign. */
  readonly id: string;
  readonly name: string;
  readonly depth: number;
  /** A value; null of a branch. */
  readonly text: string | null;
  /** Of a branch: how many values are in it. */
  readonly nValues: number;
  readonly isOpen: boolean;
  readonly nameSpans: readonly Span[];
  readonly textSpans: readonly Span[];
}

/** A value as people write it: texts as they are, of histograms that they are some, all else as JSON. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value !== null && typeof value === "object" && "_type" in value) {
    if ("value" in value) return String(value.value);
    if (value._type === "histogram" && "values" in value && Array.isArray(value.values))
      return `histogram of ${value.values.length} bins`;
  }
  return jsonText(value);
}

/** JSON with room between its parts, in which a number that JSON has no word for reads as such. */
function jsonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(", ")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if ("_type" in value && (value._type === "float" || value._type === "int") && "value" in value)
    return String(value.value);
  const entries = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}: ${jsonText(inner)}`);
  return `{${entries.join(", ")}}`;
}

/** Number of values in a config, at any depth. */
export function countValues(part: Readonly<Record<string, unknown>>): number {
  return Object.values(part).reduce<number>((n, value) => n + (isBranch(value) ? countValues(value) : 1), 0);
}

/**
 * The rows to show: branches in `closed` hide what is in them. With words to search for, only values whose
 * path or text has them all, under their branches, all open.
 */
export function treeRows(
  config: Readonly<Record<string, unknown>>,
  closed: ReadonlySet<string>,
  search: string,
): TreeRow[] {
  const rows: TreeRow[] = [];
  const walk = (part: Readonly<Record<string, unknown>>, path: readonly string[]) => {
    for (const [name, value] of Object.entries(part)) {
      const keys = [...path, name];
      const id = JSON.stringify(keys);
      const depth = path.length;
      if (isBranch(value)) {
        const at = rows.length;
        const isOpen = search !== "" || !closed.has(id);
        const nameSpans = spansOf(name, search);
        rows.push({
          id,
          name,
          depth,
          text: null,
          nValues: countValues(value),
          isOpen,
          nameSpans,
          textSpans: [],
        });
        if (isOpen) walk(value, keys);
        if (search !== "" && rows.length === at + 1) rows.pop();
        continue;
      }
      const text = typeof value === "number" ? formatExactly(value) : valueText(value);
      // a number is found as it is shown, typed and written in JSON
      const typed = typeof value === "number" ? `${typedNumber(value)} ${value}` : "";
      if (search !== "" && findWords(`${keys.join(".")} ${text} ${typed}`, search) === null) continue;
      rows.push({
        id,
        name,
        depth,
        text,
        nValues: 1,
        isOpen: false,
        nameSpans: spansOf(name, search),
        textSpans: spansOf(text, search),
      });
    }
  };
  walk(config, []);
  return rows;
}

/** Where those words of the search stand that are in the text; the others are elsewhere. */
function spansOf(text: string, search: string): readonly Span[] {
  const wordsInText = search.split(/\s+/).filter((word) => findWords(text, word) !== null);
  return findWords(text, wordsInText.join(" ")) ?? [];
}
