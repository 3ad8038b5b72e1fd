/**
 * Finds columns by what a person types, those that most runs have first. Pure.
 *
 * As `GET …/columns?order=use` of the server does it, for projects whose columns are all here.
 */

import { columnLabel, columnLead } from "./columns";

interface Counted {
  readonly column: string;
  readonly n_runs: number;
}

/** The columns in whose names all words of a text are, as they are written or shown. */
export function findColumns<T extends Counted>(columns: readonly T[], text: string): readonly T[] {
  const words = wordsOf(text);
  if (words.length === 0) return columns;
  const phrase = words.join(" ");
  return columns
    .filter(({ column }) => {
      const name = `${plain(column)} ${columnLabel(column).toLowerCase()}`;
      return words.every((word) => name.includes(word));
    })
    .map((entry) => ({ entry, isCalled: isCalled(entry.column, phrase) }))
    .sort((a, b) => b.entry.n_runs - a.entry.n_runs || Number(b.isCalled) - Number(a.isCalled))
    .map(({ entry }) => entry);
}

function wordsOf(text: string): readonly string[] {
  return plain(text)
    .split(/\s+/)
    .filter((word) => word !== "");
}

/** Small letters, and no signs that a dot is not one of the path. */
function plain(text: string): string {
  return text.toLowerCase().replaceAll("\\.", ".");
}

function isCalled(column: string, phrase: string): boolean {
  const label = columnLabel(column).toLowerCase();
  return phrase === plain(column) || phrase === label || phrase === columnLead(column) + label;
}
