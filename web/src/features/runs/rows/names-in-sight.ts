import { groupName } from "@/data/runs/group-name";
import type { Span } from "@/data/table/window";
import { runOfRow } from "../actions/run-selection";
import type { Runs } from "../use-runs";

/** The names that those of a list are told from: of a list in groups, those in sight. */
export function namesInSight(runs: Runs, rows: Span): readonly string[] {
  if (runs.firstPage.length > 0) return runs.firstPage.map(({ name }) => name);
  const names: string[] = [];
  for (let i = rows.first; i < rows.end; i++) {
    const row = runs.rowAt(i);
    const name = row?.kind === "group" ? groupName(row.group.values) : runOfRow(runs, i)?.name;
    if (name !== undefined) names.push(name);
  }
  return names;
}
