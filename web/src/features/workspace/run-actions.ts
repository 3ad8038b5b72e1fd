/**
 * What a person can do to a run, each with its message.
 */

import { useQueryClient } from "@tanstack/react-query";
import { deleteRun, putRun, renameRun, runsKey, stopRun } from "@/api/runs";
import type { ProjectRef, Run } from "@/api/types";
import { showDone, showFailed } from "@/ui/toasts";

export interface RunActions {
  /** Give another name; the list shows it at once and takes it back if the server refuses. */
  rename(run: Run, name: string): Promise<void>;
  stop(run: Run): Promise<void>;
  remove(run: Run): Promise<void>;
}

export function useRunActions(ref: ProjectRef): RunActions {
  const client = useQueryClient();
  const rename = async (run: Run, name: string) => {
    const before = run.name;
    if (name === before || name === "") return;
    putRun(client, ref, { ...run, name });
    try {
      putRun(client, ref, await renameRun(ref, run.id, name));
      showDone(`Renamed to ${name}`, { label: "Undo", run: () => void rename({ ...run, name }, before) });
    } catch (error) {
      putRun(client, ref, run);
      showFailed(`Could not rename ${before}`, error);
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
        showDone(`${run.name} was deleted`);
      } catch (error) {
        showFailed(`Could not delete ${run.name}`, error);
      }
    },
  };
}
