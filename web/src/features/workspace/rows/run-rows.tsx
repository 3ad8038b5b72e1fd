/**
 * The rows of the runs list: only those in view are there, and all of them are within reach of the keyboard.
 */

import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  lazy,
  type MouseEvent,
  type Ref,
  type RefObject,
  Suspense,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
} from "react";
import { useStore } from "zustand";
import type { RunGroup } from "@/api/runs/groups";
import type { ProjectRef } from "@/api/types";
import { formatNoun } from "@/data/text/format";
import { groupId } from "@/data/view/view";
import { keepScroll } from "@/ui/browser/kept-scroll";
import { useRowPx } from "@/ui/hooks/use-phone";
import { useFirstOpen } from "@/ui/overlays/use-first-open";
import { NamesBeside } from "@/ui/text/mid-name";
import { useRunMenus } from "../../runs/actions/run-menus";
import { useSelectAll, useSelectedIds } from "../../runs/actions/run-selection";
import { leftByKey, useReturnRow } from "../../runs/return-row";
import { useModel } from "../../runs/row-model";
import { namesInSight } from "../../runs/rows/names-in-sight";
import type { RowsEntry } from "../../runs/use-entry";
import { useHolding } from "../../runs/use-holding";
import { useRights } from "../../use-rights";
import { useReadView, useSetView } from "../../view/view-store";
import { ListModel } from "../list-model";
import type { PinnedColumn } from "../pinned/pinned-columns";
import type { WorkspaceRuns } from "../use-workspace-runs";
import { type GroupAnchor, groupAnchorAt } from "./group-anchor";
import { ListRows } from "./list-rows";
import { rowId } from "./run-row";

const SelectedInGroups = lazy(() => import("./selected-in-groups"));
const GroupRowMenu = lazy(() => import("./group-row-menu"));

const ROW_PX = 28;
const OVERSCAN = 6;
/** A pointer that rests so long is forgotten. */
const REST_MILLIS = 8000;

interface RunRowsProps {
  readonly ref: Ref<RowsEntry>;
  /** The heads of the columns, which move with them. */
  readonly heads: RefObject<HTMLElement | null>;
  readonly project: ProjectRef;
  readonly listed: WorkspaceRuns;
  readonly columns: readonly PinnedColumn[];
}

