/**
 * A grid of panels: its run sets, and their runs drawn by the panels of a workspace.
 *
 * Run sets that are shown are drawn together, each run once. Only a grid that came into view asks for its runs.
 */

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { ProjectRef } from "@/api/types";
import type { Grid, RunSet } from "@/data/report/document";
import { boardOfGrid, heightOfRows, rowsOfGrid, viewOfGrid, viewOfRuns } from "@/data/report/grid";
import { useWidth } from "@/panels/frame/use-in-view";
import { Icon } from "@/ui/signs/icons";
import { createViewStore, NO_BASE } from "../../view/held-view";
import { ViewStoreProvider } from "../../view/view-store";
import { useReport } from "../report-context";
import { GridBoard } from "./grid-board";
import { joinedRuns } from "./joined-runs";
import { RunSetEntry, type SetRuns } from "./run-set-entry";
import { useSeen } from "./use-seen";
import "./grid.css";

interface GridBlockProps {
  readonly id: string;
  readonly grid: Grid;
}

/** A grid without run sets draws the runs that its project's workspace shows first. */
const NEWEST: RunSet = {
  ...viewOfNoSet(),
  id: "newest",
  name: "",
  project: null,
  isShown: true,
  runColors: {},
};

export function GridBlock({ id, grid }: GridBlockProps) {
  const area = useRef<HTMLElement>(null);
  const isSeen = useSeen(area);
  const width = useWidth(area);
  const { project: own } = useReport();
  const sets = grid.runSets.length > 0 ? grid.runSets : [NEWEST];
  // runs of one project for now: those of the first run set that is shown
  const lead = sets.find(({ isShown }) => isShown) ?? sets[0]!;
  const project = useMemo(() => projectOf(lead, own), [lead, own]);
  const rows = useMemo(
    () => (width > 0 ? rowsOfGrid(boardOfGrid(viewOfGrid(grid), ""), width - 2 * PADDING_PX) : []),
    [grid, width],
  );
  return (
    <figure className="report-grid" ref={area} aria-label="Panels">
      {isSeen ? (
        <SeenGrid id={id} grid={grid} sets={sets} project={project} />
      ) : (
        <ul className="run-sets" aria-hidden="true">
          {sets.map((set, i) => (
            <li key={set.id}>
              <b>{nameOf(set, i, sets.length)}</b>
            </li>
          ))}
        </ul>
      )}
      {!isSeen && <div style={{ height: heightOfRows(rows) }} />}
      {grid.unknownPanels.length > 0 && (
        <p className="grid-note">
          <Icon name="info" isSmall /> This version of weft cannot show panels of the kind{" "}
          {[...new Set(grid.unknownPanels)].join(", ")}.
        </p>
      )}
    </figure>
  );
}

/** As grid.css has it. */
const PADDING_PX = 8;

function viewOfNoSet() {
  return {
    filter: "",
    runSearch: "",
    isRunRegex: false,
    groupBy: [],
    order: [],
    selection: { base: "newest", on: [], off: [] },
    baseline: null,
    colorBy: null,
    groupColors: {},
  } as const;
}

function projectOf({ project }: RunSet, own: ProjectRef): ProjectRef {
  const [first, name] = project?.split("/") ?? [];
  if (!first) return own;
  // without its owner it is one of the report's
  return name ? { entity: first, project: name } : { entity: own.entity, project: first };
}

function nameOf({ name }: RunSet, index: number, n: number): string {
  return name || (n === 1 ? "Runs" : `Run set ${index + 1}`);
}

interface SeenGridProps extends GridBlockProps {
  readonly sets: readonly RunSet[];
  readonly project: ProjectRef;
}

function SeenGrid({ id, grid, sets, project }: SeenGridProps) {
  const { project: own } = useReport();
  const isDrawable = (set: RunSet) => isSame(projectOf(set, own), project);
  const [off, setOff] = useState<ReadonlySet<string>>(
    () => new Set(sets.filter(({ isShown }) => !isShown).map((set) => set.id)),
  );
  const [answers, setAnswers] = useState<ReadonlyMap<string, SetRuns>>(new Map());
  const onRuns = useCallback(
    (setId: string, runs: SetRuns) => setAnswers((before) => new Map(before).set(setId, runs)),
    [],
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
              onTurn={sets.length > 1 ? () => turn(set.id) : undefined}
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

function isSame(a: ProjectRef, b: ProjectRef): boolean {
  return a.entity === b.entity && a.project === b.project;
}
