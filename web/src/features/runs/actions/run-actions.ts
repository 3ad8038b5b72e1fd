import { useQueryClient } from "@tanstack/react-query";
import { deleteRun, editRun, lockRun, stopRun, undeleteRun } from "@/api/runs/run";
import type { RunEdit } from "@/api/runs/run-edits";
import { type RunRow, runsKey } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { isStarred, withStarTurned } from "@/data/runs/star";
import { formatNoun } from "@/data/text/format";
import { attempt, showDone, showFailed } from "@/ui/overlays/toasts";
import { noteAct } from "../../last-act";

/** A run as far as actions need it. */
export type NamedRun = Pick<RunRow, "id" | "name" | "state" | "color" | "tags" | "locked_by">;

type RunName = Pick<NamedRun, "id" | "name">;

/** A page that shows one run alone: it is left when the run is deleted, and opened again when it comes back. */
export interface OwnPage {
  leave(): Promise<void>;
  /** Called when the run is asked for again; what it returns opens the page, unless the person went elsewhere. */
  awaitRun(): () => Promise<void>;
}

/** Pages show an edit at once, and take it back if the server refuses. */
export interface RunActions {
  rename(run: NamedRun, name: string): Promise<void>;
  setNotes(run: RunName, before: string, notes: string): Promise<void>;
  /** @param hasToast with a message that takes it back */
  setTags(run: NamedRun, tags: readonly string[], hasToast?: boolean): Promise<void>;
  recolor(run: NamedRun, color: number): Promise<void>;
  /** Give several runs other colours, by id. */
  recolorAll(runs: readonly NamedRun[], colors: ReadonlyMap<string, number>): Promise<void>;
  turnStar(run: NamedRun): Promise<void>;
  /** Protect it from deletion, or no longer. */
  setLock(run: RunName, isLocked: boolean): Promise<void>;
  stop(run: NamedRun): Promise<void>;
  /** Move it to the trash; the message takes it out again. */
  remove(run: NamedRun, page?: OwnPage): Promise<void>;
}

/** Messages of a change: once it is done (null: none), and once it was taken back. */
interface ChangeWords {
  readonly done: string | null;
  readonly undone: string;
}

export function useRunActions(ref: ProjectRef): RunActions {
  const client = useQueryClient();
  /** Whether the server has taken an edit. `what` as it follows "Could not". */
  const put = async (run: RunName, before: RunEdit, edit: RunEdit, action: string): Promise<boolean> => {
    try {
      await editRun(client, ref, run.id, before, edit);
      return true;
    } catch (error) {
      showFailed(`Could not ${action}`, error);
      return false;
    }
  };
  const change = async (run: RunName, was: RunEdit, is: RunEdit, action: string, words: ChangeWords) => {
    if (!(await put(run, was, is, action))) return;
    const about = `${Object.keys(is)} ${run.id}`;
    const takeBack = async () => {
      if (await put(run, is, was, action)) showDone(words.undone, undefined, about);
    };
    const undo = noteAct(() => void takeBack());
    if (words.done !== null) showDone(words.done, { label: "Undo", run: undo }, about);
  };
  const putColor = (run: NamedRun, color: number) =>
    put(run, { color: run.color }, { color }, `change the color of ${run.name}`);
  const bringBack = async (run: NamedRun, page: OwnPage | undefined) => {
    const open = page?.awaitRun();
    await attempt(`Could not bring back ${run.name}`, async () => {
      await undeleteRun(ref, run.id);
      if (open) await open();
      else showDone(`${run.name} is restored`, undefined, `trash ${run.id}`);
      await client.invalidateQueries({ queryKey: runsKey(ref) });
    });
  };
  const undoBy = (run: () => Promise<void>) => ({ label: "Undo", run: () => void run() });
  const actions: RunActions = {
    async rename(run, name) {
      const before = run.name;
      if (name === before || name === "") return;
      const words = { done: `Renamed to ${name}`, undone: `Renamed back to ${before}` };
      await change(run, { name: before }, { name }, `rename ${before}`, words);
    },
    async setNotes(run, before, notes) {
      if (notes === before) return;
      const [was, is] = [{ notes: before || null }, { notes: notes || null }];
      await change(run, was, is, `change the notes of ${run.name}`, {
        done: `${run.name}: notes changed`,
        undone: `${run.name}: notes as before`,
      });
    },
    async setTags(run, tags, hasToast = false) {
      const before = run.tags;
      if (JSON.stringify(before) === JSON.stringify(tags)) return;
      await change(run, { tags: before }, { tags }, `change the tags of ${run.name}`, {
        done: hasToast ? `${run.name}: tags changed` : null,
        undone: `${run.name}: tags as before`,
      });
    },
    async recolor(run, color) {
      if (color === run.color || !(await putColor(run, color))) return;
      const undo = noteAct(() => void putColor({ ...run, color }, run.color));
      showDone(`${run.name}: color changed`, { label: "Undo", run: undo }, `color ${run.id}`);
    },
    async recolorAll(runs, colors) {
      const changed = runs.filter(({ id }) => colors.has(id));
      const recolor = (run: NamedRun, from: number, to: number) => putColor({ ...run, color: from }, to);
      const done = await Promise.all(changed.map((run) => recolor(run, run.color, colors.get(run.id)!)));
      const recolored = changed.filter((_, i) => done[i]);
      if (recolored.length === 0) return;
      const undo = noteAct(() => {
        for (const run of recolored) void recolor(run, colors.get(run.id)!, run.color);
      });
      showDone(`${formatNoun(recolored.length, "run")}: color changed`, { label: "Undo", run: undo });
    },
    async turnStar(run) {
      const action = `${isStarred(run) ? "take the star of" : "star"} ${run.name}`;
      await put(run, { tags: run.tags }, { tags: withStarTurned(run.tags) }, action);
    },
    async setLock(run, isLocked) {
      await attempt(`Could not ${isLocked ? "lock" : "unlock"} ${run.name}`, async () => {
        await lockRun(client, ref, run.id, isLocked);
        showDone(
          `${run.name} is ${isLocked ? "locked: it can't be deleted" : "not locked any more"}`,
          undoBy(() => actions.setLock(run, !isLocked)),
          `lock ${run.id}`,
        );
      });
    },
    async stop(run) {
      await attempt(`Could not stop ${run.name}`, async () => {
        await stopRun(ref, run.id);
        showDone(`${run.name} is asked to stop`);
      });
    },
    async remove(run, page) {
      await attempt(`Could not delete ${run.name}`, async () => {
        await deleteRun(ref, run.id);
        await page?.leave();
        const undo = noteAct(() => void bringBack(run, page));
        showDone(`${run.name} is in the trash`, { label: "Undo", run: undo }, `trash ${run.id}`);
        await client.invalidateQueries({ queryKey: runsKey(ref) });
      });
    },
  };
  return actions;
}
