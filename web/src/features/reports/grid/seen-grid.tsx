/** A grid that came into view: its run sets, and their runs drawn together, each once. */

import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import type { ProjectRef } from "@/api/types";
import type { Grid, RunSet } from "@/data/report/document";
import { drawsRuns, viewOfGrid, viewOfRuns } from "@/data/report/grid";
import { createViewStore, NO_BASE, type ViewStore } from "../../view/held-view";
import { ViewStoreProvider } from "../../view/view-store";
import { GridBoard } from "./grid-board";
import { joinedRuns } from "./joined-runs";
import { RunSetEntry } from "./run-set-entry";
import { nameOf } from "./run-sets";
import type { SetRuns } from "./use-set-runs";

export interface SeenGridProps {
  readonly id: string;
  readonly grid: Grid;
  readonly sets: readonly RunSet[];
  /** The project of the runs that it draws. */
  readonly project: ProjectRef;
  /** Its sets are shown or not as they were published. */
  readonly isFixed?: boolean;
  /** Between the run sets and the panels. */
  readonly note?: ReactNode;
  /** Called with the runs of each set whenever they change. Stable. */
  onRuns?(id: string, runs: SetRuns): void;
}

export function SeenGrid({ id, grid, sets, project, isFixed = false, note, onRuns: tell }: SeenGridProps) {
  const [off, setOff] = useState<ReadonlySet<string>>(
    () => new Set(sets.filter(({ isShown }) => !isShown).map((set) => set.id)),
  );
  const turn = (setId: string) => {
    const next = new Set(off);
    if (!next.delete(setId)) next.add(setId);
    setOff(next);
  };
  const hasRuns = drawsRuns(grid);
  const shown = hasRuns ? sets.filter((set) => !off.has(set.id)) : NO_SETS;
  const [lead = null] = shown;
  const { runs, isWaiting, onRuns } = useGridRuns(project, shown, tell);
  const [store] = useState(() => createViewStore(viewOfGrid(grid), NO_BASE));
  useLeadingRuns(store, lead);
  return (
    <ViewStoreProvider store={store}>
      {hasRuns && (
        <ul className="run-sets" aria-label="Run sets">
          {sets.map((set, i) => (
            <RunSetEntry
              key={set.id}
              set={set}
              grid={id}
              name={nameOf(set, i, sets.length)}
              isShown={!off.has(set.id)}
              onTurn={sets.length > 1 && !isFixed ? () => turn(set.id) : undefined}
              onRuns={onRuns}
            />
          ))}
        </ul>
      )}
      {hasRuns && note}
      <GridBoard id={id} grid={grid} set={lead} runs={runs} isWaiting={isWaiting} />
    </ViewStoreProvider>
  );
}

const NO_SETS: readonly RunSet[] = [];

/** The view of a grid is ordered, grouped and coloured as its first run set that is shown. */
export function useLeadingRuns(store: ViewStore, lead: RunSet | null): void {
  useEffect(() => {
    if (lead) store.setState(({ view }) => ({ view: { ...view, ...viewOfRuns(lead) } }));
  }, [store, lead]);
}

interface GridRuns {
  /** Those of all sets that are shown, each once. */
  readonly runs: SetRuns;
  readonly isWaiting: boolean;
  /** To be called with the runs of each set whenever they change. Stable. */
  onRuns(id: string, runs: SetRuns): void;
}

/**
 * The runs of a grid.
 *
 * @param shown the sets that are drawn
 * @param tell called with the runs of each set, too; stable
 */
export function useGridRuns(
  project: ProjectRef,
  shown: readonly RunSet[],
  tell?: SeenGridProps["onRuns"],
): GridRuns {
  const [answers, setAnswers] = useState<ReadonlyMap<string, SetRuns>>(new Map());
  const onRuns = useCallback(
    (setId: string, runs: SetRuns) => {
      setAnswers((before) => new Map(before).set(setId, runs));
      tell?.(setId, runs);
    },
    [tell],
  );
  const shownIds = JSON.stringify(shown.map((set) => set.id));
  const parts = useMemo(
    () => (JSON.parse(shownIds) as string[]).flatMap((setId) => answers.get(setId) ?? []),
    [shownIds, answers],
  );
  const runs = useMemo(() => joinedRuns(project, parts), [project, parts]);
  const isWaiting = parts.length < shown.length || parts.some(({ isKnown }) => !isKnown);
  return { runs, isWaiting, onRuns };
}
