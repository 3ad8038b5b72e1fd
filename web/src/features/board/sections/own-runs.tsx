/**
 * Runs of a panel's own: those of the project that match its filter, whatever the list shows.
 *
 * Panels with the same filter share one question.
 */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { type RunRow, rowsQuery } from "@/api/runs/run-rows";
import { isRunKey } from "@/api/several-projects/run-keys";
import { colorOfRun } from "@/data/runs/color";
import { CHART_RUNS } from "@/data/runs/shown-runs";
import { PanelFrame, type PanelState, usePanelBox } from "@/panels/frame/panel-frame";
import type { PanelProps, PanelSet } from "@/panels/panel-props";
import { isInvalidFilter } from "../../runs/filter/use-filter";
import { usePanelRuns } from "../../runs/use-panel-runs";
import { useView } from "../../view/view-store";

const NO_COLUMNS: readonly string[] = [];
const NO_RUNS: readonly RunRow[] = [];

interface OwnRuns {
  /** The set of the panel: with its own runs, or as the page has it. */
  readonly set: PanelSet;
  /** Of a panel that cannot draw because of its runs. */
  readonly state: PanelState | null;
}

/**
 * @param filter null: the panel draws the runs shown
 * @param isOfOneProject of runs of several projects it draws those of its own
 */
export function useOwnRuns(all: PanelSet, filter: string | null, isOfOneProject: boolean): OwnRuns {
  const set = useMemo(() => (isOfOneProject ? withoutOthers(all) : all), [all, isOfOneProject]);
  const order = useView((view) => view.order);
  const { groupColors, list } = set;
  const columns = list?.colorBy ?? NO_COLUMNS;
  const asking = { filter: filter ?? "", search: "", isRegex: false, order, columns };
  const query = useQuery({
    ...rowsQuery(set.project, asking, null, 0, CHART_RUNS),
    enabled: filter !== null,
    placeholderData: keepPreviousData,
  });
  const colorOf = useCallback(
    (run: RunRow) => colorOfRun(run, columns, groupColors ?? {}),
    [columns, groupColors],
  );
  const { panelRuns, runIds } = usePanelRuns(query.data?.rows ?? NO_RUNS, colorOf);
  const nMatching = query.data?.total;
  const own = useMemo(
    // the list and its menus act on the runs that the list shows, not on these
    (): PanelSet => ({
      ...set,
      runs: panelRuns,
      runIds,
      nShown: undefined,
      nHidden: undefined,
      nMatching,
      list: undefined,
      onMenu: undefined,
    }),
    [set, panelRuns, runIds, nMatching],
  );
  if (filter === null) return { set, state: null };
  return { set: own, state: stateOfRuns(query) };
}

function withoutOthers(set: PanelSet): PanelSet {
  if (!set.runIds.some(isRunKey)) return set;
  return {
    ...set,
    runs: set.runs.filter(({ id }) => !isRunKey(id)),
    runIds: set.runIds.filter((id) => !isRunKey(id)),
    baseline: set.baseline && !isRunKey(set.baseline.id) ? set.baseline : null,
  };
}

function stateOfRuns(query: {
  readonly data: { readonly rows: readonly RunRow[] } | undefined;
  readonly error: Error | null;
  refetch(): unknown;
}): PanelState | null {
  if (isInvalidFilter(query.error))
    return { is: "empty", say: `The filter of its runs is invalid: ${query.error.message}` };
  if (query.data)
    return query.data.rows.length > 0 ? null : { is: "empty", say: "No run matches its filter." };
  if (query.error) return { is: "failed", error: query.error, onRetry: () => query.refetch() };
  return { is: "waiting" };
}

/** A panel that has no runs to draw, yet or at all. */
export function PanelWithoutRuns({ of, state }: { of: PanelProps; state: PanelState }) {
  const box = usePanelBox(of.isFull);
  const action = !of.isReadOnly && (
    <button type="button" className="btn sm" onClick={() => of.onEdit(of.panel.id)}>
      Open its settings
    </button>
  );
  return (
    <PanelFrame
      of={of}
      box={box}
      metric={of.panel.keys[0]}
      state={state.is === "empty" ? { ...state, action } : state}
    >
      {null}
    </PanelFrame>
  );
}
