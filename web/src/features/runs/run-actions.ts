/**
 * What a person can do to one run, each with its message.
 */

import { useQueryClient } from "@tanstack/react-query";
import { type RunRow, runsKey } from "@/api/run-rows";
import { deleteRun, editRun, stopRun, undeleteRun } from "@/api/runs";
import type { ProjectRef } from "@/api/types";
import { formatNoun } from "@/data/format";
import { isStarred, withStarTurned } from "@/data/star";
import { showDone, showFailed } from "@/ui/toasts";
import { noteAct } from "../last-act";

/** A run as far as actions need it. */
export type NamedRun = Pick<RunRow, "id" | "name" | "state" | "color" | "tags">;

export interface RunActions {
  /** Give another name; lists show it at once and take it back if the server refuses. */
  rename(run: NamedRun, name: string): Promise<void>;
  /** Give another colour; pages show it at once and take it back if the server refuses. */
  recolor(run: NamedRun, color: number): Promise<void>;
  /** Give several runs other colours, by id. */
  recolorAll(runs: readonly NamedRun[], colors: ReadonlyMap<string, number>): Promise<void>;
  /** Star it, or take its star; pages show it at once and take it back if the server refuses. */
  turnStar(run: NamedRun): Promise<void>;
  stop(run: NamedRun): Promise<void>;
  /** Move it to the trash; the message takes it out again. */
  remove(run: NamedRun): Promise<void>;
}

export function useRunActions(ref: ProjectRef): RunActions {
  const client = useQueryClient();
  const rename = async (run: NamedRun, name: string) => {
    const before = run.name;
    if (name === before || name === "") return;
    try {
      await editRun(client, ref, run.id, { name: before }, { name });
      showDone(`Renamed to ${name}`, { label: "Undo", run: () => void rename({ ...run, name }, before) });
    } catch (error) {
      showFailed(`Could not rename ${before}`, error);
    }
  };
  const putColor = async (run: NamedRun, color: number): Promise<boolean> => {
    try {
      await editRun(client, ref, run.id, { color: run.color }, { color });
      return true;
    } catch (error) {
      showFailed(`Could not change the colour of ${run.name}`, error);
      return false;
    }
  };
  const bringBack = async (run: NamedRun) => {
    try {
      await undeleteRun(ref, run.id);
      showDone(`${run.name} is restored`);
      await client.invalidateQueries({ queryKey: runsKey(ref) });
    } catch (error) {
      showFailed(`Could not bring back ${run.name}`, error);
    }
  };
  return {
    rename,
    async recolor(run, color) {
      if (color === run.color || !(await putColor(run, color))) return;
      const undo = noteAct(() => void putColor({ ...run, color }, run.color));
      showDone(`${run.name}: colour changed`, { label: "Undo", run: undo });
    },
    async recolorAll(runs, colors) {
      const changed = runs.filter(({ id }) => colors.has(id));
      const put = (run: NamedRun, from: number, to: number) => putColor({ ...run, color: from }, to);
      const done = await Promise.all(changed.map((run) => put(run, run.color, colors.get(run.id)!)));
      const recolored = changed.filter((_, i) => done[i]);
      if (recolored.length === 0) return;
      const undo = noteAct(() => {
        for (const run of recolored) void put(run, colors.get(run.id)!, run.color);
      });
      showDone(`${formatNoun(recolored.length, "run")}: colour changed`, { label: "Undo", run: undo });
    },
    async turnStar(run) {
      try {
        await editRun(client, ref, run.id, { tags: [...run.tags] }, { tags: withStarTurned(run.tags) });
      } catch (error) {
        showFailed(`Could not ${isStarred(run) ? "take the star of" : "star"} ${run.name}`, error);
      }
    },
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
        const undo = noteAct(() => void bringBack(run));
        showDone(`${run.name} is in the trash`, { label: "Undo", run: undo });
      } catch (error) {
        showFailed(`Could not delete ${run.name}`, error);
      }
    },
  };
}
