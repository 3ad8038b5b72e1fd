/**
 * The rows of the runs list: only those in view are there, and all of them are within reach of the keyboard.
 */

import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from "react";
import type { RunGroup } from "@/api/groups";
import type { RunRow } from "@/api/run-rows";
import type { ProjectRef } from "@/api/types";
import { colorOfGroup } from "@/data/color";
import { formatNoun } from "@/data/format";
import { isGroupShown, isRunShown, isShownByPlace, withGroup, withRuns } from "@/data/shown-runs";
import { groupId } from "@/data/view/view";
import { NamesBeside } from "@/ui/mid-name";
import { useStable } from "@/ui/use-stable";
import {
  clearSelection,
  runOfRow,
  selectedIds,
  selectGroup,
  selectRun,
  selectUpTo,
  toggleRun,
  useSelectAll,
} from "../runs/run-selection";
import type { RowsEntry } from "../runs/use-entry";
import { useHolding } from "../runs/use-holding";
import { useProgress } from "../runs/use-progress";
import type { RunsListRow } from "../runs/use-runs";
import { useSetView, useView } from "../view/view-store";
import { GroupListRow } from "./group-row";
import type { PinnedColumn } from "./pinned-columns";
import { RunListRow, rowId } from "./run-row";
import { SkeletonRow } from "./skeleton-rows";
import type { WorkspaceRuns } from "./use-workspace-runs";

const ROW_PX = 28;
const OVERSCAN = 6;
/** A pointer that rests so long is forgotten. */
const REST_MILLIS = 8000;

interface RunRowsProps {
  readonly ref: Ref<RowsEntry>;
  readonly project: ProjectRef;
  readonly listed: WorkspaceRuns;
  readonly columns: readonly PinnedColumn[];
  readonly renaming: string | null;
  onMenu(run: RunRow, element: Element): void;
  onStar(run: RunRow): void;
  onGroupMenu(group: RunGroup, element: Element): void;
  onGroupPalette(group: RunGroup, element: Element): void;
  onPalette(run: RunRow, element: Element): void;
  onRename(run: RunRow): void;
  onRenamed(run: RunRow, name: string | null): void;
}

