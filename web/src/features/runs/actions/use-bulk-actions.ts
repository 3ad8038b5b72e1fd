/** Actions on many runs at once, each with its message and, where there is one, its undo. */

import { useQueryClient } from "@tanstack/react-query";
import {
  actOnRuns,
  type BulkAction,
  type BulkAnswer,
  type BulkEdit,
  editEachRun,
  editRuns,
  undoEdit,
} from "@/api/runs/bulk";
import { askIds, askNames, runsKey } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { filterText } from "@/data/filter/tree";
import { onlyRuns, withRuns, withRunsAs } from "@/data/runs/shown-runs";
import { formatCount, formatNoun } from "@/data/text/format";
import { useStable } from "@/ui/hooks/use-stable";
import { attempt, showDone } from "@/ui/overlays/toasts";
import { noteAct } from "../../last-act";
import { useView, useViewStore } from "../../view/view-store";
import { clearSelection } from "./run-selection";

export interface BulkActions {
  tag(ids: readonly string[], tag: string): Promise<void>;
  untag(ids: readonly string[], tag: string): Promise<void>;
  /** Hide or show them. */
  setShown(ids: readonly string[], isShown: boolean): void;
  /** Show these and no others. */
  showOnly(ids: readonly string[]): void;
  /** Protect them from deletion, or no longer. */
  lock(ids: readonly string[], isLocked: boolean): Promise<void>;
  stop(ids: readonly string[]): Promise<void>;
  /** Move them to the trash. */
  remove(ids: readonly string[]): Promise<void>;
  move(ids: readonly string[], target: string): Promise<void>;
  /** Edit runs alike, and give some of them other names, by id; whether the server has taken it. */
  edit(ids: readonly string[], shared: BulkEdit, names: ReadonlyMap<string, string>): Promise<boolean>;
}

/** The most runs that a message names. */
const MAX_NAMED = 3;

function runsOf(runs: readonly string[] | number): string {
  return formatNoun(typeof runs === "number" ? runs : runs.length, "run");
}

