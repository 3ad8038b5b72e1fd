/**
 * The rows in view, each in two parts: one scrolls sideways, one stays at the left.
 */

import type { GroupFigures } from "@/api/group-figures";
import type { RunGroup } from "@/api/groups";
import type { RunRow } from "@/api/run-rows";
import type { ProjectRef } from "@/api/types";
import { colorOfGroup } from "@/data/color";
import { formatNoun } from "@/data/format";
import { groupName } from "@/data/group-name";
import { groupId } from "@/data/view/view";
import { runOfRow } from "../runs/run-selection";
import type { Runs, RunsListRow } from "../runs/use-runs";
import { cellId, type GridLayout, ROW_PX } from "./grid-layout";
import { type GroupHandlers, TableGroupPin, TableGroupRow } from "./table-group-row";
import { type RowHandlers, TableRunPin, TableRunRow } from "./table-run-row";
import type { GridWindow } from "./use-grid-window";
import type { RunParts } from "./use-table-cells";
import type { ColumnLook } from "./value-cell";

interface GridRowsAsked {
  readonly project: ProjectRef;
  readonly runs: Runs;
  readonly view: GridWindow;
  readonly layout: GridLayout;
  readonly looks: readonly ColumnLook[];
  readonly parts: ReadonlyMap<string, RunParts>;
  readonly figures: ReadonlyMap<string, GroupFigures>;
  readonly selected: ReadonlySet<string>;
  readonly baseline: string | null;
  isRowShown(row: RunsListRow, run: RunRow | null): boolean;
  nSelectedIn(group: RunGroup): number;
  /** Stable ones. */
  readonly handlers: RowHandlers & GroupHandlers;
}

export function gridRows(asked: GridRowsAsked): { rows: React.ReactNode[]; pins: React.ReactNode[] } {
  const { project, runs, view, layout, looks, handlers } = asked;
  const { onSelect, onEye, onPalette, onMenu, onStar, onOpen, onGroupEye, onGroupPalette, onGroupSelect } =
    handlers;
  const rows: React.ReactNode[] = [];
  const pins: React.ReactNode[] = [];
  for (let i = view.rows.first; i < view.rows.end; i++) {
    const row = runs.rowAt(i);
    if (!row) continue;
    const run = runOfRow(runs, i);
    const isShown = asked.isRowShown(row, run);
    // rows that leave are used again for those that come
    const key = i % view.nRows;
    const place = { index: i, layout, looks, columns: view.columns, isShown };
    if (row.kind === "run" && run) {
      const of = {
        ...place,
        project,
        depth: row.depth,
        run,
        color: runs.colorOf(run),
        parts: asked.parts.get(run.id),
        isSelected: asked.selected.has(run.id),
        isBaseline: asked.baseline === run.id,
        onSelect,
        onEye,
        onPalette,
        onMenu,
        onStar,
      };
      rows.push(<TableRunRow key={key} {...of} />);
      pins.push(<TableRunPin key={key} {...of} />);
    } else if (row.kind === "group") {
      const { group, depth, isOpen } = row;
      const of = {
        ...place,
        depth,
        group,
        color: colorOfGroup(runs.groupColors, groupId(group.values)),
        name: groupName(group.values),
        figures: asked.figures.get(groupId(group.values)),
        isOpen,
        nSelected: asked.nSelectedIn(group),
        onOpen,
        onGroupEye,
        onGroupPalette,
        onGroupSelect,
      };
      rows.push(<TableGroupRow key={key} {...of} />);
      pins.push(<TableGroupPin key={key} {...of} />);
    } else {
      const of = { index: i, layout, runs, row };
      rows.push(<OtherRow key={key} {...of} />);
      pins.push(<OtherPin key={key} {...of} />);
    }
  }
  return { rows, pins };
}

interface OtherRowProps {
  readonly index: number;
  readonly layout: GridLayout;
  readonly runs: Runs;
  readonly row: RunsListRow;
}

/** A row that is on its way, or stands for groups that are not listed. */
function OtherRow({ index, layout, row }: OtherRowProps) {
  return (
    <div
      role="row"
      aria-rowindex={index + 3}
      aria-busy={row.kind !== "more"}
      data-index={index}
      className={`rt-row ${row.kind === "more" ? "g" : "wait"}`}
      style={{ top: index * ROW_PX, width: layout.widthPx }}
    />
  );
}

function OtherPin({ index, layout, runs, row }: OtherRowProps) {
  return (
    <div
      role="row"
      aria-rowindex={index + 3}
      data-index={index}
      className={`rt-row pin ${row.kind === "more" ? "g" : "wait"}`}
      style={{ top: index * ROW_PX, width: layout.pinnedPx }}
    >
      <div
        className="c nm"
        role="gridcell"
        tabIndex={-1}
        aria-colindex={1}
        id={cellId(index, "name")}
        style={{ left: 0, width: layout.namePx, paddingLeft: 64 }}
      >
        {row.kind === "more" ? (
          <button type="button" className="btn q sm" tabIndex={-1} onClick={() => runs.showMore(row.under)}>
            {formatNoun(row.n, "more group")}
          </button>
        ) : (
          <span className="rt-sk" style={{ width: 90 + ((index * 37) % 60) }} />
        )}
      </div>
    </div>
  );
}
