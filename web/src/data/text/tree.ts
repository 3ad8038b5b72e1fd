/** A nested config as the rows of a tree that folds and is searched. Pure. */

import { isBranch } from "../runs/summary";
import { typedNumber } from "./format";
import { inNaturalOrder } from "./natural-order";
import { configText } from "./value-text";
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
    for (const name of inNaturalOrder(Object.keys(part))) {
      const value = part[name];
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
      const text = configText(value);
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
