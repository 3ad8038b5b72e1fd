/**
 * Editing a run in the table: shown at once, taken back with a message when the server refuses.
 */

import { useQueryClient } from "@tanstack/react-query";
import type { RunEdit } from "@/api/run-edits";
import type { RunRow } from "@/api/run-rows";
import { editRun } from "@/api/runs";
import type { ProjectRef } from "@/api/types";
import { showDone, showFailed } from "@/ui/toasts";

/** Columns that are edited in place. */
export type EditedColumn = "name" | "notes" | "tags";

export function isEdited(column: string): column is EditedColumn {
  return column === "name" || column === "notes" || column === "tags";
}

const WORDS = { name: "rename", notes: "note", tags: "tag" } as const;

/** What the server is told: an empty note or list clears it. */
function bodyOf(column: EditedColumn, value: unknown): RunEdit {
  if (column === "tags") return { tags: (value ?? []) as string[] };
  return { [column]: value || null };
}

export function useCellEdit(project: ProjectRef) {
  const client = useQueryClient();
  const edit = async (run: RunRow, column: EditedColumn, before: unknown, value: unknown): Promise<void> => {
    if (JSON.stringify(before ?? "") === JSON.stringify(value ?? "")) return;
    if (column === "name" && value === "") return;
    try {
      await editRun(client, project, run.id, bodyOf(column, before), bodyOf(column, value));
      const name = column === "name" ? String(value) : run.name;
      showDone(column === "name" ? `Renamed to ${name}` : `${name}: ${column} changed`, {
        label: "Undo",
        run: () => void edit({ ...run, name }, column, value, before),
      });
    } catch (error) {
      showFailed(`Could not ${WORDS[column]} ${run.name}`, error);
    }
  };
  return edit;
}
