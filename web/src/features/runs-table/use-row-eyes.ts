/**
 * Which rows' runs charts show, and opening and closing their eyes.
 */

import { useMemo } from "react";
import type { RunGroup } from "@/api/groups";
import type { RunRow } from "@/api/run-rows";
import { isGroupShown, isRunShown, isShownByPlace, withGroup, withRuns } from "@/data/shown-runs";
import { groupId } from "@/data/view/view";
import { useStable } from "@/ui/use-stable";
import type { Runs, RunsListRow } from "../runs/use-runs";
import { useSetView, useView } from "../view/view-store";

export function useRowEyes(runs: Runs, rowAt: (index: number) => RunsListRow | null) {
  const shown = useView(({ selection, hiddenGroups, shownGroups }) => ({
    selection,
    hiddenGroups,
    shownGroups,
  }));
  const setView = useSetView();
  const { selection } = shown;
  const places = useMemo(
    () => new Map(runs.groups.map((group, i) => [groupId(group.values), i])),
    [runs.groups],
  );
  const placeOf = (values: readonly unknown[]) => places.get(groupId(values.slice(0, 1))) ?? 0;
  const isByDefault = (row: RunsListRow & { kind: "run" }, id: string) =>
    row.under
      ? isGroupShown(shown, row.under, placeOf(row.under))
      : isShownByPlace(selection, row.index, runs.running?.has(id) ?? false);
  return {
    isRowShown(row: RunsListRow, run: RunRow | null): boolean {
      if (row.kind === "group") return isGroupShown(shown, row.group.values, placeOf(row.group.values));
      return row.kind === "run" && run !== null && isRunShown(selection, run.id, isByDefault(row, run.id));
    },
    onEye: useStable((index: number, run: RunRow, isOn: boolean) => {
      const row = rowAt(index);
      if (row?.kind === "run")
        setView({ selection: withRuns(selection, [run.id], isOn, isByDefault(row, run.id)) });
    }),
    onGroupEye: useStable((group: RunGroup, isOn: boolean) =>
      setView(withGroup(shown, group.values, placeOf(group.values), isOn)),
    ),
  };
}