export function RunRows({ ref, heads, project, listed, columns }: RunRowsProps) {
  const { runs } = listed;
  const scroller = useRef<HTMLDivElement>(null);
  useEffect(() => (scroller.current ? keepScroll(scroller.current, "list") : undefined), []);
  const rowPx = useRowPx(ROW_PX);
  const virtual = useVirtualizer({
    count: runs.nRows,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: OVERSCAN,
  });
  const items = virtual.getVirtualItems();
  const firstSeen = items[0]?.index ?? 0;
  const lastSeen = items.at(-1)?.index ?? 0;
  const isMeasured = items.length > 0;
  const { onRange } = runs;
  useEffect(() => {
    if (isMeasured) onRange(firstSeen, lastSeen);
  }, [onRange, isMeasured, firstSeen, lastSeen]);

  const inSight = { first: firstSeen, end: lastSeen + 1 };
  const names = namesInSight(runs, inSight, listed.drawn);
  const selected = useSelectedIds(project);
  const [counts, setCounts] = useState<ReadonlyMap<string, number>>();
  const hasGroupsSelected = selected.size > 0 && runs.request.by.length > 0;
  const nSelectedIn = ({ values }: Pick<RunGroup, "values">) =>
    (hasGroupsSelected && counts?.get(groupId(values))) || 0;
  const navigate = useNavigate();
  const { mayWrite } = useRights(project);
  const [groupMenu, setGroupMenu] = useState<GroupAnchor | null>(null);
  const menus = useRunMenus(project, runs, (run) => list.beginRename(run));
  const { isMounted: isGroupMenuUsed } = useFirstOpen(groupMenu !== null);
  const openGroupMenu = (group: RunGroup, element: Element) => setGroupMenu(groupAnchorAt(group, element));
  const atRow = (row: number, open: (element: Element) => void) => {
    const element = document.getElementById(rowId(row));
    if (element) open(element);
  };
  const list = useModel(ListModel, {
    project,
    runs,
    mayWrite,
    readView: useReadView(),
    setView: useSetView(),
    nSelectedIn,
    openRun: ({ id }) => {
      leftByKey.run = document.activeElement === scroller.current ? id : null;
      void navigate({ to: "/$entity/$project/runs/$run", params: { ...project, run: id } });
    },
    turnStar: (run) => void menus.actions.turnStar(run),
    selectAll: useSelectAll(project, runs),
    pageRows: () => Math.floor((scroller.current?.clientHeight ?? 0) / rowPx) - 1,
    showRow: (index) => virtual.scrollToIndex(index),
    takeFocus: () => scroller.current?.focus({ preventScroll: true }),
    openRunMenu: (run, row) => atRow(row, (element) => menus.openers.onMenu(run, element)),
    openGroupMenu: (group, row) => atRow(row, (element) => openGroupMenu(group, element)),
    rename: (run, name) => void menus.actions.rename(run, name),
  });
  useReturnRow(runs, scroller, (row) => list.go(row, false));
  const { current, renaming } = useStore(list.store);
  const at = Math.min(current, runs.nRows - 1);
  const holding = useHolding(runs.onHold, renaming !== null, REST_MILLIS);
  useImperativeHandle(ref, () => ({
    enter() {
      list.go(0, false);
      scroller.current?.focus({ preventScroll: true });
    },
  }));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target === scroller.current && !event.altKey && list.press(event)) event.preventDefault();
  };
  const nSlots = Math.ceil((virtual.scrollRect?.height ?? 0) / rowPx) + 2 * OVERSCAN + 2;
  return (
    <div className="list-box">
      {runs.nWaiting > 0 && (
        <button
          type="button"
          className="btn sm waiting-runs"
          tabIndex={-1}
          onClick={() => runs.onHold(false)}
        >
          {formatNoun(runs.nWaiting, "new run")}
        </button>
      )}
      <div
        className={`list ${runs.isOld ? "old" : ""}`}
        ref={scroller}
        role="treegrid"
        aria-label="Runs: arrows move, space shows or hides, x selects, enter opens"
        aria-rowcount={runs.nRows}
        aria-multiselectable="true"
        aria-activedescendant={rowId(at)}
        aria-busy={runs.isOld}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onScroll={({ currentTarget }) => {
          if (heads.current) heads.current.scrollLeft = currentTarget.scrollLeft;
        }}
        {...holding}
        onMouseDown={keepFocus}
      >
        <div className="rows" style={{ height: virtual.getTotalSize() }} role="rowgroup">
          <NamesBeside names={names.texts}>
            <ListRows
              nameOf={names.nameOf}
              project={project}
              listed={listed}
              columns={columns}
              list={list}
              items={items}
              nSlots={nSlots}
              current={at}
              renaming={renaming}
              nSelectedIn={nSelectedIn}
              onGroupMenu={openGroupMenu}
              {...menus.openers}
            />
          </NamesBeside>
        </div>
      </div>
      {hasGroupsSelected && (
        <Suspense>
          <SelectedInGroups {...{ project, runs, selected }} rows={inSight} onCounts={setCounts} />
        </Suspense>
      )}
      {menus.opened}
      {isGroupMenuUsed && (
        <Suspense>
          <GroupRowMenu project={project} runs={runs} anchor={groupMenu} onClose={() => setGroupMenu(null)} />
        </Suspense>
      )}
    </div>
  );
}

/** Shift and a click select runs, not text; the keys stay with the list. */
function keepFocus(event: MouseEvent<HTMLElement>): void {
  const isControl = (event.target as Element).closest("a, button, input") !== null;
  if (event.shiftKey || !isControl) event.preventDefault();
  if (!isControl) event.currentTarget.focus({ preventScroll: true });
}
