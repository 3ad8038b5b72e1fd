/**
 * The grid of the runs table: only the rows and columns in view are drawn, whatever their number.
 */

import { useNavigate } from "@tanstack/react-router";
import {
  type MouseEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { RunGroup } from "@/api/groups";
import type { RunRow } from "@/api/run-rows";
import type { ProjectRef } from "@/api/types";
import { plainText } from "@/data/table/cell-format";
import { groupId } from "@/data/view/view";
import { copyText } from "@/ui/copy-text";
import { NamesBeside } from "@/ui/mid-name";
import { useStable } from "@/ui/use-stable";
import { usePalettes } from "../runs/palettes";
import { type NamedRun, useRunActions } from "../runs/run-actions";
import { anchorAt, type RunAnchor, RunMenu } from "../runs/run-menu";
import {
  clearSelection,
  runOfRow,
  selectGroup,
  selectRun,
  selectUpTo,
  toggleRun,
  useSelectAll,
  useSelectedIds,
} from "../runs/run-selection";
import type { RowsEntry } from "../runs/use-entry";
import { useHolding } from "../runs/use-holding";
import type { Runs } from "../runs/use-runs";
import { useSetView, useView } from "../view/view-store";
import { CellEditor } from "./cell-editor";
import { cellId, columnAt, edgesAt, type GridLayout, ROW_PX } from "./grid-layout";
import { gridRows } from "./grid-rows";
import { type HeadHandlers, TableHead } from "./table-head";
import { isEdited, useCellEdit } from "./use-cell-edit";
import { type SampledFacts, useColumnLooks } from "./use-column-looks";
import { type Cursor, useGridKeys } from "./use-grid-keys";
import { useGridWindow } from "./use-grid-window";
import { useGroupFigures } from "./use-group-figures";
import { useRowEyes } from "./use-row-eyes";
import { useRowHover } from "./use-row-hover";
import { useScrollAnchor } from "./use-scroll-anchor";
import { useSelectedInGroups } from "./use-selected-in-groups";
import { runValue, useTableCells } from "./use-table-cells";

interface TableGridProps {
  readonly ref: Ref<RowsEntry>;
  readonly project: ProjectRef;
  readonly runs: Runs;
  readonly layout: GridLayout;
  readonly facts: readonly SampledFacts[];
  readonly counts: Readonly<Record<string, string>>;
  /** The column whose menu is open. */
  readonly openColumn: string | null;
  /** Tags in use in the project. */
  readonly tags: readonly string[];
  readonly head: Omit<HeadHandlers, "onSelectAll">;
  onShift(column: string, by: 1 | -1): void;
}

interface Editing {
  readonly row: number;
  readonly column: number;
  readonly run: RunRow;
  readonly value: unknown;
}

export function TableGrid(props: TableGridProps) {
  const { project, runs, layout } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();
  const setView = useSetView();
  const order = useView((view) => view.order);
  const baseline = useView((view) => view.baseline);
  const selected = useSelectedIds(project);
  const nSelectedIn = useSelectedInGroups(project, runs, selected);
  const [editing, setEditing] = useState<Editing | null>(null);
  const edit = useCellEdit(project);
  const actions = useRunActions(project);

  const view = useGridWindow(scroller, layout, runs.nRows);
  const { onRange } = runs;
  useEffect(() => onRange(view.rows.first, view.rows.end), [onRange, view.rows]);
  const formats = useView((one) => one.table.formats);
  const looks = useColumnLooks(project, runs.asked, layout, view.columns, props.facts, order, formats);
  const pinnedIds = useMemo(() => layout.pinned.map((column) => column.id), [layout]);
  const scrolledIds = useMemo(() => layout.scrolled.map((column) => column.id), [layout]);
  const parts = useTableCells(project, runs, view.rows, pinnedIds, scrolledIds, view.columns);
  const figures = useGroupFigures(project, runs, view.rows, looks, layout.pinned.length, view.columns);
  const openGroups = useView((one) => one.openGroups);
  useScrollAnchor(scroller, runs, view.rows, openGroups);
  const holding = useHolding(runs.onHold, editing !== null);
  const { rowAt } = runs;
  const runOf = (index: number) => runOfRow(runs, index);
  const eyes = useRowEyes(runs, rowAt);
  const groupAt = (index: number): RunGroup | null => {
    const row = rowAt(index);
    return row?.kind === "group" ? row.group : null;
  };

  const onOpen = useStable((group: RunGroup, isOpen: boolean) =>
    setView(({ openGroups }) => {
      const id = groupId(group.values);
      const others = openGroups.filter((one) => one !== id);
      return { openGroups: isOpen ? [...others, id] : others };
    }),
  );
  const onSelect = useStable((index: number, run: RunRow, _isOn: boolean, isRange: boolean) => {
    if (isRange) void selectUpTo(project, runs, index);
    else toggleRun(project, run.id, index);
  });
  const onGroupSelect = useStable((group: RunGroup, isOn: boolean) => {
    void selectGroup(project, runs, group.values, isOn);
  });
  const selectAll = useSelectAll(project, runs);
  const onSelectAll = useStable((isOn: boolean) => {
    if (isOn) selectAll();
    else clearSelection();
  });
  const { palettes, onPalette: openPalette, onGroupPalette: openGroupPalette } = usePalettes(project, runs);
  const [menu, setMenu] = useState<RunAnchor | null>(null);
  const onPalette = useStable(openPalette);
  const onGroupPalette = useStable(openGroupPalette);
  const onRunMenu = useStable((run: NamedRun, element: Element) => setMenu(anchorAt(run, element)));
  const onStar = useStable((run: NamedRun) => void actions.turnStar(run));

  const valueAt = ({ row, column }: Cursor): unknown => {
    const run = runOf(row);
    const at = columnAt(layout, column);
    if (!run) return undefined;
    return at ? runValue(parts.get(run.id), at.id) : run.name;
  };
  const open = (run: RunRow) =>
    navigate({ to: "/$entity/$project/runs/$run", params: { ...project, run: run.id } });
  const startEdit = (cursor: Cursor): boolean => {
    const run = runOf(cursor.row);
    const column = columnAt(layout, cursor.column)?.id ?? "name";
    const value = valueAt(cursor);
    if (!run || !isEdited(column) || value === undefined) return false;
    keys.go(cursor);
    setEditing({ ...cursor, run, value });
    return true;
  };
  // while its menu was open, new runs may have moved it to another row
  const renameRun = useStable((id: string) => {
    for (let row = view.rows.first; row < view.rows.end; row++)
      if (runOf(row)?.id === id) return startEdit({ row, column: 0 });
  });
  const keys = useGridKeys(scroller, layout, runs.nRows, {
    onEnter(cursor) {
      const group = groupAt(cursor.row);
      const run = runOf(cursor.row);
      if (cursor.row < 0) openHeadMenu(cursor.column);
      else if (group) onOpen(group, !isOpenAt(cursor.row));
      else if (run && (cursor.column === 0 || !isEdited(columnAt(layout, cursor.column)?.id ?? "name")))
        void open(run);
      // of a value that is on its way nothing can be edited, and the page is not left either
      else startEdit(cursor);
    },
    onRename: (row) => void startEdit({ row, column: 0 }),
    onSelect(row, isRange) {
      const run = runOf(row);
      const group = groupAt(row);
      if (run) onSelect(row, run, true, isRange);
      else if (group) onGroupSelect(group, nSelectedIn(group) < group.nRuns);
    },
    onExtend(from, to) {
      const run = runOf(from);
      if (run && !selected.has(run.id)) selectRun(project, run.id, from);
      void selectUpTo(project, runs, to);
    },
    onSelectAll: () => onSelectAll(selected.size < runs.total),
    onEye(row) {
      const at = rowAt(row);
      const run = runOf(row);
      if (!at) return;
      const isOn = !eyes.isRowShown(at, run);
      if (run) eyes.onEye(row, run, isOn);
      if (at.kind === "group") eyes.onGroupEye(at.group, isOn);
    },
    onMenu({ row, column }) {
      if (row < 0) openHeadMenu(column);
      const run = runOf(row);
      const element = document.getElementById(cellId(row, "name"));
      if (run && element) onRunMenu(run, element);
    },
    onStar(row) {
      const run = runOf(row);
      if (run) onStar(run);
    },
    onCopy(cursor) {
      const value = valueAt(cursor);
      if (value !== undefined) void copyText(plainText(value), plainText(value).slice(0, 40) || "nothing");
    },
    onFold(row, isOpen) {
      const group = groupAt(row);
      if (!group || isOpenAt(row) === isOpen) return false;
      onOpen(group, isOpen);
      return true;
    },
    onShift: props.onShift,
    onEscape: clearSelection,
  });
  // another question begins at its first row, and so does the active cell: its row is another run now
  const { asked } = runs;
  const begin = useStable(() => {
    if (scroller.current) scroller.current.scrollTop = 0;
    keys.setCursor(({ row, column }) => ({ row: Math.min(row, 0), column }));
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: done when the question changes
  useLayoutEffect(() => begin(), [asked, begin]);
  useImperativeHandle(props.ref, () => ({
    enter() {
      keys.go({ row: 0, column: 0 });
      scroller.current?.focus({ preventScroll: true });
    },
  }));
  const isOpenAt = (index: number) => {
    const row = rowAt(index);
    return row?.kind === "group" && row.isOpen;
  };
  const openHeadMenu = (column: number) => {
    const id = columnAt(layout, column)?.id ?? "name";
    const element = document.getElementById(`head-${id}`);
    if (element) props.head.onMenu(id, element);
  };
  const onControl = ({ target }: MouseEvent) => {
    // the keyboard goes on where the pointer was
    if (!(target as Element).closest(".cb, .eye, .fold")) return;
    const row = (target as Element).closest<HTMLElement>("[data-index]");
    if (row) keys.setCursor({ row: Number(row.dataset.index), column: 0 });
    scroller.current?.focus({ preventScroll: true });
  };
  const hover = useRowHover(scroller);
  const cursorOf = (event: MouseEvent): Cursor | null => {
    const row = (event.target as Element).closest<HTMLElement>("[data-index]");
    const cell = (event.target as Element).closest<HTMLElement>("[aria-colindex]");
    if (!row || !cell) return null;
    return { row: Number(row.dataset.index), column: Number(cell.getAttribute("aria-colindex")) - 1 };
  };
  const onClick = (event: MouseEvent) => {
    onControl(event);
    if ((event.target as Element).closest("button, a, input")) return;
    const at = cursorOf(event);
    if (!at) return;
    const wasThere = keys.cursor.row === at.row && keys.cursor.column === at.column;
    keys.setCursor(at);
    if (wasThere && at.column > 0) startEdit(at);
  };
  const onDoubleClick = (event: MouseEvent) => {
    if ((event.target as Element).closest("button, input")) return;
    const at = cursorOf(event);
    if (at) startEdit(at);
  };

  const { rows, pins } = gridRows({
    project,
    runs,
    view,
    layout,
    looks,
    parts,
    figures,
    selected,
    baseline,
    isRowShown: eyes.isRowShown,
    nSelectedIn,
    handlers: {
      onSelect,
      onEye: eyes.onEye,
      onPalette,
      onMenu: onRunMenu,
      onStar,
      onOpen,
      onGroupEye: eyes.onGroupEye,
      onGroupPalette,
      onGroupSelect,
    },
  });

  const { cursor } = keys;
  const cursorColumn = columnAt(layout, cursor.column)?.id ?? "name";
  const [left, right] = edgesAt(layout, cursor.column);
  const isPinned = cursor.column <= layout.pinned.length;
  const ring = { top: cursor.row * ROW_PX, width: right - left, height: ROW_PX };
  const editor = editing && (
    <CellEditor
      key={`${editing.run.id}-${editing.column}`}
      column={columnAt(layout, editing.column)?.id ?? "name"}
      label={`${columnAt(layout, editing.column)?.label ?? "Name"} of ${editing.run.name}`}
      value={editing.value}
      tags={props.tags}
      box={{
        left: edgesAt(layout, editing.column)[0],
        top: editing.row * ROW_PX,
        width: edgesAt(layout, editing.column)[1] - edgesAt(layout, editing.column)[0],
        height: ROW_PX,
      }}
      onDone={(value, then) => {
        const { run, value: before, column, row } = editing;
        setEditing(null);
        scroller.current?.focus({ preventScroll: true });
        const name = columnAt(layout, column)?.id ?? "name";
        if (value !== undefined && isEdited(name)) void edit(run, name, before, value);
        if (then === "right" || then === "left")
          keys.go({ row, column: column + (then === "right" ? 1 : -1) });
      }}
    />
  );
  return (
    <>
      <div
        ref={scroller}
        className="rt-scroll"
        aria-busy={runs.isOld}
        role="treegrid"
        aria-label="Runs: arrows move, Enter opens or edits, space shows or hides, x selects, m opens the menu"
        aria-rowcount={runs.nRows + 2}
        aria-colcount={1 + layout.pinned.length + layout.scrolled.length}
        aria-multiselectable="true"
        aria-activedescendant={cursor.row < 0 ? `head-${cursorColumn}` : cellId(cursor.row, cursorColumn)}
        tabIndex={0}
        onKeyDown={keys.onKeyDown}
        onPointerOver={hover.onPointerOver}
        onPointerMove={holding.onPointerMove}
        onPointerLeave={() => {
          hover.onPointerLeave();
          holding.onPointerLeave();
        }}
        onScroll={holding.onPointerLeave}
        onClick={onClick}
        onDoubleClick={onDoubleClick}
      >
        <TableHead
          layout={layout}
          columns={view.columns}
          order={order}
          counts={props.counts}
          selection={selected.size === 0 ? "none" : selected.size >= runs.total ? "all" : "some"}
          openColumn={props.openColumn}
          cursorColumn={cursor.row < 0 ? cursorColumn : null}
          nRows={runs.nRows}
          onSelectAll={onSelectAll}
          {...props.head}
        />
        <div
          className="rt-body"
          role="rowgroup"
          style={{ width: layout.widthPx, height: runs.nRows * ROW_PX }}
        >
          <div className="rt-pins" role="presentation" style={{ width: layout.pinnedPx }}>
            <NamesBeside names={runs.first.map(({ name }) => name)}>{pins}</NamesBeside>
            {cursor.row >= 0 && isPinned && <span className="rt-cur" style={{ ...ring, left }} />}
            {editing && editing.column <= layout.pinned.length && editor}
          </div>
          {rows}
          {cursor.row >= 0 && !isPinned && <span className="rt-cur" style={{ ...ring, left }} />}
          {editing && editing.column > layout.pinned.length && editor}
        </div>
      </div>
      {runs.hasMoved && (
        <button type="button" className="btn sm rt-moved" onClick={() => runs.onHold(false)}>
          The order has changed
          <b>Show</b>
        </button>
      )}
      <RunMenu
        project={project}
        anchor={menu}
        actions={actions}
        onClose={() => setMenu(null)}
        // the menu gives the focus back first
        onRename={(run) => setTimeout(() => renameRun(run.id))}
      />
      {palettes}
    </>
  );
}
