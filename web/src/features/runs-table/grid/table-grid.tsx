/** The grid of the runs table: only the rows and columns in view are drawn, whatever their number. */

import { useNavigate } from "@tanstack/react-router";
import {
  type KeyboardEvent,
  type MouseEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
} from "react";
import { useStore } from "zustand";
import type { RunGroup } from "@/api/runs/groups";
import type { ProjectRef } from "@/api/types";
import { groupId } from "@/data/view/view";
import { copyText } from "@/ui/browser/copy-text";
import { keepScroll } from "@/ui/browser/kept-scroll";
import { useRunMenus } from "../../runs/actions/run-menus";
import { useSelectAll, useSelectedIds } from "../../runs/actions/run-selection";
import { leftByKey, useReturnRow } from "../../runs/return-row";
import { useModel } from "../../runs/row-model";
import { useNumberHidden } from "../../runs/rows/hidden-selection";
import { useSelectedInGroups } from "../../runs/rows/use-selected-in-groups";
import type { RowsEntry } from "../../runs/use-entry";
import { useHolding } from "../../runs/use-holding";
import type { Runs } from "../../runs/use-runs";
import { useRights } from "../../use-rights";
import { useReadView, useSetView, useView } from "../../view/view-store";
import type { ColumnModel } from "../columns/column-model";
import { saveCell } from "../columns/edited-columns";
import type { SampledFacts } from "../columns/use-column-looks";
import { useTableCells } from "../use-table-cells";
import { cellAt, pageRows, showCell } from "./grid-cells";
import { cellId, columnIdAt, type GridLayout, nColumns } from "./grid-layout";
import { GridModel } from "./grid-model";
import { GridRows } from "./grid-rows";
import { TableHead } from "./table-head";
import { useGridWindow } from "./use-grid-window";
import { useRowHover } from "./use-row-hover";
import { useScrollAnchor } from "./use-scroll-anchor";

interface TableGridProps {
  readonly ref: Ref<RowsEntry>;
  readonly project: ProjectRef;
  readonly runs: Runs;
  readonly layout: GridLayout;
  readonly facts: readonly SampledFacts[];
  readonly counts: Readonly<Record<string, string>>;
  /** Tags in use in the project. */
  readonly tags: readonly string[];
  readonly columns: ColumnModel;
}

