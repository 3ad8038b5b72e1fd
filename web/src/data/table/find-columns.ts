/**
 * Finds columns by what a person types, the likeliest first. Pure.
 *
 * As `GET …/columns?order=use` of the server does it, for projects whose columns are all here; of columns that fit
 * as well, those of metrics with a goal and those in which runs differ come first.
 */

import { helpersLast, isHelperName } from "../metrics/find-metrics";
import { findWords, wordRank } from "../text/words";
import { type Goal, isConstant } from "./column-facts";
import { columnLabel, columnLead, labelOf } from "./columns";
import { isAimed } from "./first-columns";

interface Counted {
  readonly column: string;
  readonly n_runs: number;
  readonly samples?: readonly unknown[];
  readonly goal?: Goal | null;
}

/** The columns in whose names all words of a text are, as they are written or shown. */
export function findColumns<T extends Counted>(columns: readonly T[], text: string): readonly T[] {
  const typed = plain(text).trim();
  if (typed === "") return columns;
  return columns
    .filter(({ column }) => findWords(`${plain(column)} ${columnLabel(column)}`, typed) !== null)
    .map((entry) => ({ entry, rank: rankOf(entry.column, typed), isConstant: isConstant(entry) }))
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        Number(isAimed(b.entry)) - Number(isAimed(a.entry)) ||
        Number(a.isConstant) - Number(b.isConstant) ||
        b.entry.n_runs - a.entry.n_runs,
    )
    .map(({ entry }) => entry);
}

/** Whether a column serves weft or a logged chart: facts of processes, tables behind curves. */
export function isHelperColumn(column: string): boolean {
  return columnLead(column) === "writer." || isHelperName(labelOf(column).label);
}

function rankOf(column: string, typed: string): number {
  const lead = columnLead(column);
  const label = columnLabel(column);
  const names = [plain(column), `${lead}${label}`, `${lead}${labelOf(column).label}`];
  const rank = Math.min(
    ...names.flatMap((name) => [wordRank(name, typed), wordRank(name.slice(lead.length), typed)]),
  );
  return helpersLast(rank, isHelperColumn(column));
}

/** Without the signs that a dot is not one of the path. */
function plain(text: string): string {
  return text.replaceAll("\\.", ".");
}