export function RunRows(props: RunRowsProps) {
  const { project, listed, columns, renaming } = props;
  const { runs } = listed;
  const navigate = useNavigate();
  const setView = useSetView();
  const selection = useView((view) => view.selection);
  const hiddenGroups = useView((view) => view.hiddenGroups);
  const shownGroups = useView((view) => view.shownGroups);
  const baseline = useView((view) => view.baseline);
  const progress = useProgress(project, listed.nRunning > 0);
  const scroller = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(0);
  const virtual = useVirtualizer({
    count: runs.nRows,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  const items = virtual.getVirtualItems();
  // a row that comes takes the elements of one that leaves, in their place
  const nSlots = Math.ceil((virtual.scrollRect?.height ?? 0) / ROW_PX) + 2 * OVERSCAN + 2;
  const slots = items.toSorted((a, b) => (a.index % nSlots) - (b.index % nSlots));
  // of a list in groups, those in sight
  const besides = runs.first.length > 0 ? runs.first : items.map(({ index }) => runOfRow(runs, index));
  const names = besides.flatMap((run) => run?.name ?? []);
  const firstSeen = items[0]?.index ?? 0;
  const lastSeen = items.at(-1)?.index ?? 0;
  const { onRange } = runs;
  useEffect(() => onRange(firstSeen, lastSeen), [onRange, firstSeen, lastSeen]);

  const selectAll = useSelectAll(project, runs);
  const holding = useHolding(runs.onHold, renaming !== null, REST_MILLIS);

  const shown = useMemo(
    () => ({ selection, hiddenGroups, shownGroups }),
    [selection, hiddenGroups, shownGroups],
  );
  const places = useMemo(
    () => new Map(runs.groups.map((group, i) => [groupId(group.values), i])),
    [runs.groups],
  );
  const isGroupOn = (values: readonly unknown[]) =>
    isGroupShown(shown, values, places.get(groupId(values.slice(0, 1))) ?? Number.POSITIVE_INFINITY);
  const isByDefault = (row: RunsListRow & { kind: "run" }, id: string) =>
    row.under ? isGroupOn(row.under) : isShownByPlace(selection, row.index, runs.running?.has(id) ?? false);

  // rows are memoised: their handlers must not change with each render
  const onToggle = useStable((index: number) => {
    const row = runs.rowAt(index);
    if (row?.kind === "group") {
      const { values } = row.group;
      const place = places.get(groupId(values.slice(0, 1))) ?? Number.POSITIVE_INFINITY;
      setView(withGroup(shown, values, place, !isGroupOn(values)));
    } else if (row?.kind === "run") {
      const run = runs.runAt(row);
      if (!run) return;
      const before = isByDefault(row, run.id);
      const isOn = isRunShown(selection, run.id, before);
      setView({ selection: withRuns(selection, [run.id], !isOn, before) });
    }
  });
  const onFold = useStable((index: number) => {
    const row = runs.rowAt(index);
    if (row?.kind !== "group") return;
    const id = groupId(row.group.values);
    setView(({ openGroups }) => ({
      openGroups: row.isOpen ? openGroups.filter((one) => one !== id) : [...openGroups, id],
    }));
  });
  const onSelect = useStable((run: RunRow, index: number, isRange: boolean) => {
    if (isRange) void selectUpTo(project, runs, index);
    else toggleRun(project, run.id, index);
  });
  const onGroupSelect = useStable((group: RunGroup) => {
    void selectGroup(project, runs, group.values, true);
  });
  const onOpen = useStable((run: RunRow) => {
    void navigate({ to: "/$entity/$project/runs/$run", params: { ...project, run: run.id } });
  });
  const onMenu = useStable(props.onMenu);
  const onStar = useStable(props.onStar);
  const onGroupMenu = useStable(props.onGroupMenu);
  const onGroupPalette = useStable(props.onGroupPalette);
  const onPalette = useStable(props.onPalette);
  const onRenamed = useStable((run: RunRow, name: string | null) => {
    props.onRenamed(run, name);
    scroller.current?.focus({ preventScroll: true });
  });

  const at = Math.min(current, runs.nRows - 1);
  const go = (index: number, isExtending: boolean) => {
    const next = Math.max(0, Math.min(runs.nRows - 1, index));
    if (isExtending) {
      const row = runs.rowAt(at);
      const run = row?.kind === "run" ? runs.runAt(row) : null;
      if (run && !selectedIds(project).has(run.id)) selectRun(project, run.id, at);
      void selectUpTo(project, runs, next);
    }
    setCurrent(next);
    virtual.scrollToIndex(next);
  };
  useImperativeHandle(props.ref, () => ({
    enter() {
      go(0, false);
      scroller.current?.focus({ preventScroll: true });
    },
  }));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== scroller.current || event.altKey) return;
    const row = runs.rowAt(at);
    if (!row) return;
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand && event.key !== "a") return;
    const run = row.kind === "run" ? runs.runAt(row) : null;
    const page = Math.floor((scroller.current?.clientHeight ?? 0) / ROW_PX) - 1;
    const isMore = event.shiftKey;
    const element = document.getElementById(rowId(at));
    const keys: Readonly<Record<string, (() => void) | undefined>> = {
      ArrowDown: () => go(at + 1, isMore),
      ArrowUp: () => go(at - 1, isMore),
      PageDown: () => go(at + page, isMore),
      PageUp: () => go(at - page, isMore),
      Home: () => go(0, isMore),
      End: () => go(runs.nRows - 1, isMore),
      ArrowRight: row.kind === "group" && !row.isOpen ? () => onFold(at) : undefined,
      ArrowLeft:
        row.kind === "group" && row.isOpen
          ? () => onFold(at)
          : row.kind === "run" && row.under
            ? () => go(runs.indexOfGroup(row.under ?? []) ?? at, false)
            : undefined,
      " ": () => onToggle(at),
      Enter:
        row.kind === "group"
          ? () => onFold(at)
          : row.kind === "more"
            ? () => runs.showMore(row.under)
            : run
              ? () => onOpen(run)
              : undefined,
      x: run
        ? () => toggleRun(project, run.id, at)
        : row.kind === "group"
          ? () => onGroupSelect(row.group)
          : undefined,
      a: isCommand ? selectAll : undefined,
      Escape: clearSelection,
      F2: run ? () => props.onRename(run) : undefined,
      s: run ? () => props.onStar(run) : undefined,
      m: element
        ? run
          ? () => props.onMenu(run, element)
          : row.kind === "group"
            ? () => props.onGroupMenu(row.group, element)
            : undefined
        : undefined,
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
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
        {...holding}
        onMouseDown={(event) => {
          const isControl = (event.target as Element).closest("a, button, input") !== null;
          // Shift and a click select runs, not text; the keys stay with the list
          if (event.shiftKey || !isControl) event.preventDefault();
          if (!isControl) event.currentTarget.focus({ preventScroll: true });
        }}
      >
        <div style={{ height: virtual.getTotalSize(), position: "relative" }} role="rowgroup">
          <NamesBeside names={names}>
            {slots.map(({ index, start }) => {
              const row = runs.rowAt(index);
              if (!row) return null;
              const key = index % nSlots;
              if (row.kind === "group")
                return (
                  <GroupListRow
                    key={key}
                    group={row.group}
                    color={colorOfGroup(runs.groupColors, groupId(row.group.values))}
                    row={index}
                    depth={row.depth}
                    columns={columns}
                    isOpen={row.isOpen}
                    isShown={isGroupOn(row.group.values)}
                    nShown={listed.shownOf(row.group.values)}
                    isCurrent={index === at}
                    top={start}
                    onFold={onFold}
                    onToggle={onToggle}
                    onCurrent={setCurrent}
                    onGroupSelect={onGroupSelect}
                    onGroupMenu={onGroupMenu}
                    onGroupPalette={onGroupPalette}
                  />
                );
              if (row.kind === "more")
                return <MoreRow key={key} top={start} n={row.n} onMore={() => runs.showMore(row.under)} />;
              const run = row.kind === "run" ? runs.runAt(row) : null;
              if (!run || row.kind !== "run")
                return <SkeletonRow key={key} place={index} nColumns={columns.length} top={start} />;
              return (
                <RunListRow
                  key={key}
                  project={project}
                  run={run}
                  color={runs.colorOf(run)}
                  row={index}
                  depth={row.depth}
                  columns={columns}
                  top={start}
                  isShown={isRunShown(selection, run.id, isByDefault(row, run.id))}
                  isCurrent={index === at}
                  isRenaming={run.id === renaming}
                  isBaseline={run.id === baseline}
                  progress={(run.state === "running" && progress.get(run.id)) || null}
                  onOpen={onOpen}
                  onToggle={onToggle}
                  onMenu={onMenu}
                  onStar={onStar}
                  onPalette={onPalette}
                  onSelect={onSelect}
                  onCurrent={setCurrent}
                  onRenamed={onRenamed}
                />
              );
            })}
          </NamesBeside>
        </div>
      </div>
    </div>
  );
}

function MoreRow({ top, n, onMore }: { top: number; n: number; onMore(): void }) {
  return (
    <div className="run-row more-row" role="row" style={{ transform: `translateY(${top}px)` }}>
      <button type="button" className="btn q sm" tabIndex={-1} onClick={onMore}>
        List more of {n.toLocaleString("en-US")} other groups
      </button>
    </div>
  );
}
