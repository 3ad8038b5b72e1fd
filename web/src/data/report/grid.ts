/** A grid of panels as a view: its board, its places, and the workspace that shows the same. Pure. */

import { type Board, type BoardView, homesOf, makeBoard } from "../board/board";
import { type BoardLayout, layoutBoard } from "../board/layout";
import { FIRST_VIEW, type View } from "../view/view";
import type { Grid, RunSet } from "./document";
import { GRID_SECTION } from "./read";

/** More rows than a grid has: it has no pages. */
const ALL_ROWS = 1000;
/** Between rows of panels, px. */
const ROW_GAP = 8;

/** The run set of a grid without any: the runs that a workspace shows first. */
export const NEWEST_ID = "newest";

/** The part of a view that a set of runs decides. */
export function viewOfRuns(set: RunSet): Partial<View> {
  const { filter, runSearch, isRunRegex, groupBy, order, selection, baseline, colorBy, groupColors } = set;
  return { filter, runSearch, isRunRegex, groupBy, order, selection, baseline, colorBy, groupColors };
}

/** The view of a grid's panels. */
export function viewOfGrid({ panels, settings }: Grid): View {
  return {
    ...FIRST_VIEW,
    settings,
    panels: Object.fromEntries(panels.map((panel) => [panel.id, panel])),
    sections: {
      [GRID_SECTION]: { isMade: true, isOpen: true, order: panels.map(({ id }) => id), rows: ALL_ROWS },
    },
  };
}

/** Whether a grid draws runs: texts alone need none. */
export function drawsRuns({ panels, unknownPanels }: Grid): boolean {
  return panels.length === 0 || unknownPanels.length > 0 || panels.some(({ kind }) => kind !== "markdown");
}

const NO_HOMES = homesOf([]);

/** The board of a grid: its own panels and no others. */
export function boardOfGrid(view: BoardView, title: string): Board {
  const sections = { [GRID_SECTION]: { ...view.sections[GRID_SECTION], title } };
  return makeBoard(NO_HOMES, { ...view, sections }, null);
}

interface GridCell {
  readonly id: string;
  readonly x: number;
  readonly width: number;
  readonly height: number;
}

/** Panels side by side. */
export interface GridRow {
  /** Of the tallest, px. */
  readonly height: number;
  readonly cells: readonly GridCell[];
}

/** The panels of a grid at their places, as a workspace of that width has those of a section. */
export function layoutGrid(board: Board, width: number): BoardLayout {
  return layoutBoard(board, width, null, 0);
}

/** The panels of a grid in rows. */
export function rowsOfGrid(board: Board, width: number): readonly GridRow[] {
  const [placed] = layoutGrid(board, width).sections;
  if (!placed) return [];
  const ids = placed.section.ids();
  const rows = new Map<number, GridCell[]>();
  for (const [i, { x, y, width, height }] of placed.cells.entries()) {
    const cells = rows.get(y) ?? [];
    cells.push({ id: ids[placed.first + i]!, x, width, height });
    rows.set(y, cells);
  }
  return [...rows]
    .sort(([a], [b]) => a - b)
    .map(([, cells]) => ({ cells, height: Math.max(...cells.map(({ height }) => height)) }));
}

/** The height of rows with the gaps between them, px. */
export function heightOfRows(rows: readonly GridRow[]): number {
  return rows.reduce((sum, { height }) => sum + height, 0) + ROW_GAP * Math.max(0, rows.length - 1);
}

/** A workspace with the runs of a set, and one panel of the grid over it. */
export function workspaceOf(grid: Grid, set: RunSet | null, panelId: string): View {
  const panel = grid.panels.find(({ id }) => id === panelId);
  const id = panelId.replace(/[^\w-]/g, "-");
  const section = "From a report";
  return {
    ...FIRST_VIEW,
    ...(set && viewOfRuns(set)),
    settings: grid.settings,
    ...(panel && {
      panels: { [id]: { ...panel, id, section } },
      sections: { [section]: { isMade: true } },
      full: id,
    }),
  };
}
