/** Columns that are edited in place, and how each is saved. */

import type { RunRow } from "@/api/runs/run-rows";
import type { RunActions } from "../../runs/actions/run-actions";

export type EditedColumn = "name" | "notes" | "tags";

export function isEdited(column: string): column is EditedColumn {
  return column === "name" || column === "notes" || column === "tags";
}

export function saveCell(
  actions: RunActions,
  run: RunRow,
  column: EditedColumn,
  before: unknown,
  value: unknown,
): Promise<void> {
  if (column === "name") return actions.rename(run, String(value));
  if (column === "notes") return actions.setNotes(run, String(before ?? ""), String(value));
  const tags = (before ?? []) as readonly string[];
  return actions.setTags({ ...run, tags }, value as readonly string[], true);
}
