/** The runs of a run set, as panels draw them. */

import { useCallback, useEffect } from "react";
import type { RunRow } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import type { RunSet } from "@/data/report/document";
import type { PanelRun, PanelSet } from "@/panels/panel-props";
import { useBaseline } from "../../runs/use-baseline";
import { usePanelGroups, usePanelList } from "../../runs/use-panel-list";
import { usePanelRuns } from "../../runs/use-panel-runs";
import { useRuns } from "../../runs/use-runs";
import { useShownRuns } from "../../runs/use-shown-runs";

/** The runs of a set as panels draw them. */
export interface SetRuns {
  readonly panels: PanelSet;
  readonly isSettled: boolean;
  /** The runs of the set are known, or could not be read. */
  readonly isKnown: boolean;
  readonly error: Error | null;
}

interface CountedRuns {
  /** Those that panels draw. */
  readonly runs: readonly PanelRun[];
  /** Runs that are shown, and all that match. */
  readonly nShown: number;
  readonly total: number;
  readonly isKnown: boolean;
  readonly error: Error | null;
}

const NO_COLUMNS: readonly string[] = [];

/**
 * Reads the runs of a set, whose view is around.
 *
 * @param onRuns called with the runs again whenever they change; stable
 */
export function useSetRuns(
  project: ProjectRef,
  set: RunSet,
  onRuns: (id: string, runs: SetRuns) => void,
): CountedRuns {
  const runs = useRuns(project, NO_COLUMNS);
  const shown = useShownRuns(project, runs);
  const { colorOf: listColor } = runs;
  const colorOf = useCallback(
    (run: RunRow) => (set.colorBy === null ? set.runColors[run.id] : undefined) ?? listColor(run),
    [set, listColor],
  );
  const { panelRuns, runIds } = usePanelRuns(shown.drawn, colorOf);
  const baseline = useBaseline(project);
  const list = usePanelList(runs.request);
  const groups = usePanelGroups(runs.listedGroups);
  const { nShown, isSettled, isCounted } = shown;
  const { error, total, groupColors } = runs;
  const by = runs.request.by;
  const isKnown = error !== null || (!runs.isPending && (isCounted || total === 0));
  useEffect(() => {
    const panels: PanelSet = {
      project,
      runs: panelRuns,
      runIds,
      ...(nShown > panelRuns.length && panelRuns.length > 0 && { nShown }),
      nHidden: total - nShown,
      groupBy: by,
      groups,
      groupColors,
      baseline,
      list,
    };
    onRuns(set.id, { panels, isSettled, isKnown, error });
  }, [
    onRuns,
    set.id,
    project,
    panelRuns,
    runIds,
    nShown,
    total,
    by,
    groups,
    groupColors,
    baseline,
    list,
    isSettled,
    isKnown,
    error,
  ]);
  return { runs: panelRuns, nShown, total, isKnown, error };
}
