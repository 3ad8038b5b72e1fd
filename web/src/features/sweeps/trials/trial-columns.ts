/** Columns of the table of trials. Pure. */

import type { Sweep } from "@/api/sweeps/sweeps";
import type { TableHead } from "@/ui/parts/virtual-table";
import { parameterScale } from "../parameters";

export const PARAMETER = "parameters.";
export const VALUE = "values.";

/** More parameters are shown once they are chosen. */
const FIRST_PARAMETERS = 10;

/** A column that may be hidden. */
export interface TrialColumn {
  readonly id: string;
  readonly name: string;
  readonly head: Omit<TableHead, "id" | "title">;
  readonly isShownAtFirst: boolean;
}

/** The columns of a sweep behind the trial itself, in their order. */
export function trialColumns({ metrics, parameters, config }: Sweep): TrialColumn[] {
  return [
    column("state", "State", { minPx: 124, isKey: true }),
    ...metrics.map(({ name }, at) =>
      column(VALUE + name, name, { minPx: 92, isNumber: true, isKey: at === 0 }),
    ),
    ...parameters.map((name, at) => ({
      ...column(PARAMETER + name, name, {
        minPx: 92,
        mostPx: 240,
        isNumber: parameterScale(config, name) !== "category",
      }),
      isShownAtFirst: at < FIRST_PARAMETERS,
    })),
    column("duration", "Duration", { minPx: 88, isNumber: true }),
    column("agent", "Agent", { minPx: 84 }),
    column("given", "Began", { minPx: 108, isNumber: true }),
    column("reason", "Reason", { minPx: 180, mostPx: 420, grow: 3, isFixed: true }),
    column("notes", "Notes", { minPx: 140, mostPx: 320, grow: 2, isFixed: true }),
  ];
}

function column(id: string, name: string, head: TrialColumn["head"]): TrialColumn {
  return { id, name, head, isShownAtFirst: true };
}

/** Ids of the shown columns by the text of the address; names of columns that are gone are left out. */
export function shownColumns(columns: readonly TrialColumn[], text: string): readonly string[] {
  if (text === "") return columns.filter(({ isShownAtFirst }) => isShownAtFirst).map(({ id }) => id);
  const chosen = new Set(parse(text));
  return columns.filter(({ id }) => chosen.has(id)).map(({ id }) => id);
}

/** The text of the address; '' for the first columns. */
export function columnsText(columns: readonly TrialColumn[], shown: readonly string[]): string {
  const ids = columns.filter(({ id }) => shown.includes(id)).map(({ id }) => id);
  return ids.join() === shownColumns(columns, "").join() ? "" : JSON.stringify(ids);
}

/** JSON, as names of parameters may have any sign. */
function parse(text: string): string[] {
  try {
    const ids: unknown = JSON.parse(text);
    return Array.isArray(ids) ? ids.map(String) : [];
  } catch {
    return [];
  }
}
