/** A grid that came into view: its run sets, and their runs drawn together, each once. */

import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import type { ProjectRef } from "@/api/types";
import type { Grid, RunSet } from "@/data/report/document";
import { viewOfGrid, viewOfRuns } from "@/data/report/grid";
import { Icon } from "@/ui/signs/icons";
import { createViewStore, NO_BASE } from "../../view/held-view";
import { ViewStoreProvider } from "../../view/view-store";
import { useReport } from "../report-context";
import { GridBoard } from "./grid-board";
import { joinedRuns } from "./joined-runs";
import { RunSetEntry } from "./run-set-entry";
import { isSame, nameOf, projectOf } from "./run-sets";
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
  const { project: own } = useReport();
  const isDrawable = (set: RunSet) => isSame(projectOf(set, own), project);
  const [off, setOff] = useState<ReadonlySet<string>>(
    () => new Set(sets.filter(({ isShown }) => !isShown).map((set) => set.id)),
  );
  const [answers, setAnswers] = useState<ReadonlyMap<string, SetRuns>>(new Map());
  const onRuns = useCallback(
    (setId: string, runs: SetRuns) => {
      setAnswers((before) => new Map(before).set(setId, runs));
      tell?.(setId, runs);
    },
    [tell],
  );
  const turn = (setId: string) => {
    const next = new Set(off);
    if (!next.delete(setId)) next.add(setId);
    setOff(next);
  };
  const shown = sets.filter((set) => isDrawable(set) && !off.has(set.id));
  const [lead] = shown;
  const shownIds = JSON.stringify(shown.map((set) => set.id));
  const parts = useMemo(
    () => (JSON.parse(shownIds) as string[]).flatMap((setId) => answers.get(setId) ?? []),
    [shownIds, answers],
  );
  const joined = useMemo(() => joinedRuns(project, parts), [project, parts]);
  const [store] = useState(() => createViewStore(viewOfGrid(grid), NO_BASE));
  useEffect(() => {
    if (lead) store.setState(({ view }) => ({ view: { ...view, ...viewOfRuns(lead) } }));
  }, [store, lead]);
  return (
    <ViewStoreProvider store={store}>
      <ul className="run-sets" aria-label="Run sets">
        {sets.map((set, i) => {
          const name = nameOf(set, i, sets.length);
          return isDrawable(set) ? (
            <RunSetEntry
              key={set.id}
              project={project}
              set={set}
              name={name}
              isShown={!off.has(set.id)}
              onTurn={sets.length > 1 && !isFixed ? () => turn(set.id) : undefined}
              onRuns={onRuns}
            />
          ) : (
            <li key={set.id} className="off">
              <Icon name="eyeoff" isSmall />
              <b>{name}</b>
              <span className="words ell">of {set.project}: runs of another project are not drawn yet</span>
            </li>
          );
        })}
      </ul>
      {note}
      <GridBoard
        id={id}
        grid={grid}
        set={lead ?? null}
        runs={joined}
        isWaiting={parts.length < shown.length || parts.some(({ isKnown }) => !isKnown)}
      />
    </ViewStoreProvider>
  );
}
