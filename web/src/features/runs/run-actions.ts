/**
 * What a person can do to one run, each with its message.
 */

import { useQueryClient } from "@tanstack/react-query";
import { patchRow, type RunRow, runsKey } from "@/api/run-rows";
import { deleteRun, putRun, renameRun, stopRun, undeleteRun } from "@/api/runs";
import type { ProjectRef } from "@/api/types";
import { showDone, showFailed } from "@/ui/toasts";

/** A run as far as actions need it. */
export type NamedRun = Pick<RunRow, "id" | "name" | "state">;

export interface RunActions {
  /** Give another name; lists show it at once and take it back if the server refuses. */
  rename(run: NamedRun, name: string): Promise<void>;
  stop(run: NamedRun): Promise<void>;
  /** Move it to the trash; the message takes it out again. */
  remove(run: NamedRun): Promise<void>;
}

export function useRunActions(ref: ProjectRef): RunActions {
  const client = useQueryClient();
  const rename = async (run: NamedRun, name: string) => {
    const before = run.name;
    if (name === before || name === "") return;
    const show = (shown: string) => patchRow(client, ref, run.id, (row) => ({ ...row, name: shown }));
    show(name);
    try {
      putRun(client, ref, await renameRun(ref, run.id, name));
      showDone(`Renamed to ${name}`, { label: "Undo", run: () => void rename({ ...run, name }, before) });
    } catch (error) {
      show(before);
      showFailed(`Could not rename ${before}`, error);
    }
  };
  const bringBack = async (run: NamedRun) => {
    try {
      await undeleteRun(ref, run.id);
      await client.invalidateQueries({ queryKey: runsKey(ref) });
    } catch (error) {
      showFailed(`Could not bring back ${run.name}`, error);
    }
  };
  return {
    rename,
    async stop(run) {
      try {
        await stopRun(ref, run.id);
        showDone(`${run.name} is asked to stop`);
      } catch (error) {
        showFailed(`Could not stop ${run.name}`, error);
      }
    },
    async remove(run) {
      try {
        await deleteRun(ref, run.id);
        await client.invalidateQueries({ queryKey: runsKey(ref) });
        showDone(`${run.name} is in the trash`, { label: "Undo", run: () => void bringBack(run) });
      } catch (error) {
        showFailed(`Could not delete ${run.name}`, error);
      }
    },
  };
}
