/** The row of one run: checkbox, eye, colour and name at the left, then the columns in view. */

import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { RunRow } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { isStarred } from "@/data/runs/star";
import type { Span } from "@/data/table/window";
import { Checkbox } from "@/ui/controls/checkbox";
import { isPhone } from "@/ui/hooks/use-phone";
import { LockSign } from "@/ui/signs/lock-sign";
import { StateIcon } from "@/ui/signs/state-icon";
import { MidName } from "@/ui/text/mid-name";
import { StarButton } from "../../runs/actions/star-button";
import { BaselineFlag, ColorButton, EyeButton, MoreButton } from "../../runs/row-parts";
import { isSameParts, type RunParts, runValue } from "../use-table-cells";
import { cellProps, type GridLayout, rowProps } from "./grid-layout";
import { type ColumnLook, cellClass, valueNode } from "./value-cell";

/** Handlers of a row; they are stable. */
interface RowHandlers {
  onSelect(run: RunRow, index: number, isRange: boolean): void;
  onEye(index: number): void;
  onPalette(run: RunRow, element: Element): void;
  onMenu(run: RunRow, element: Element): void;
  onStar: ((run: RunRow) => void) | undefined;
}

interface TableRunRowProps extends RowHandlers {
  readonly project: ProjectRef;
  /** Row of the table, from 0. */
  readonly index: number;
  readonly depth: number;
  readonly run: RunRow;
  /** With its id where another run in the table has the same. */
  readonly name: string;
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

function endedRun({ project, run: { id, state }, parts }: TableRunRowProps) {
  return { project, id, state, reason: runValue(parts, "reason") };
}

/** The run's cells that scroll sideways. Both parts are rows of the same index. */
export const TableRunRow = memo(function TableRunRow(props: TableRunRowProps) {
  const { index, run, parts, layout, looks, columns, isShown, isSelected } = props;
  const ended = endedRun(props);
  const nPinned = layout.pinned.length;
  const cells: React.ReactNode[] = [];
  for (let i = columns.first; i < columns.end; i++) {
    const look = looks[nPinned + i];
    if (!look) continue;
    const { id } = look.column;
    cells.push(
      <div
        {...cellProps(index, id, nPinned + i + 1, {
          left: layout.pinnedPx + layout.edges[i]!,
          width: look.column.widthPx,
        })}
        // a cell is used again for another column of the same place
        key={i % CELLS}
        className={cellClass(look.column, layout.bandStarts.has(i))}
      >
        {valueNode(look, runValue(parts, id), ended)}
      </div>,
    );
  }
  return (
    <div
      role="row"
      {...rowProps(index, layout.widthPx)}
      aria-selected={isSelected}
      data-run={run.id}
      className={`rt-row ${isSelected ? "sel" : ""} ${isShown ? "" : "off"}`}
    >
      {cells}
    </div>
  );
}, isSameRow);

/** The run's cells that stay at the left: its name and what is pinned. */
export const TableRunPin = memo(function TableRunPin(props: TableRunRowProps) {
  const { index, parts, layout, looks, isShown, isSelected } = props;
  const ended = endedRun(props);
  return (
    <div
      role="row"
      {...rowProps(index, layout.pinnedPx)}
      aria-selected={isSelected}
      className={`rt-row pin ${isSelected ? "sel" : ""} ${isShown ? "" : "off"}`}
    >
      <NameCell {...props} />
      {layout.pinned.map((column, i) => (
        <div
          {...cellProps(index, column.id, i + 1, { left: layout.pinnedEdges[i], width: column.widthPx })}
          key={column.id}
          className={cellClass(column, false)}
        >
          {looks[i] && valueNode(looks[i], runValue(parts, column.id), ended)}
        </div>
      ))}
    </div>
  );
}, isSamePin);

function NameCell(props: TableRunRowProps) {
  const { project, index, depth, run, name, color, layout, isShown, isSelected, isBaseline, ...on } = props;
  return (
    <div
      {...cellProps(index, "name", 0, {
        left: 0,
        width: layout.namePx,
        paddingLeft: 14 + Math.max(0, depth - 1) * 12,
      })}
      className="c nm"
    >
      <Checkbox
        label={`Select ${run.name}`}
        isOn={isSelected}
        tabIndex={-1}
        onChange={(_, event) => on.onSelect(run, index, event.shiftKey)}
      />
      <EyeButton label={`Show ${run.name} in charts`} isOn={isShown} onClick={() => on.onEye(index)} />
      {depth > 0 && <span className="ind" />}
      <ColorButton
        name={run.name}
        color={color}
        isShown={isShown}
        shape={isBaseline ? "dash" : "round"}
        onPalette={(element) => on.onPalette(run, element)}
      />
      <Link
        to="/$entity/$project/runs/$run"
        params={{ ...project, run: run.id }}
        className="plain name"
        tabIndex={-1}
      >
        <MidName name={name} />
      </Link>
      {/* its own column is far on a phone */}
      {isPhone() && <StateIcon state={run.state} />}
      {isStarred(run) && (
        <StarButton name={run.name} isOn tabIndex={-1} onTurn={on.onStar && (() => on.onStar?.(run))} />
      )}
      <LockSign user={run.locked_by} micros={run.locked_micros} />
      {isBaseline && <BaselineFlag />}
      <MoreButton name={run.name} onMenu={(element) => on.onMenu(run, element)} />
    </div>
  );
}
