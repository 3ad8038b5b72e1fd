import type { RunRow } from "@/api/runs/run-rows";
import { groupName } from "@/data/runs/group-name";
import type { Span } from "@/data/table/window";
import { runOfRow } from "../actions/run-selection";
import { distinctNames } from "../use-panel-runs";
import type { Runs } from "../use-runs";

/** The names of a list's rows. */
export interface NamesInSight {
  /** Those that names of the list are told from: of a list in groups, those in sight. */
  readonly texts: readonly string[];
  /** A run's name, with its id where another run in sight, or among the first of the list, has the same. */
  nameOf(run: Pick<RunRow, "id" | "name">): string;
}

const NO_RUNS: readonly RunRow[] = [];

/** @param drawn the runs that charts next to the list draw: a name that has an id there has it in the list */
export function namesInSight(
  runs: Runs,
  rows: Span,
  drawn: readonly Pick<RunRow, "id" | "name">[] = NO_RUNS,
): NamesInSight {
  const groups: string[] = [];
  const inSight: RunRow[] = [];
  for (let i = rows.first; i < rows.end; i++) {
    const row = runs.rowAt(i);
    if (row?.kind === "group") groups.push(groupName(row.group.values));
    const run = runOfRow(runs, i);
    if (run) inSight.push(run);
  }
  // of a run that is renamed, the row in sight is the newest
  const all = [...new Map([...drawn, ...runs.firstPage, ...inSight].map((run) => [run.id, run])).values()];
  const names = new Map(distinctNames(all).map((name, i) => [all[i]!.id, name]));
  const nameOf = ({ id, name }: Pick<RunRow, "id" | "name">) => names.get(id) ?? name;
  const list = runs.firstPage.length > 0 ? runs.firstPage : inSight;
  return { texts: [...(runs.firstPage.length > 0 ? [] : groups), ...list.map(nameOf)], nameOf };
}
