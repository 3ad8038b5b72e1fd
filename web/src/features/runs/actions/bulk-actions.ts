/**
 * Actions on many runs at once, each with its message and, where there is one, its undo.
 */

import { useQueryClient } from "@tanstack/react-query";
import { actOnRuns, type BulkAction, type BulkAnswer } from "@/api/runs/bulk";
import { askIds, runsKey } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { filterText } from "@/data/filter/tree";
import { onlyRuns, withRuns, withRunsAs } from "@/data/runs/shown-runs";
import { formatNoun } from "@/data/text/format";
import { useStable } from "@/ui/hooks/use-stable";
import { attempt, showDone } from "@/ui/overlays/toasts";
import { noteAct } from "../../last-act";
import { useView, useViewStore } from "../../view/view-store";
import { clearSelection } from "./run-selection";

export interface BulkActions {
  tag(ids: readonly string[], tag: string): Promise<void>;
  untag(ids: readonly string[], tag: string): Promise<void>;
  /** Close, or open, their eyes. */
  setShown(ids: readonly string[], isShown: boolean): void;
  /** Show these and no others. */
  showOnly(ids: readonly string[]): void;
  stop(ids: readonly string[]): Promise<void>;
  /** Move them to the trash. */
  remove(ids: readonly string[]): Promise<void>;
  move(ids: readonly string[], target: string): Promise<void>;
}

function runsOf(ids: readonly string[]): string {
  return formatNoun(ids.length, "run");
}

function restOf({ n_failed, failed }: BulkAnswer): string {
  if (n_failed === 0) return "";
  return `; ${formatNoun(n_failed, "run")} could not be: ${failed[0]?.detail ?? "unknown"}`;
}

export function useBulkActions(project: ProjectRef): BulkActions {
  const client = useQueryClient();
  const store = useViewStore();
  const selection = useView((view) => view.selection);

  const act = async (ids: readonly string[], action: BulkAction, ref = project): Promise<BulkAnswer> => {
    const answer = await actOnRuns(ref, ids, action);
    await Promise.all([
      client.invalidateQueries({ queryKey: runsKey(project) }),
      client.invalidateQueries({
        predicate: ({ queryKey: [kind, , , id] }) => kind === "run" && ids.includes(id as string),
      }),
    ]);
    return answer;
  };
  const orTell = (action: string, work: () => Promise<void>) => attempt(`Could not ${action}`, work);
  /** Those of the runs that a condition holds for. */
  const among = (ids: readonly string[], condition: string) => {
    const these = filterText({ column: "id", op: "in", value: ids });
    const set = { filter: `${these} and ${condition}`, search: "", isRegex: false, order: [] };
    return askIds(project, set, null, 0, ids.length);
  };
  const retag = (ids: readonly string[], tag: string, isOn: boolean) =>
    orTell(isOn ? `tag ${runsOf(ids)}` : "take the tag off", async () => {
      const has = filterText({ column: "tags", op: "=", value: tag });
      const changed = await among(ids, isOn ? `not ${has}` : has);
      const edit = (isAdded: boolean): BulkAction =>
        isAdded ? { kind: "edit", add_tags: [tag] } : { kind: "edit", remove_tags: [tag] };
      const answer = await act(changed, edit(isOn));
      showDone(`${runsOf(changed)} ${isOn ? "tagged" : "without"} ${tag}${restOf(answer)}`, {
        label: "Undo",
        run: () => void orTell("take that back", async () => void (await act(changed, edit(!isOn)))),
      });
    });

  return {
    tag: useStable((ids, tag) => retag(ids, tag, true)),
    untag: useStable((ids, tag) => retag(ids, tag, false)),
    setShown: useStable((ids, isShown) => {
      const run = store.setWithWayBack({ selection: withRuns(selection, ids, isShown) }, (view) => ({
        selection: withRunsAs(view.selection, ids, selection),
      }));
      showDone(`${runsOf(ids)} ${isShown ? "shown" : "hidden"}`, { label: "Undo", run });
    }),
    showOnly: useStable((ids) => {
      const run = store.setWithWayBack(onlyRuns(ids));
      showDone(`Only ${runsOf(ids)} shown`, { label: "Undo", run });
    }),
    stop: useStable((ids) =>
      orTell(`stop ${runsOf(ids)}`, async () => {
        const running = await among(ids, 'state in ("running", "pending", "preempting")');
        const answer = await act(running, { kind: "stop" });
        showDone(`${runsOf(running)} asked to stop${restOf(answer)}`);
      }),
    ),
    remove: useStable((ids) =>
      orTell(`delete ${runsOf(ids)}`, async () => {
        const answer = await act(ids, { kind: "delete", permanently: false });
        clearSelection();
        const undo = noteAct(
          () =>
            void orTell("bring them back", async () => {
              const restored = await act(ids, { kind: "undelete" });
              showDone(`${formatNoun(restored.n_done, "run")} restored${restOf(restored)}`);
            }),
        );
        showDone(`${formatNoun(answer.n_done, "run")} in the trash${restOf(answer)}`, {
          label: "Undo",
          run: undo,
        });
      }),
    ),
    move: useStable((ids, target) =>
      orTell(`move ${runsOf(ids)}`, async () => {
        const answer = await act(ids, { kind: "move", project: target, entity: null });
        const failed = new Set(answer.failed.map(({ run }) => run));
        const moved = ids.filter((id) => !failed.has(id));
        clearSelection();
        showDone(`${runsOf(moved)} moved to ${target}${restOf(answer)}`, {
          label: "Undo",
          run: () =>
            void orTell("move them back", async () => {
              const back: BulkAction = { kind: "move", project: project.project, entity: project.entity };
              await act(moved, back, { entity: project.entity, project: target });
            }),
        });
      }),
    ),
  };
}