export function TableGrid(props: TableGridProps) {
  const { project, runs, layout, columns } = props;
  const scroller = useRef<HTMLDivElement>(null);
  useEffect(() => (scroller.current ? keepScroll(scroller.current, "table") : undefined), []);
  const view = useGridWindow(scroller, layout, runs.nRows);
  const { onRange, request } = runs;
  useEffect(() => onRange(view.rows.first, view.rows.end), [onRange, view.rows]);
  const pinnedIds = useMemo(() => layout.pinned.map((column) => column.id), [layout]);
  const scrolledIds = useMemo(() => layout.scrolled.map((column) => column.id), [layout]);
  const parts = useTableCells(project, runs, view.rows, pinnedIds, scrolledIds, view.columns);
  const selected = useSelectedIds(project);
  const nListed = selected.size - useNumberHidden(project, runs);
  const counts = useSelectedInGroups(project, runs, selected, view.rows);
  const nSelectedIn = ({ values }: Pick<RunGroup, "values">) => counts.get(groupId(values)) ?? 0;
  const navigate = useNavigate();
  const { mayWrite } = useRights(project);
  // the menu gives the focus back first
  const menus = useRunMenus(project, runs, ({ id }) => setTimeout(() => grid.rename(id)));
  const grid = useModel(GridModel, {
    project,
    runs,
    layout,
    rows: view.rows,
    parts,
    nSelectedIn,
    nSelected: nListed,
    mayWrite,
    readView: useReadView(),
    setView: useSetView(),
    openRun: ({ id }) => {
      leftByKey.run = document.activeElement === scroller.current ? id : null;
      void navigate({ to: "/$entity/$project/runs/$run", params: { ...project, run: id } });
    },
    turnStar: (run) => void menus.actions.turnStar(run),
    selectAll: useSelectAll(project, runs),
    pageRows: () => pageRows(scroller.current),
    showCell: (cursor) => scroller.current && showCell(scroller.current, layout, cursor),
    takeFocus: () => scroller.current?.focus({ preventScroll: true }),
    openHeadMenu(column) {
      const element = document.getElementById(`head-${column}`);
      if (element) columns.onMenu(column, element);
    },
    openRunMenu(run, row) {
      const element = document.getElementById(cellId(row, "name"));
      if (element) menus.openers.onMenu(run, element);
    },
    shiftColumn: columns.onShift,
    copy: (text) => void copyText(text, text.slice(0, 40) || "nothing"),
    save: (...edit) => void saveCell(menus.actions, ...edit),
  });
  const { cursor, editing } = useStore(grid.store);
  const cursorColumn = columnIdAt(layout, cursor.column);
  useScrollAnchor(
    scroller,
    runs,
    view.rows,
    useView((state) => state.openGroups),
  );
  const holding = useHolding(runs.onHold, editing !== null);
  const hover = useRowHover(scroller);
  const begun = useRef(request);
  useLayoutEffect(() => {
    if (begun.current === request) return;
    begun.current = request;
    if (scroller.current) scroller.current.scrollTop = 0;
    grid.begin();
  }, [request, grid]);
  const added = useStore(columns.windows, (windows) => windows.added);
  useEffect(() => {
    const index = layout.scrolled.findIndex(({ id }) => id === added);
    if (index < 0 || !scroller.current) return;
    columns.onAdded(null);
    showCell(scroller.current, layout, { row: -1, column: layout.pinned.length + 1 + index });
  }, [added, layout, columns]);
  useReturnRow(runs, scroller, (row) => grid.go({ row, column: 0 }));
  useImperativeHandle(props.ref, () => ({
    enter() {
      grid.go({ row: 0, column: 0 });
      scroller.current?.focus({ preventScroll: true });
    },
  }));

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== scroller.current || event.altKey) return;
    // what is marked with the pointer is copied by the browser
    if (event.key === "c" && window.getSelection()?.toString()) return;
    if (grid.press(event)) event.preventDefault();
  };
  const onClick = ({ target }: MouseEvent) => {
    const at = cellAt(target);
    if ((target as Element).closest(".cb, .eye, .fold")) grid.clickControl(at?.row ?? null);
    else if (at && !(target as Element).closest("button, a, input")) grid.click(at);
  };
  const onDoubleClick = ({ target }: MouseEvent) => {
    const at = cellAt(target);
    if (at && !(target as Element).closest("button, input")) grid.edit(at);
  };
  return (
    <>
      <div
        ref={scroller}
        className="rt-scroll"
        aria-busy={runs.isOld}
        role="treegrid"
        aria-label="Runs: arrows move, Enter opens or edits, space shows or hides, x selects, m opens the menu"
        aria-rowcount={runs.nRows + 2}
        aria-colcount={nColumns(layout)}
        aria-multiselectable="true"
        aria-activedescendant={cursor.row < 0 ? `head-${cursorColumn}` : cellId(cursor.row, cursorColumn)}
        tabIndex={0}
        onKeyDown={onKeyDown}
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
          order={useView((state) => state.order)}
          counts={props.counts}
          selection={nListed === 0 ? "none" : nListed >= runs.total ? "all" : "some"}
          openColumn={useStore(columns.windows, ({ menu }) => menu?.column ?? null)}
          cursorColumn={cursor.row < 0 ? cursorColumn : null}
          nRows={runs.nRows}
          onSelectAll={grid.selectAll}
          onMenu={columns.onMenu}
          onResize={columns.onResize}
          onMove={columns.onMove}
        />
        <GridRows
          project={project}
          runs={runs}
          grid={grid}
          view={view}
          layout={layout}
          facts={props.facts}
          parts={parts}
          selected={selected}
          tags={props.tags}
          nSelectedIn={nSelectedIn}
          openers={menus.openers}
        />
      </div>
      {runs.hasMoved && (
        <button type="button" className="btn sm rt-moved" onClick={() => runs.onHold(false)}>
          The order has changed
          <b>Show</b>
        </button>
      )}
      {menus.opened}
    </>
  );
}