export function useBulkActions(project: ProjectRef): BulkActions {
  const client = useQueryClient();
  const store = useViewStore();
  const selection = useView((view) => view.selection);

  const act = (ids: readonly string[], action: BulkAction, ref = project): Promise<BulkAnswer> =>
    refreshed(ids, actOnRuns(ref, ids, action));
  const refreshed = async (ids: readonly string[], request: Promise<BulkAnswer>): Promise<BulkAnswer> => {
    const answer = await request;
    await Promise.all([
      client.invalidateQueries({ queryKey: runsKey(project) }),
      client.invalidateQueries({
        predicate: ({ queryKey: [kind, , , id] }) => kind === "run" && ids.includes(id as string),
      }),
    ]);
    return answer;
  };
  /** The end of a message: the names of the runs that an action failed for, and the reason of the first. */
  const failureText = async ({ n_failed, failed }: BulkAnswer): Promise<string> => {
    if (n_failed === 0) return "";
    const named = failed.slice(0, MAX_NAMED).map(({ run }) => run);
    // what was done is told also where names cannot be read
    const names = await askNames(project, named).catch(() => new Map<string, string>());
    const list = named.map((id) => names.get(id) ?? id).join(", ");
    const more = n_failed > MAX_NAMED ? ` and ${formatCount(n_failed - MAX_NAMED)} more` : "";
    return `; not ${list}${more}: ${failed[0]?.detail ?? "unknown"}`;
  };
  const attemptTo = (action: string, work: () => Promise<void>) => attempt(`Could not ${action}`, work);
  /** Show that an action is done, with an undo: `inverse`, which is described by `action`. */
  const showUndoable = (text: string, action: string, inverse: () => Promise<void>, about?: string) =>
    showDone(text, { label: "Undo", run: noteAct(() => void attemptTo(action, inverse)) }, about);
  /** Show that an edit is done, with the undo that the server kept, if any. */
  const showEdited = (
    ids: readonly string[],
    { undo, n_done }: BulkAnswer,
    text: string,
    about = `edit ${ids}`,
  ) => {
    if (!undo || n_done === 0) return showDone(text, undefined, about);
    const takeBack = async () => {
      const answer = await refreshed(ids, undoEdit(project, undo));
      showDone(`${runsOf(answer.n_done)} as before${await failureText(answer)}`, undefined, about);
    };
    showUndoable(text, "take that back", takeBack, about);
  };
  /** The ids of those runs that meet a condition. */
  const idsWhere = (ids: readonly string[], condition: string) => {
    const these = filterText({ column: "id", op: "in", value: ids });
    const set = { filter: `${these} and ${condition}`, search: "", isRegex: false, order: [] };
    return askIds(project, set, null, 0, ids.length);
  };
  const retag = (ids: readonly string[], tag: string, isOn: boolean) =>
    attemptTo(isOn ? `tag ${runsOf(ids)}` : "take the tag off", async () => {
      const has = filterText({ column: "tags", op: "=", value: tag });
      const changed = await idsWhere(ids, isOn ? `not ${has}` : has);
      const edit = (isAdded: boolean): BulkAction =>
        isAdded ? { kind: "edit", add_tags: [tag] } : { kind: "edit", remove_tags: [tag] };
      const answer = await act(changed, edit(isOn));
      const text = `${runsOf(answer.n_done)} ${isOn ? "tagged" : "without"} ${tag}${await failureText(answer)}`;
      const about = `tag ${tag} ${ids}`;
      const takeBack = async () => {
        const reversed = await act(changed, edit(!isOn));
        showDone(`${runsOf(reversed.n_done)} as before${await failureText(reversed)}`, undefined, about);
      };
      showUndoable(text, "take that back", takeBack, about);
    });

  return {
    edit: useStable(async (ids, shared, names) => {
      let isDone = false;
      await attemptTo(`edit ${runsOf(ids)}`, async () => {
        const changed = Object.keys(shared).length > 0 ? ids : [...names.keys()];
        const name = (id: string) => (names.has(id) ? { name: names.get(id) } : {});
        const request =
          names.size > 0
            ? editEachRun(project, Object.fromEntries(changed.map((id) => [id, { ...shared, ...name(id) }])))
            : editRuns(project, changed, shared);
        const answer = await refreshed(changed, request);
        isDone = true;
        const text = `${runsOf(answer.n_done)} edited${await failureText(answer)}`;
        const isTooMuch = answer.n_done > 0 && !answer.undo;
        showEdited(changed, answer, isTooMuch ? `${text}; too much to undo` : text);
      });
      return isDone;
    }),
    tag: useStable((ids, tag) => retag(ids, tag, true)),
    untag: useStable((ids, tag) => retag(ids, tag, false)),
    setShown: useStable((ids, isShown) => {
      const run = store.setWithWayBack({ selection: withRuns(selection, ids, isShown) }, (view) => ({
        selection: withRunsAs(view.selection, ids, selection),
      }));
      const text = `${runsOf(ids)} ${isShown ? "shown" : "hidden"}`;
      showDone(text, { label: "Undo", run }, `show ${ids}`);
    }),
    showOnly: useStable((ids) => {
      const run = store.setWithWayBack(onlyRuns(ids));
      showDone(`Only ${runsOf(ids)} shown`, { label: "Undo", run });
    }),
    lock: useStable((ids, isLocked) =>
      attemptTo(`${isLocked ? "lock" : "unlock"} ${runsOf(ids)}`, async () => {
        const answer = await refreshed(ids, editRuns(project, ids, { is_locked: isLocked }));
        const text = `${runsOf(answer.n_done)} ${isLocked ? "locked" : "unlocked"}${await failureText(answer)}`;
        showEdited(ids, answer, text, `lock ${ids}`);
      }),
    ),
    stop: useStable((ids) =>
      attemptTo(`stop ${runsOf(ids)}`, async () => {
        const running = await idsWhere(ids, 'state in ("running", "pending", "preempting")');
        const answer = await act(running, { kind: "stop" });
        showDone(`${runsOf(running)} asked to stop${await failureText(answer)}`);
      }),
    ),
    remove: useStable((ids) =>
      attemptTo(`delete ${runsOf(ids)}`, async () => {
        const answer = await act(ids, { kind: "delete", permanently: false });
        clearSelection();
        const text = `${runsOf(answer.n_done)} in the trash${await failureText(answer)}`;
        const bringBack = async () => {
          const restored = await act(ids, { kind: "undelete" });
          const failures = await failureText(restored);
          showDone(`${runsOf(restored.n_done)} restored${failures}`, undefined, `trash ${ids}`);
        };
        showUndoable(text, "bring them back", bringBack, `trash ${ids}`);
      }),
    ),
    move: useStable((ids, target) =>
      attemptTo(`move ${runsOf(ids)}`, async () => {
        const answer = await act(ids, { kind: "move", project: target, entity: null });
        const failed = new Set(answer.failed.map(({ run }) => run));
        const moved = ids.filter((id) => !failed.has(id));
        clearSelection();
        const about = `move ${ids}`;
        const moveBack = async () => {
          const back: BulkAction = { kind: "move", project: project.project, entity: project.entity };
          const returned = await act(moved, back, { entity: project.entity, project: target });
          showDone(`${runsOf(returned.n_done)} moved back${await failureText(returned)}`, undefined, about);
        };
        const text = `${runsOf(moved)} moved to ${target}${await failureText(answer)}`;
        showUndoable(text, "move them back", moveBack, about);
      }),
    ),
  };
}
