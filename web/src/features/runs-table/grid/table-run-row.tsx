/**
 * The row of one run: checkbox, eye, colour and name at the left, then the columns in view.
 */

import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { RunRow } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { isStarred } from "@/data/runs/star";
import type { Span } from "@/data/table/window";
import { Checkbox } from "@/ui/controls/checkbox";
import { Icon } from "@/ui/signs/icons";
import { MidName } from "@/ui/text/mid-name";
import { StarButton } from "../../runs/actions/star-button";
import { isSameParts, type RunParts, runValue } from "../use-table-cells";
import { cellId, type GridLayout, ROW_PX } from "./grid-layout";
import { type ColumnLook, cellClass, valueNode } from "./value-cell";

/** Handlers of a row; they are stable. */
interface RowHandlers {
  onSelect(run: RunRow, index: number, isRange: boolean): void;
  onEye(index: number): void;
  onPalette(run: RunRow, element: Element): void;
  onMenu(run: RunRow, element: Element): void;
  onStar(run: RunRow): void;
}

interface TableRunRowProps extends RowHandlers {
  readonly project: ProjectRef;
  /** Row of the table, from 0. */
  readonly index: number;
  readonly depth: number;
  readonly run: RunRow;
  readonly color: number;
  readonly parts: RunParts | undefined;
  readonly layout: GridLayout;
  readonly looks: readonly ColumnLook[];
  /** Scrolled columns in view. */
  readonly columns: Span;
  readonly isShown: boolean;
  readonly isSelected: boolean;
  readonly isBaseline: boolean;
}

/** Cells of a row that are used in turn: more than are ever in view. */
const CELLS = 64;

function isSamePin(a: TableRunRowProps, b: TableRunRowProps): boolean {
  return isSameRow(a, { ...b, columns: a.columns });
}

function isSameRow(a: TableRunRowProps, b: TableRunRowProps): boolean {
  for (const key of Object.keys(a) as (keyof TableRunRowProps)[])
    if (key !== "parts" && !Object.is(a[key], b[key])) return false;
  return isSameParts(a.parts, b.parts);
}

/** The run's cells that scroll sideways. Both parts are rows of the same index. */
export const TableRunRow = memo(function TableRunRow(props: TableRunRowProps) {
  const { index, run, parts, layout, looks, columns, isShown, isSelected } = props;
  const nPinned = layout.pinned.length;
  const cells: React.ReactNode[] = [];
  for (let i = columns.first; i < columns.end; i++) {
    const look = looks[nPinned + i];
    if (!look) continue;
    const { id } = look.column;
    cells.push(
      <div
        // a cell is used again for another column of the same place
        key={i % CELLS}
        id={cellId(index, id)}
        role="gridcell"
        tabIndex={-1}
        aria-colindex={nPinned + i + 2}
        className={cellClass(look.column, layout.bandStarts.has(i))}
        style={{ left: layout.pinnedPx + layout.edges[i]!, width: look.column.widthPx }}
      >
        {valueNode(look, runValue(parts, id))}
      </div>,
    );
  }
  return (
    <div
      role="row"
      aria-rowindex={index + 3}
      aria-selected={isSelected}
      data-index={index}
      data-run={run.id}
      className={`rt-row ${isSelected ? "sel" : ""} ${isShown ? "" : "off"}`}
      style={{ top: index * ROW_PX, width: layout.widthPx }}
    >
      {cells}
    </div>
  );
}, isSameRow);

/** The run's cells that stay at the left: its name and what is pinned. */
export const TableRunPin = memo(function TableRunPin(props: TableRunRowProps) {
  const { index, parts, layout, looks, isShown, isSelected } = props;
  return (
    <div
      role="row"
      aria-rowindex={index + 3}
      aria-selected={isSelected}
      data-index={index}
      className={`rt-row pin ${isSelected ? "sel" : ""} ${isShown ? "" : "off"}`}
      style={{ top: index * ROW_PX, width: layout.pinnedPx }}
    >
      <NameCell {...props} />
      {layout.pinned.map((column, i) => (
        <div
          key={column.id}
          id={cellId(index, column.id)}
          role="gridcell"
          tabIndex={-1}
          aria-colindex={i + 2}
          className={cellClass(column, false)}
          style={{ left: layout.pinnedEdges[i], width: column.widthPx }}
        >
          {looks[i] && valueNode(looks[i], runValue(parts, column.id))}
        </div>
      ))}
    </div>
  );
}, isSamePin);

function NameCell({
  project,
  index,
  depth,
  run,
  color,
  layout,
  isShown,
  isSelected,
  isBaseline,
  ...on
}: TableRunRowProps) {
  return (
    <div
      id={cellId(index, "name")}
      role="gridcell"
      tabIndex={-1}
      aria-colindex={1}
      className="c nm"
      style={{ left: 0, width: layout.namePx, paddingLeft: 14 + Math.max(0, depth - 1) * 12 }}
    >
      <Checkbox
        label={`Select ${run.name}`}
        isOn={isSelected}
        tabIndex={-1}
        onChange={(_, event) => on.onSelect(run, index, event.shiftKey)}
      />
      <button
        type="button"
        className="eye"
        tabIndex={-1}
        aria-pressed={isShown}
        aria-label={`Show ${run.name} in charts`}
        onClick={() => on.onEye(index)}
      >
        <Icon name={isShown ? "eye" : "eyeoff"} />
      </button>
      {depth > 0 && <span className="ind" />}
      <button
        type="button"
        className="dot-btn"
        tabIndex={-1}
        aria-label={`Color of ${run.name}`}
        onClick={(event) => on.onPalette(run, event.currentTarget)}
      >
        <span
          className={`sw-dot ${isShown ? "" : "hollow"} ${isBaseline ? "dsh" : ""}`}
          style={isBaseline ? { color: `var(--w-run-${color})` } : { background: `var(--w-run-${color})` }}
        />
      </button>
      <Link
        to="/$entity/$project/runs/$run"
        params={{ ...project, run: run.id }}
        className="plain name"
        tabIndex={-1}
      >
        <MidName name={run.name} />
      </Link>
      {isStarred(run) && <StarButton name={run.name} isOn tabIndex={-1} onTurn={() => on.onStar(run)} />}
      {isBaseline && (
        <span className="flag neu" title="Baseline">
          base
        </span>
      )}
      <button
        type="button"
        className="btn q sm ico more"
        tabIndex={-1}
        aria-label={`More about ${run.name}`}
        onClick={(event) => on.onMenu(run, event.currentTarget)}
      >
        <Icon name="dots" isSmall />
      </button>
    </div>
  );
}
